"""Every file that is dropped becomes a task, or many, or goes to quarantine by name; none is forgotten."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lambdas.common.failures import UnavailableError
from lambdas.table_etl.contract import FilePosition, Form, ReasonCode, Task, quarantine_prefix
from lambdas.table_etl.domain.history.files import Dropped
from lambdas.table_etl.workflow.planning import Plan
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.table_etl.fake_files import EXPORT, SUMMARY, Slice, summary
from tests.table_etl.filing import MOMENT

EXPORTED = datetime(2026, 11, 20, 7, 28, 34, 28_000, tzinfo=UTC)
ITEM = b'{"Item":{}}'


def dropped(key: str, version_id: str = "v-1") -> Dropped:
    return Dropped("backfill", key, version_id, MOMENT, 10)


def data_file(name: str) -> Task:
    return Task(
        bucket="backfill",
        key=f"{EXPORT}data/{name}.json.gz",
        version_id="",
        form=Form.EXPORT,
        gzip=True,
        moment=EXPORTED,
    )


def refused(world: Slice, key: str) -> tuple[ReasonCode, str]:
    assert world.planner.plan(dropped(key)) == Plan(0, rejected=True)
    [line] = world.quarantined()
    assert world.queue.tasks == []
    assert line.position == FilePosition("backfill", key, "v-1", 0)
    assert (line.form, line.payload, line.complete) == (None, key.encode(), False)
    return line.reason, line.message


def test_a_dropped_file_becomes_a_task() -> None:
    world = Slice()
    assert world.planner.plan(dropped("old/orders.csv.gz")) == Plan(1, rejected=False)
    assert world.queue.tasks == [
        Task(bucket="backfill", key="old/orders.csv.gz", version_id="v-1", form=Form.CSV, gzip=True, moment=MOMENT)
    ]


def test_a_file_of_another_kind_goes_to_quarantine_under_the_day_of_its_drop() -> None:
    world = Slice()
    assert refused(world, "orders.parquet")[0] is ReasonCode.UNSUPPORTED_FILE
    [key] = world.quarantine.buckets["quarantine"]
    assert key.startswith(quarantine_prefix(date(2026, 11, 25)))


def test_an_export_becomes_a_task_for_each_file_that_has_items() -> None:
    world = Slice()
    world.export(("a", [ITEM] * 4), ("empty", []), ("b", [ITEM]))
    assert world.planner.plan(dropped(SUMMARY)) == Plan(2, rejected=False)
    assert world.queue.tasks == [data_file("a"), data_file("b")]


def test_the_parts_of_an_export_are_left_to_its_summary() -> None:
    world = Slice()
    world.export(("a", [ITEM]))
    parts = [key for key, version in world.bucket.versions if version and key != SUMMARY]
    assert [world.planner.plan(dropped(key)) for key in parts] == [Plan(0, rejected=False)] * 2


def test_an_incremental_export_is_as_of_its_end_and_its_files_stand_in_the_shared_folder() -> None:
    world = Slice()
    window = {"exportFromTime": "2026-11-20T00:00:00.000Z", "exportToTime": "2026-11-20T12:00:00.000Z"}
    more = {"exportType": "INCREMENTAL_EXPORT", "outputView": "NEW_AND_OLD_IMAGES"}
    world.export(exportTime=None, **window, **more)
    shared = {"itemCount": 3, "md5Checksum": "…", "etag": "…", "dataFileS3Key": "old/AWSDynamoDB/data/x.json.gz"}
    world.bucket.drop(f"{EXPORT}manifest-files.json", json.dumps(shared).encode())
    world.planner.plan(dropped(SUMMARY))
    [task] = world.queue.tasks
    assert (task.key, task.moment) == ("old/AWSDynamoDB/data/x.json.gz", datetime(2026, 11, 20, 12, tzinfo=UTC))


def test_an_export_may_be_copied_to_another_prefix() -> None:
    world = Slice()
    world.export(("a", [ITEM]))
    for (key, version), content in list(world.bucket.versions.items()):
        world.bucket.versions["copied/to/" + key.removeprefix("old/"), version] = content
        del world.bucket.versions[key, version]
    copied = "copied/to/" + SUMMARY.removeprefix("old/")
    assert world.planner.plan(dropped(copied)) == Plan(1, rejected=False)
    [task] = world.queue.tasks
    assert (task.key, None) in world.bucket.versions


def test_an_export_in_ion_is_refused_with_what_to_do() -> None:
    world = Slice()
    world.export(("a", [ITEM]), outputFormat="ION")
    reason, message = refused(world, SUMMARY)
    assert reason is ReasonCode.UNSUPPORTED_FILE
    assert "DYNAMODB_JSON" in message


SUMMARIES: dict[str, bytes] = {
    "no JSON": b"{",
    "not UTF-8": b'{"outputFormat":"\xff"}',
    "a list": b"[]",
    "no time": json.dumps(summary(exportTime=None)).encode(),
    "no zone": json.dumps(summary(exportTime="2026-11-20T07:28:34")).encode(),
    "no list of files": json.dumps(summary(manifestFilesS3Key=None)).encode(),
    "files elsewhere": json.dumps(summary(manifestFilesS3Key="secret/manifest-files.json")).encode(),
}


@pytest.mark.parametrize("content", SUMMARIES.values(), ids=SUMMARIES)
def test_a_bad_summary_goes_to_quarantine(content: bytes) -> None:
    world = Slice()
    world.export(("a", [ITEM]))
    world.bucket.drop(SUMMARY, content)
    assert refused(world, SUMMARY)[0] is ReasonCode.BAD_MANIFEST


LISTINGS = {
    "no JSON": b"{",
    "not UTF-8": b'{"itemCount":1,"dataFileS3Key":"\xff"}',
    "no key": b'{"itemCount":1}',
    "file elsewhere": b'{"itemCount":1,"dataFileS3Key":"secret/a.json.gz"}',
}


@pytest.mark.parametrize("line", LISTINGS.values(), ids=LISTINGS)
def test_a_bad_list_of_files_goes_to_quarantine_and_none_of_them_is_loaded(line: bytes) -> None:
    world = Slice()
    world.export(("a", [ITEM]))
    listing = world.bucket.versions[f"{EXPORT}manifest-files.json", None]
    world.bucket.drop(f"{EXPORT}manifest-files.json", listing + b"\n" + line)
    assert refused(world, SUMMARY)[0] is ReasonCode.BAD_MANIFEST


def test_an_export_without_its_list_of_files_says_what_to_do() -> None:
    world = Slice()
    world.bucket.drop(SUMMARY, json.dumps(summary()).encode())
    reason, message = refused(world, SUMMARY)
    assert reason is ReasonCode.FILE_GONE
    assert "manifest-files.json is not there" in message


def test_a_manifest_that_is_too_big_goes_to_quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.table_etl.domain.history.manifests.MOST_BYTES", 100)
    world = Slice()
    world.export(("a", [ITEM]))
    assert refused(world, SUMMARY)[0] is ReasonCode.BAD_MANIFEST


def plan_with(fault: Fault, at: int) -> tuple[Slice, int]:
    """Plans an export of 25 files and a file of another kind, with a fault at one call, until all is done."""
    world = Slice()
    world.export(*((f"f{number}", [ITEM]) for number in range(25)))
    world.outside.decide = lambda _: fault if len(world.outside.calls) == at + 1 else Fault.NONE
    for _ in range(2):
        for key in (SUMMARY, "orders.zip"):
            try:
                world.planner.plan(dropped(key))
            except (Killed, UnavailableError):
                continue
    return world, len(world.outside.calls)


CALLS = plan_with(Fault.NONE, 0)[1] // 2


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("at", range(CALLS))
def test_whatever_fails_every_task_is_sent_and_quarantine_is_complete(fault: Fault, at: int) -> None:
    world, _ = plan_with(fault, at)
    assert {task.key for task in world.queue.tasks} == {data_file(f"f{number}").key for number in range(25)}
    assert [line.payload for line in world.quarantined()] == [b"orders.zip"]


def test_the_same_file_again_sends_equal_tasks() -> None:
    world: Any = Slice()
    world.export(("a", [ITEM]))
    world.planner.plan(dropped(SUMMARY))
    world.planner.plan(dropped(SUMMARY))
    first, second = world.queue.bodies
    assert first == second
