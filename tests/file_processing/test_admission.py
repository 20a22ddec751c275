"""What the catalog makes of changes of the inbox, one after the other; `test_exactness` has all the rest."""

from __future__ import annotations

import json
from typing import Any, Self

import pytest

from lambdas.file_processing.contract.tables import Status, file_id
from lambdas.file_processing.domain.catalog import Current, Origin, Settlement, Version
from tests.events import s3 as events
from tests.file_processing import model
from tests.file_processing.fakes import ARRIVALS, INBOX, QUARANTINE
from tests.file_processing.world import FailedError, World
from tests.support.fake_aws import Fault
from tests.support.schedule import Command, Worker


@pytest.fixture
def world() -> World:
    return World()


class Vast(bytes):
    """Content that claims to be so long."""

    size: int

    def __new__(cls, size: int) -> Self:
        made = super().__new__(cls)
        made.size = size
        return made

    def __len__(self) -> int:
        return self.size


def take_in(world: World) -> None:
    """All that has arrived, in order."""
    while world.sqs.queues[ARRIVALS]:
        world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop(0))


def state(world: World, key: str) -> Current:
    found = world.catalog.get(file_id(INBOX, key))
    assert found
    return found


def version(world: World, key: str) -> Version:
    found = world.catalog.version(file_id(INBOX, key), state(world, key).version_id or "")
    assert found
    return found


def test_an_upload_is_recognised_and_its_lane_is_told(world: World) -> None:
    world.s3.upload("docs/a.jpg", model.TEXT)
    take_in(world)
    shown = state(world, "docs/a.jpg")
    assert (shown.kind, shown.status, shown.size) == ("text", Status.PROCESSING, len(model.TEXT))
    told = [json.loads(each) for each in world.sqs.queues["lane/extract"]]
    assert told == [{"file_id": shown.file_id, "generation": shown.generation}]


def test_the_event_of_an_older_upload_shows_nothing_that_is_gone(world: World) -> None:
    world.s3.upload("a", model.TEXT)
    world.s3.upload("a", model.IMAGE)
    first, second = world.sqs.queues[ARRIVALS]
    world.deliver(ARRIVALS, second)
    world.deliver(ARRIVALS, first)
    assert state(world, "a").kind == "image"


def test_the_upload_of_a_removal_that_came_first_shows_nothing(world: World) -> None:
    world.s3.upload("a", model.IMAGE)
    world.s3.delete("a")
    created, removed = world.sqs.queues[ARRIVALS]
    world.deliver(ARRIVALS, removed)
    world.deliver(ARRIVALS, created)
    assert state(world, "a").status is Status.DELETED


def test_the_removal_of_the_newest_version_shows_the_one_before_in_a_generation_of_its_own(world: World) -> None:
    world.s3.upload("a", model.TEXT)
    take_in(world)
    before = state(world, "a")
    world.s3.upload("a", model.IMAGE)
    take_in(world)
    world.s3.delete_version("a", -1)
    take_in(world)
    after = state(world, "a")
    assert (after.version_id, after.kind) == (before.version_id, "text")
    assert after.generation != before.generation


def test_the_removal_of_an_old_version_changes_nothing_that_is_shown(world: World) -> None:
    world.s3.upload("a", model.TEXT)
    world.s3.upload("a", model.IMAGE)
    take_in(world)
    before, told = state(world, "a"), list(world.sqs.queues["index"])
    world.s3.delete_version("a", 0)
    take_in(world)
    assert state(world, "a").generation == before.generation
    assert world.sqs.queues["index"] == told


def test_the_index_is_told_at_once_that_something_else_is_shown(world: World) -> None:
    """What was shown is found no more, however long its successor takes."""
    world.s3.upload("a", model.TEXT)
    take_in(world)
    assert world.sqs.queues["index"] == []
    world.s3.upload("a", model.ROWS)
    take_in(world)
    assert [json.loads(each) for each in world.sqs.queues["index"]] == [{"file_id": state(world, "a").file_id}]


def test_a_job_is_done_anew_if_another_version_came_and_went_meanwhile(world: World) -> None:
    """MediaConvert may have read that one."""
    world.s3.upload("a", model.TEXT)
    take_in(world)
    before = state(world, "a")
    assert world.catalog.settle(before, Settlement(status=Status.TRANSCODING, job="job"))
    world.s3.upload("a", model.IMAGE)
    world.s3.delete_version("a", -1)
    take_in(world)
    after = state(world, "a")
    assert (after.version_id, after.status) == (before.version_id, Status.PROCESSING)
    assert after.generation != before.generation


def test_a_folder_is_no_file(world: World) -> None:
    world.s3.upload("docs/", b"")
    take_in(world)
    assert state(world, "docs/").generation is None


def test_a_file_that_is_too_big_is_quarantined_unread(world: World) -> None:
    world.s3.upload("a", model.TOO_BIG)
    take_in(world)
    shown, about = state(world, "a"), version(world, "a")
    assert (shown.status, about.reason_code, about.sha256) == (Status.REJECTED, "too_many_bytes", None)
    prefix = f"{shown.file_id}/{shown.generation}/"
    assert world.s3.buckets[QUARANTINE][f"{prefix}original"] == model.TOO_BIG
    assert json.loads(world.s3.buckets[QUARANTINE][f"{prefix}reason.json"])["code"] == "too_many_bytes"


@pytest.mark.parametrize(
    ("size", "kept"), [(5 * 1024**3, {"original", "reason.json"}), (5 * 1024**3 + 1, {"reason.json"})]
)
def test_more_than_one_request_copies_stays_in_the_inbox(world: World, size: int, kept: set[str]) -> None:
    world.s3.upload("a", Vast(size))
    take_in(world)
    prefix = f"{state(world, 'a').file_id}/{state(world, 'a').generation}/"
    assert {each.removeprefix(prefix) for each in world.s3.buckets[QUARANTINE]} == kept
    reason = json.loads(world.s3.buckets[QUARANTINE][f"{prefix}reason.json"])
    assert ("stays in the inbox" in reason["message"]) == ("original" not in kept)
    assert (reason["key"], reason["version_id"]) == ("a", state(world, "a").version_id)


@pytest.mark.parametrize(
    ("data", "settled"), [(model.IMAGE, True), (model.TOO_BIG, True), (model.TEXT, False)], ids=["kept", "bad", "lane"]
)
def test_what_no_lane_processes_is_settled_as_it_is_taken_in(world: World, data: bytes, settled: bool) -> None:  # noqa: FBT001
    world.s3.upload("a", data)
    take_in(world)
    about = version(world, "a")
    assert about.settled_at == (about.recognized_at if settled else None)


def test_a_copy_names_the_file_that_had_its_content_first(world: World) -> None:
    world.s3.upload("first", model.IMAGE)
    world.s3.upload("second", model.IMAGE)
    take_in(world)
    first = version(world, "first")
    assert first.duplicate_of is None
    assert version(world, "second").duplicate_of == Origin(
        file_id=first.file_id, name="first", version_id=first.version_id
    )


def test_empty_files_are_no_copies_of_each_other(world: World) -> None:
    world.s3.upload("first", b"")
    world.s3.upload("second", b"")
    take_in(world)
    assert version(world, "second").duplicate_of is None


def test_of_two_equal_files_at_the_same_time_one_is_the_copy(world: World) -> None:
    """Both have seen that nobody was first."""
    workers = []
    for key in ("one", "other"):
        world.s3.upload(key, model.IMAGE)
        body = world.sqs.queues[ARRIVALS].pop()
        workers.append(Worker(lambda body=body: world.deliver(ARRIVALS, body)))  # type: ignore[misc]
    while world.outside.calls.count("GetItem") < 4:
        for worker in workers:
            worker.step()
    for worker in workers:
        worker.finish()
    copies = [version(world, key).duplicate_of for key in ("one", "other")]
    assert sorted(each is None for each in copies) == [False, True]


def test_the_next_event_tells_whom_a_killed_one_has_not_told(world: World) -> None:
    """What was shown first is discarded, although the event that replaced it never came to its end."""
    world.s3.upload("a", model.TEXT)
    take_in(world)
    first = state(world, "a").generation
    world.sqs.queues["lane/extract"].clear()
    world.s3.upload("a", model.IMAGE)
    killed = world.sqs.queues[ARRIVALS].pop()
    worker = Worker(lambda: world.deliver(ARRIVALS, killed))
    while worker.running:
        done = world.outside.calls.count("TransactWriteItems")
        worker.step(Command.KILL_BEFORE if done == 2 else Command.RUN)
    world.s3.upload("a", model.ROWS)
    take_in(world)
    told = [json.loads(each)["generation"] for each in world.sqs.queues["lane/extract"]]
    assert told == [first]


def test_a_message_that_no_one_understands_comes_again_alone(world: World) -> None:
    with pytest.raises(FailedError):
        world.deliver(ARRIVALS, "{}")
    assert "MalformedArrivalError" in world.observability.errors[0]


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.NO_ANSWER])
@pytest.mark.parametrize("call", ["GetItem", "GetObject", "TransactWriteItems", "SendMessage", "UpdateItem"])
def test_an_outage_makes_the_message_come_again(world: World, call: str, fault: Fault) -> None:
    world.s3.upload("a", model.TEXT)
    body = world.sqs.queues[ARRIVALS].pop()
    world.outside.decide = lambda name: fault if name == call else Fault.NONE
    with pytest.raises(FailedError):
        world.deliver(ARRIVALS, body)
    assert world.observability.errors == []


def test_an_event_without_a_version_waits_for_a_bucket_with_versions(world: World) -> None:
    record: Any = events.record("ObjectCreated:Put", INBOX, "a", sequencer="1")
    with pytest.raises(FailedError):
        world.deliver(ARRIVALS, json.dumps(events.notification(record)))
