"""What S3 tells of a dropped object, and what its name says about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.table_etl.contract import Form, ReasonCode, Task
from lambdas.table_etl.domain.history import files
from lambdas.table_etl.domain.history.files import Dropped, MalformedEventError, dropped, file_id, is_export, is_nothing
from lambdas.table_etl.domain.rejection import Rejected
from tests.events import s3

EXPORT = "AWSDynamoDB/01693685827463-2d8752fd/"


def record(key: str, **more: Any) -> dict[str, Any]:
    return s3.record("ObjectCreated:Put", "backfill", key, sequencer="01", version_id="v-1", **more)


def file(key: str, **more: Any) -> Dropped:
    [found] = dropped(s3.notification(record(key, **more)))
    return found


def task(key: str) -> Task:
    return files.task(file(key))


@pytest.mark.parametrize("key", ["old orders/2025+2026.csv", "caf\u00e9 100%.csv", "a&b=c.csv"])
def test_keys_are_read_as_they_stand_in_the_bucket(key: str) -> None:
    assert file(key).key == key


def test_rows_are_as_of_when_the_file_was_dropped() -> None:
    when = datetime(2026, 11, 25, 9, 30, 0, 123_000, tzinfo=UTC)
    assert files.task(file("a.csv", time="2026-11-25T09:30:00.123Z")).moment == when


def test_all_records_of_a_notification_are_told_of() -> None:
    assert [each.key for each in dropped(s3.notification(record("a.csv"), record("b.csv")))] == ["a.csv", "b.csv"]


MALFORMED = {
    "no event of S3": {"Records": [{"eventSource": "aws:sqs", "body": "{}"}]},
    "no records": {"detail": {}},
    "no version": s3.notification(s3.record("ObjectCreated:Put", "b", "a.csv", sequencer="01")),
    "removal": s3.notification(s3.record("ObjectRemoved:Delete", "b", "a.csv", sequencer="01", version_id="v")),
    "no time": s3.notification(record("a.csv", time="yesterday")),
    "records of another kind": {"Records": [1]},
}


@pytest.mark.parametrize("event", MALFORMED.values(), ids=MALFORMED)
def test_other_events_are_errors_that_end_in_the_failure_queue(event: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError, match="versioned S3 bucket"):
        dropped(event)


@pytest.mark.parametrize(
    ("key", "form", "gzip"),
    [
        ("a.jsonl", Form.JSON, False),
        ("a.ndjson", Form.JSON, False),
        ("a.JSONL.GZ", Form.JSON, True),
        ("x/y.ndjson.gz", Form.JSON, True),
        ("a.csv", Form.CSV, False),
        ("A.CSV.gz", Form.CSV, True),
        ("AWSDynamoDB/notes.csv", Form.CSV, False),
    ],
)
def test_the_name_says_what_a_file_is(key: str, form: Form, gzip: bool) -> None:  # noqa: FBT001
    assert (task(key).form, task(key).gzip) == (form, gzip)
    assert (task(key).key, task(key).version_id) == (key, "v-1")


@pytest.mark.parametrize(
    "key", ["a.json", "a.zip", "a.parquet", "a.csv.zip", "csv", "a.gz", "a.csv.gz.gz", "a.jsonl.bz2"]
)
def test_files_of_other_kinds_are_rejected_with_what_to_do(key: str) -> None:
    with pytest.raises(Rejected, match=r"\.jsonl.*\.csv.*drop it again") as verdict:
        task(key)
    assert verdict.value.code is ReasonCode.UNSUPPORTED_FILE


@pytest.mark.parametrize("prefix", ["", "a/b/", "old exports/"])
def test_the_summary_stands_for_an_export(prefix: str) -> None:
    assert is_export(f"{prefix}{EXPORT}manifest-summary.json")


@pytest.mark.parametrize("key", ["manifest-summary.json", "MyAWSDynamoDB/1/manifest-summary.json", f"{EXPORT}a.json"])
def test_other_objects_do_not(key: str) -> None:
    assert not is_export(key)


@pytest.mark.parametrize(
    "name",
    [
        "_started",
        "_progress.json",
        "manifest-files.json",
        "manifest-files.md5",
        "manifest-files.checksum",
        "manifest-summary.md5",
        "manifest-summary.checksum",
        "data/jd3u5rh2xi3w3mcbq5uvqqqqqq.json.gz",
        "../data/jd3u5rh2xi3w3mcbq5uvqqqqqq.json.gz",
    ],
)
def test_the_summary_brings_the_other_parts_of_an_export_in(name: str) -> None:
    key = f"prefix/{EXPORT}{name}" if not name.startswith("../") else f"prefix/AWSDynamoDB/{name[3:]}"
    assert is_nothing(file(key))


@pytest.mark.parametrize("key", [f"{EXPORT}orders.jsonl", "data/a.json.gz", f"{EXPORT}manifest-summary.json", "a.csv"])
def test_no_other_file_is_passed_over(key: str) -> None:
    assert not is_nothing(file(key))


def test_a_folder_that_a_console_made_is_nothing_but_one_with_content_is_a_file() -> None:
    assert is_nothing(file("old/", size=0))
    assert not is_nothing(file("old/", size=5))


def test_files_are_told_apart_by_all_that_identifies_them() -> None:
    names = [("b", "k", "v"), ("c", "k", "v"), ("b", "l", "v"), ("b", "k", "w"), ("bk", "", "v")]
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    tasks = [Task(bucket=b, key=k, version_id=v, form=Form.CSV, gzip=False, moment=moment) for b, k, v in names]
    assert len({file_id(each) for each in tasks}) == len(names)
    assert all(len(file_id(each)) == 8 for each in tasks)
