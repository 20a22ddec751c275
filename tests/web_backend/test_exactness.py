"""No edit is lost, however two clients' calls fall between each other, fail, or are made twice.

Each client reads, appends a mark of its own to what it read, and writes that with the ETag that it read. An edit that
was answered 200 has to be in what is there in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.fake_aws import Fault
from tests.support.schedule import Killed, Worker
from tests.support.schedules import SCHEDULES, under_schedules
from tests.web_backend.client import Client, Response
from tests.web_backend.world import FAULTS, Retry, World


@dataclass(frozen=True)
class Schedule:
    """Everything that chance decides."""

    resource: str
    edits: tuple[int, int]
    """Of each client."""
    order: list[int]
    """Whose call comes next."""
    faults: list[Any]
    """What happens to each call."""


def turns(each: list[tuple[int, int]]) -> list[int]:
    """Whose turn it is, some several times in a row."""
    return [who for who, often in each for _ in range(often)]


schedules = st.builds(
    Schedule,
    st.sampled_from(["item", "preferences", "new item"]),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.lists(st.tuples(st.integers(0, 1), st.integers(1, 4)), min_size=4, max_size=20).map(turns),
    st.lists(st.sampled_from([Fault.NONE] * 8 + FAULTS), min_size=8, max_size=40),
)


@dataclass
class Outcome:
    """What became of edits."""

    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass
class Gallery:
    """One item, whose title holds the marks."""

    client: Client
    item_id: str = ""

    def make(self) -> None:
        self.item_id = self.client.create("0").json["item_id"]

    def read(self) -> Response:
        return self.client.item(self.item_id)

    def marks(self, found: Response) -> list[str]:
        return str(found.json["title"]).split(",")

    def write(self, marks: list[str], etag: str) -> Response:
        return self.client.update(self.item_id, ",".join(marks), etag)


@dataclass
class NewGallery(Gallery):
    """The item is made while the other client looks for it."""

    def make(self) -> None:
        pass

    def read(self) -> Response:
        listed = self.client("GET /items")
        if listed.status != 200 or not listed.json["items"]:
            return listed
        self.item_id = listed.json["items"][0]["item_id"]
        return super().read()


@dataclass
class Likes:
    """Preferences, in which tags are the marks."""

    client: Client

    def make(self) -> None:
        pass

    def read(self) -> Response:
        return self.client("GET /me/preferences")

    def marks(self, found: Response) -> list[str]:
        return list(found.json["tags"])

    def write(self, marks: list[str], etag: str) -> Response:
        return self.client("PUT /me/preferences", {"tags": dict.fromkeys(marks, 1)}, headers={"if-match": etag})


RESOURCES: dict[str, Callable[[Client], Any]] = {"item": Gallery, "preferences": Likes, "new item": NewGallery}


def edit(resource: Any, who: int, count: int, outcome: Outcome) -> None:
    """Makes so many edits; what fails or is killed is left as it is, and the next one is made."""
    for at in range(count):
        mark = f"{who}-{at}"
        try:
            found = resource.read()
            if found.status != 200 or "etag" not in found.headers:
                continue
            answer = resource.write([*resource.marks(found), mark], found.etag)
        except Killed:
            continue
        assert answer.status in {200, 412, 503}, answer
        if answer.status == 200:
            outcome.done.append(mark)
        elif answer.status == 412:
            outcome.refused.append(mark)


def create(client: Client) -> None:
    try:
        client("POST /items", {"title": "0"})
    except Killed:
        return


def check(schedule: Schedule) -> None:
    """Runs two clients by the schedule, and looks at what is there."""
    world, outcome = World(), Outcome()
    with world.clients() as client:
        resources = [RESOURCES[schedule.resource](client) for _ in schedule.edits]
        resources[0].make()
        if isinstance(resources[0], Gallery):
            resources[1].item_id = resources[0].item_id
        # The first call is the creator's: that it is made twice is all that can go wrong with it.
        faults = iter([Retry.REPEATED] * (schedule.resource == "new item") + schedule.faults)
        world.decide = lambda: next(faults, Fault.NONE)
        work: list[Callable[[], None]] = [
            partial(edit, each, who, schedule.edits[who], outcome) for who, each in enumerate(resources)
        ]
        if schedule.resource == "new item":
            work[0] = partial(create, client)
        run([Worker(each) for each in work], schedule.order)
        world.decide = lambda: Fault.NONE
        found = resources[1].read()
        assert_nothing_is_lost(resources[1].marks(found) if "etag" in found.headers else [], outcome)


def run(workers: list[Worker], order: list[int]) -> None:
    whose = cycle(order)
    while any(each.running for each in workers):
        chosen = workers[next(whose)]
        (chosen if chosen.running else next(each for each in workers if each.running)).step()
    for each in workers:
        assert each.error is None, each.error


def assert_nothing_is_lost(marks: list[str], outcome: Outcome) -> None:
    """What was answered 200 is there, once; what was refused is not.

    There is one way in which an edit is there that was refused: boto3 made the call again, and in between somebody else
    made an edit on top of it.
    """
    assert len(set(marks)) == len(marks)
    assert [mark for mark in outcome.done if mark not in marks] == []
    assert marks[-1:] not in [[mark] for mark in outcome.refused]


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_no_edit_is_lost_and_none_is_made_twice(schedule: Schedule) -> None:
    check(schedule)


def test_edits_without_any_faults_are_all_made() -> None:
    """Or else nothing would be shown of those that are."""
    world, outcome = World(), Outcome()
    with world.clients() as client:
        gallery = Gallery(client)
        gallery.make()
        edit(gallery, 0, 3, outcome)
        assert gallery.marks(gallery.read()) == ["0", "0-0", "0-1", "0-2"]


def test_a_change_that_boto3_makes_twice_is_answered_as_made() -> None:
    world, outcome = World(), Outcome()
    with world.clients() as client:
        gallery = Gallery(client)
        gallery.make()
        world.decide = lambda: Retry.REPEATED
        edit(gallery, 0, 3, outcome)
    assert (outcome.done, outcome.refused) == (["0-0", "0-1", "0-2"], [])
