"""All that comes out of one upload, however deep in archives, is bounded and counted once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import msgspec
import pytest

from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.limits import MEBIBYTE, ArchiveLimits, Limits
from lambdas.file_processing.contract.messages import Member, MemberArrival
from lambdas.file_processing.contract.tables import CURRENT, EXPIRES_AT, SORT, Status
from lambdas.file_processing.domain.catalog import Current, Share
from tests.file_processing import model
from tests.file_processing import world as worlds
from tests.file_processing.conftest import Cloud
from tests.file_processing.fakes import ARRIVALS, INDEX, PRODUCTS
from tests.file_processing.world import LANES, World
from tests.support.fake_aws import client_error
from tests.support.schedule import Command, Worker

UNPACK = LANES[Lane.UNPACK]


@pytest.fixture(autouse=True)
def large_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worlds, "MAX_BYTES", MEBIBYTE)


def nested(*widths: int) -> bytes:
    """So many archives of so many archives … of so many texts."""
    if not widths:
        return model.TEXT
    return model.archive({str(number): nested(*widths[1:]) for number in range(widths[0])})


def sizes_of(*widths: int) -> list[int]:
    """Bytes of all that comes out of it."""
    return widths[0] * [len(nested(*widths[1:])), *sizes_of(*widths[1:])] if widths else []


@dataclass
class Play:
    """Delivers every message there is: in any order, twice, and before that killed after each of its calls."""

    limits: ArchiveLimits
    seed: int = 1
    announced: dict[str, Member] = field(default_factory=dict)
    """Members that were ever announced, by file id."""

    def __post_init__(self) -> None:
        self.world = World(limits=Limits(archives=self.limits))
        self._delivered: set[tuple[str, str]] = set()

    def upload(self, data: bytes) -> None:
        self.world.s3.upload("a.zip", data)
        chance = random.Random(self.seed)
        while pending := [(name, each) for name, each in self.world.sqs.queues.items() if each and name != INDEX]:
            name, bodies = chance.choice(pending)
            body = bodies.pop(chance.randrange(len(bodies)))
            self._note(body)
            if (name, body) not in self._delivered:
                self._delivered.add((name, body))
                self._deliver(name, body)

    def _note(self, body: str) -> None:
        if "member" in msgspec.json.decode(body):
            member = msgspec.json.decode(body, type=MemberArrival).member
            self.announced[member.file_id] = member

    def _deliver(self, queue: str, body: str) -> None:
        for calls in range(1000 if queue == UNPACK else 0):
            worker = Worker(lambda: self.world.deliver(queue, body))
            for _ in range(calls):
                if worker.running:
                    worker.step()
            if not worker.running:
                break
            worker.step(Command.KILL_AFTER)
        for _ in range(2):
            self.world.deliver(queue, body)

    @property
    def counted(self) -> list[tuple[int, int]]:
        """Members and bytes that came out of each upload, as the catalog has it."""
        sums = [each for each in self.world.items("budget#") if each[SORT]["S"] == CURRENT]
        return [(int(each["members"]["N"]), int(each["bytes"]["N"])) for each in sums]

    def refused(self) -> set[str]:
        """File ids of archives that were rejected."""
        found = [each for each in self.world.versions() if each.status is Status.REJECTED]
        assert {each.reason_code for each in found} <= {"upload_holds_too_much"}
        return {each.file_id for each in found}


@pytest.mark.parametrize("seed", range(4))
def test_a_bomb_of_three_levels_ends_where_its_upload_has_no_more_to_spend(seed: int) -> None:
    """Whatever is opened first, all archives here have 5 members: 8 of 31 are opened."""
    play = Play(ArchiveLimits(max_entries=5, max_all_members=43), seed)
    play.upload(nested(5, 5, 5))
    assert len(play.announced) == 40
    assert [members for members, _ in play.counted] == [40]


@pytest.mark.parametrize("seed", range(4))
def test_a_bomb_of_bytes_ends_there_too(seed: int) -> None:
    most = sum(sizes_of(3, 3, 3)) - 1
    play = Play(ArchiveLimits(max_total_bytes=most, max_all_bytes=most), seed)
    play.upload(nested(3, 3, 3))
    written = [len(play.world.s3.buckets[PRODUCTS][each.key]) for each in play.announced.values()]
    assert play.counted == [(len(written), sum(written))]
    assert sum(written) <= most
    assert play.refused()


def test_an_archive_for_which_nothing_is_left_is_rejected_by_itself() -> None:
    play = Play(ArchiveLimits(max_entries=5, max_all_members=43))
    play.upload(nested(5, 5, 5))
    refused = play.refused()
    archives = {each.file_id: each for each in play.world.states() if each.kind == "archive"}
    assert {each.status for each in archives.values() if each.file_id not in refused} == {Status.READY}
    assert {each.parent for each in play.announced.values()} == archives.keys() - refused


def test_a_verdict_says_what_to_do() -> None:
    play = Play(ArchiveLimits(max_entries=5, max_all_members=6))
    play.upload(nested(1, 6))
    [message] = [each.reason_message for each in play.world.versions() if each.reason_message]
    assert "6 files of 48 bytes" in message
    assert message.endswith("; upload it by itself")


def test_archives_that_hold_as_much_as_is_allowed_are_opened() -> None:
    most = sum(sizes_of(3, 3, 3))
    play = Play(ArchiveLimits(max_entries=3, max_all_members=3 + 9 + 27, max_total_bytes=most, max_all_bytes=most))
    play.upload(nested(3, 3, 3))
    assert not play.refused()
    assert len(play.announced) == 3 + 9 + 27


def test_thousands_of_files_in_archives_within_an_archive_are_honest() -> None:
    world = World()
    world.s3.upload("a.zip", nested(2, 600))
    while pending := [name for name in (UNPACK, ARRIVALS) if world.sqs.queues[name]]:
        world.deliver(pending[0], world.sqs.queues[pending[0]].pop())
    states = [each for each in world.states() if each.depth == 2]
    assert (len(states), {each.kind for each in states}) == (1_200, {"text"})


def test_every_upload_has_a_budget_of_its_own() -> None:
    """The second time under the same key: what the first one spent went with it."""
    play = Play(ArchiveLimits(max_entries=4, max_all_members=8))
    play.upload(nested(2, 3))
    play.upload(nested(2, 3))
    assert play.counted == [(8, sum(sizes_of(2, 3)))] * 2
    assert not play.refused()


def test_of_two_archives_of_one_upload_that_are_opened_at_once_one_gets_what_is_left() -> None:
    for calls in range(1000):
        world = World(limits=Limits(archives=ArchiveLimits(max_entries=5, max_all_members=5)))
        world.s3.upload("a.zip", nested(2, 3))
        world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop())
        world.deliver(UNPACK, world.sqs.queues[UNPACK].pop())
        while world.sqs.queues[ARRIVALS]:
            world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop())
        one, other = world.sqs.queues[UNPACK]
        slow = Worker(lambda: world.deliver(UNPACK, one))  # noqa: B023  it ends in this round
        for _ in range(calls):
            if slow.running:
                slow.step()
        if not slow.running:
            break
        world.deliver(UNPACK, other)
        slow.finish()
        statuses = [each.status for each in world.states() if each.depth == 1]
        assert sorted(statuses) == [Status.READY, Status.REJECTED]
        assert len(world.sqs.queues[ARRIVALS]) == 3
    assert calls > 5


# --- what the catalog writes --------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
MOST = Share(members=10, bytes=100)


@pytest.fixture
def catalog(cloud: Cloud) -> DynamoCatalog:
    return DynamoCatalog(cloud.dynamodb, "catalog", keep_days=30, now=lambda: NOW, sleep=lambda _: None)


def archive(name: str, root: str | None = "root/1") -> Current:
    return Current(
        file_id=name, bucket="", object_key="", name="", root=root, sequencer="", status=Status.PROCESSING,
        generation="1",
    )  # fmt: skip


def test_members_and_bytes_are_both_bounded(catalog: DynamoCatalog) -> None:
    assert catalog.reserve(archive("a"), Share(members=8, bytes=50), MOST)
    assert not catalog.reserve(archive("b"), Share(members=3, bytes=1), MOST)
    assert not catalog.reserve(archive("c"), Share(members=1, bytes=51), MOST)
    assert catalog.reserve(archive("d"), Share(members=2, bytes=50), MOST)


def test_the_archive_that_was_uploaded_spends_of_the_same_budget(catalog: DynamoCatalog) -> None:
    assert catalog.reserve(archive("root", root=None), Share(members=8, bytes=1), MOST)
    assert not catalog.reserve(archive("a"), Share(members=3, bytes=1), MOST)


def test_what_was_reserved_stays_so_though_nothing_is_left_by_now(catalog: DynamoCatalog) -> None:
    for name in ("a", "b", "a", "b"):
        assert catalog.reserve(archive(name), Share(members=5, bytes=50), MOST)


def test_other_uploads_have_other_budgets(catalog: DynamoCatalog) -> None:
    assert catalog.reserve(archive("a"), MOST, MOST)
    assert catalog.reserve(archive("b", root="root/2"), MOST, MOST)


def test_archives_of_one_upload_that_are_opened_at_once_wait_for_each_other(
    catalog: DynamoCatalog, cloud: Cloud
) -> None:
    """As many as run at a time; longer than the totals of files are waited for, which are spread."""
    reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    conflict = client_error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)
    with patch.object(cloud.dynamodb, "transact_write_items", side_effect=[*[conflict] * 13, {}]):
        assert catalog.reserve(archive("a"), MOST, MOST)


def test_budgets_are_kept_for_their_days(catalog: DynamoCatalog, cloud: Cloud) -> None:
    catalog.reserve(archive("a"), MOST, MOST)
    items = cloud.dynamodb.scan(TableName="catalog")["Items"]
    expiry = str(int((NOW + timedelta(days=30)).timestamp()))
    assert [each[EXPIRES_AT]["N"] for each in items] == [expiry] * 2


@pytest.mark.parametrize("one", ["max_entries", "max_total_bytes"])
def test_one_archive_may_not_hold_more_than_all(one: str) -> None:
    with pytest.raises(ValueError, match=rf"archives.{one} of 20000000000 .* out of an upload: raise max_all_"):
        ArchiveLimits(**{one: 20_000_000_000})
