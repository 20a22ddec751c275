"""What every lane does with a generation, one message after the other; `test_exactness` has all the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lambdas.file_processing.contract import Lane, quarantine_prefix
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.contract.tables import Status, file_id
from lambdas.file_processing.domain.catalog import Current, Version
from lambdas.file_processing.domain.processing import Input, Job, Kind, Processed, Product, Rejected
from lambdas.file_processing.runtime.lanes import LaneRuntime
from tests.file_processing import model
from tests.file_processing.fakes import ARRIVALS, INBOX, PRODUCTS, QUARANTINE
from tests.file_processing.model import KINDS
from tests.file_processing.world import LANES, FailedError, World
from tests.support.schedule import Command, Worker

EXTRACT = LANES[Lane.EXTRACT]


@pytest.fixture
def world() -> World:
    return World()


def arrive(world: World, data: bytes) -> Current:
    """A file that its lane has been told of."""
    world.s3.upload("a", data)
    while world.sqs.queues[ARRIVALS]:
        world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop(0))
    return state(world)


def state(world: World) -> Current:
    found = world.catalog.get(file_id(INBOX, "a"))
    assert found
    return found


def version(world: World) -> Version:
    found = world.catalog.version(file_id(INBOX, "a"), state(world).version_id or "")
    assert found
    return found


def message(file: Current) -> str:
    return msgspec.json.encode(Work(file_id=file.file_id, generation=file.generation or "")).decode()


def with_kind(world: World, lane: Lane, process: Any, **more: Any) -> None:
    """Another processor of texts."""
    kind = Kind("text", "text/plain", KINDS["text"].claims, order=10, lane=lane, process=process)
    runtime = world.lanes[LANES[lane]]
    workflow = runtime.workflow
    changed = {"kinds": {"text": kind}, **more}
    fields = {name: getattr(workflow, name) for name in workflow.__dataclass_fields__} | changed
    world.lanes[LANES[lane]] = LaneRuntime(runtime.consumer, type(workflow)(**fields))


def test_what_a_processor_makes_of_a_file_is_its_record(world: World) -> None:
    file = arrive(world, model.ROWS)
    world.deliver(LANES[Lane.VALIDATE], message(file))
    about = version(world)
    assert (about.status, [each.name for each in about.products]) == (Status.READY, ["valid/rows.csv"])
    assert world.s3.buckets[PRODUCTS] == {about.products[0].key: b"good"}
    assert about.products[0].bytes == len(b"good")
    assert world.s3.buckets[QUARANTINE] == {about.quarantined[0].key: b"bad"}


def test_a_bad_file_is_quarantined_with_the_reason(world: World) -> None:
    file = arrive(world, model.BAD)
    world.deliver(EXTRACT, message(file))
    about = version(world)
    assert (about.status, about.reason_code, about.reason_message) == (Status.REJECTED, "damaged", "4 bytes")
    prefix = quarantine_prefix(file.file_id, file.generation or "")
    assert world.s3.buckets[QUARANTINE][f"{prefix}original"] == model.BAD
    assert json.loads(world.s3.buckets[QUARANTINE][f"{prefix}reason.json"]) == {
        "code": "damaged",
        "message": "4 bytes",
        "file_id": file.file_id,
        "name": "a",
        "kind": "bad",
        "bucket": INBOX,
        "key": "a",
        "version_id": "v1",
    }


def test_products_of_a_file_that_was_replaced_meanwhile_are_taken_back(world: World) -> None:
    """The lane was asked to discard them while they were on their way."""
    file = arrive(world, model.TEXT)
    late = Worker(lambda: world.deliver(EXTRACT, message(file)))
    late.step()
    arrive(world, model.IMAGE)
    world.deliver(EXTRACT, message(file))
    late.finish()
    assert late.error is None
    assert world.s3.buckets[PRODUCTS] == {}


def test_a_late_lane_settles_no_generation_but_its_own(world: World) -> None:
    """The version is shown again, in another generation, whose products are not there yet."""
    file = arrive(world, model.TEXT)
    late = Worker(lambda: world.deliver(EXTRACT, message(file)))
    while "PutObject" not in world.outside.calls:
        late.step()
    arrive(world, model.IMAGE)
    world.s3.delete_version("a", -1)
    world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop())
    late.finish()
    assert state(world).status is Status.PROCESSING


def test_a_version_that_is_gone_leaves_the_rest_to_the_event_of_its_removal(world: World) -> None:
    file = arrive(world, model.TEXT)
    world.s3.delete_version("a", -1)
    world.deliver(EXTRACT, message(file))
    assert state(world) == file


def test_an_archive_that_turns_out_bad_keeps_no_members_of_an_earlier_attempt(world: World) -> None:
    """The one before was killed before it could settle, and a newer processor finds fault with the file."""
    file = arrive(world, model.SMALL_ARCHIVE)
    killed = Worker(lambda: world.deliver(LANES[Lane.UNPACK], message(file)))
    while "SendMessageBatch" not in world.outside.calls:
        killed.step()

    def reject(*_: Any) -> Processed:
        raise Rejected("too_many_entries", "one is too many")

    kind = Kind("archive", "application/zip", KINDS["archive"].claims, order=10, lane=Lane.UNPACK, process=reject)
    with pytest.MonkeyPatch.context() as patches:
        patches.setitem(KINDS, "archive", kind)
        world.deliver(LANES[Lane.UNPACK], message(file))
    while world.sqs.queues[ARRIVALS]:
        world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop())
    members = [each for each in world.states() if each.depth]
    assert [each.status for each in members] == [Status.DELETED]
    assert world.s3.buckets[PRODUCTS] == {}


def test_facts_that_do_not_fit_into_an_item_are_a_fault_of_the_processor(world: World) -> None:
    def talk(*_: Any) -> Processed:
        return Processed(facts={"words": "x" * 70_000})

    with_kind(world, Lane.EXTRACT, talk)
    file = arrive(world, model.TEXT)
    with pytest.raises(FailedError):
        world.deliver(EXTRACT, message(file))
    assert "belong into a product" in world.observability.errors[0]


def test_a_kind_without_its_module_waits_for_the_deployment_that_has_it(world: World) -> None:
    file = arrive(world, model.TEXT)
    with_kind(world, Lane.EXTRACT, None)
    with pytest.raises(FailedError):
        world.deliver(EXTRACT, message(file))
    assert state(world).status is Status.PROCESSING


def long_film(given: Input, output: Path, _: Limits) -> Processed:
    poster = output / "poster.jpg"
    poster.write_bytes(given.path.read_bytes())
    job = Job(
        heights={"720p": 720}, seconds=4000.0, width=1280, height=720, rotation=0, has_video=True, has_audio=True
    )  # fmt: skip
    return Processed(facts={"seconds": 4000}, products=(Product("poster.jpg", poster, "image/jpeg"),), job=job)


class Jobs:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.started: list[tuple[str, str, str]] = []

    def start(self, _: Job, source: str, destination: str, token: str) -> str:
        self.started.append((source, destination, token))
        return "job-1"


def test_a_job_leaves_the_file_transcoding_with_what_there_is_already(world: World) -> None:
    jobs = Jobs()
    with_kind(world, Lane.EXTRACT, long_film, jobs=jobs)
    file = arrive(world, model.TEXT)
    world.deliver(EXTRACT, message(file))
    about = version(world)
    assert (about.status, about.job, about.facts) == (Status.TRANSCODING, "job-1", '{"seconds":4000}')
    assert [each.name for each in about.products] == ["poster.jpg"]
    token = f"{file.file_id}/{file.generation}"
    assert jobs.started == [("s3://inbox/a", f"s3://products/products/{token}/", token)]
    assert world.sqs.queues["index"] == []


def test_a_file_that_is_being_transcoded_is_not_transcoded_again(world: World) -> None:
    jobs = Jobs()
    with_kind(world, Lane.EXTRACT, long_film, jobs=jobs)
    file = arrive(world, model.TEXT)
    world.deliver(EXTRACT, message(file))
    world.deliver(EXTRACT, message(file))
    assert len(jobs.started) == 1


def test_a_long_film_is_rejected_where_mediaconvert_is_off(world: World) -> None:
    with_kind(world, Lane.EXTRACT, long_film)
    file = arrive(world, model.TEXT)
    world.deliver(EXTRACT, message(file))
    assert (version(world).status, version(world).reason_code) == (Status.REJECTED, "too_long")
    assert world.s3.buckets[PRODUCTS] == {}


def test_a_message_that_no_lane_understands_comes_again(world: World) -> None:
    with pytest.raises(FailedError):
        world.deliver(EXTRACT, "[]")


def unpack(world: World, file: Current) -> Worker:
    return Worker(lambda: world.deliver(LANES[Lane.UNPACK], message(file)))


def test_members_are_noted_before_anybody_hears_of_them(world: World) -> None:
    worker = unpack(world, arrive(world, model.SMALL_ARCHIVE))
    while not world.sqs.queues[ARRIVALS]:
        worker.step()
    assert len(world.items("members#")) == 1
    worker.finish()


def test_members_come_once_although_an_old_version_of_their_archive_goes_meanwhile(world: World) -> None:
    """That gives the archive a later sequencer, between two attempts to unpack it."""
    arrive(world, model.IMAGE)
    file = arrive(world, model.SMALL_ARCHIVE)
    worker = unpack(world, file)
    while not world.sqs.queues[ARRIVALS]:
        worker.step()
    worker.step(Command.KILL_BEFORE)
    first = world.sqs.queues[ARRIVALS].pop()
    world.s3.delete_version("a", 0)
    world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop())
    unpack(world, file).finish()
    assert world.sqs.queues[ARRIVALS] == [first]
