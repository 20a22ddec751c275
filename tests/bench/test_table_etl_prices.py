"""The bill of table ETL is reckoned as AWS does, from what was measured and from what the stack sets."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bench.bill import MEMORY_MB, Line, total
from bench.table_etl import bill
from bench.table_etl.bill import Compacting, Compactions, Month, Usage, straightforward
from bench.table_etl.inputs import DAYS
from bench.table_etl.lakes import Bucket, compactor
from lambdas.table_etl.contract import NO_ROW, StagedRow, live_version
from prices import prices
from stacks.blocks.function import INCLUDED_STORAGE_MB
from stacks.table_etl.config import TableEtlConfig, TargetKind
from tests.table_etl.stacks import configured

USAGE = Usage(
    changes=1000,
    inserted=600,
    seconds=0.1,
    calls={"PutObject": 1, "BatchGetItem": 10, "TransactWriteItems": 20, "PutEvents": 100},
    write_units=3000,
    projected_units=1000,
    read_units=900,
    stored_bytes=1024 * 1024,
    s3_bytes=60_000,
    event_units=1100,
    log_bytes=624,
)
COMPACTING = Compacting(start_seconds=1, run_seconds=0.5, version_seconds=4e-6, row_seconds=2e-6, row_bytes=100)
MONTH = Month(1e9, USAGE, prices(), COMPACTING)
NEW_ROWS = 600e6
REWRITTEN = NEW_ROWS / 30 * 2.5
"""The two days before today, and half of today."""
RUNS = 2880
RUN_SECONDS = (
    (3 * 0.5 + 4e-6 * 1e9 / RUNS + 2e-6 * REWRITTEN)
    + (1e6 / RUNS * 60_000 + 2 * REWRITTEN * 100) / 80e6
    + (1e6 / RUNS + 3 * 4) * 0.030
    + 9 * 0.040
    + 4 * 0.050
)
SECONDS = RUNS * (1 + RUN_SECONDS + 6 * 0.050)


DOLLARS = {
    "Load: Lambda requests": 0.2,
    # 0.1 s of CPU; 10 reads of 6 ms, 20 transactions of 20, 100 puts of events of 20, and one of an object of 40.
    "Load: Lambda GB-seconds": 1e6 * 2.6 * 1769 / 1024 * 0.0000133334,
    "DynamoDB write units, table": 3e9 * 0.625e-6,
    "DynamoDB write units, index": 1e9 * 0.625e-6,
    "DynamoDB read units": 0.9e9 * 0.125e-6,
    "DynamoDB GB-months": 1e6 / 1024 * 0.25,
    "Load: S3 PUT requests": 5,
    "Compact: schedule": RUNS * 1e-6,
    "Compact: Lambda requests": RUNS * 0.2e-6,
    "Compact: Lambda GB-seconds": SECONDS * 3008 / 1024 * 0.0000133334,
    "Compact: storage GB-seconds": SECONDS * 3.5 * 0.0000000309,
    "Compact: S3 PUT and LIST requests": RUNS * (9 + 6) * 5e-6,
    "Compact: S3 GET requests": (1e6 + RUNS * 12) * 0.4e-6,
    # A month's rows, and 96 generations of what each run replaces.
    "S3 GB-months of Parquet": (NEW_ROWS + 96 * REWRITTEN) * 100 / 1024**3 * 0.023,
    "EventBridge events": 1100,
    "CloudWatch GB of logs": (1e6 * 1024 + RUNS * 1300) / 1024**3 * 0.5,
    "X-Ray traces": (1e6 + RUNS) * 5e-6,
    "CloudWatch metrics": 12 * 0.3,
    "CloudWatch alarms": 22 * 0.1,
    "CloudWatch dashboard": 3,
    "SQS requests of an idle queue": 648_000 * 0.4e-6,
}
"""Lines of a month of a billion changes."""


def _line(what: str, month: Month = MONTH) -> Line:
    (found,) = [each for each in month.lines() if each.what == what]
    return found


@pytest.mark.parametrize("what", DOLLARS)
def test_a_billion_changes(what: str) -> None:
    assert _line(what).month == pytest.approx(DOLLARS[what])


def test_there_is_no_other_line() -> None:
    assert [line.what for line in MONTH.lines()] == list(DOLLARS)


def test_without_lake_and_outlet_nobody_pays_for_them() -> None:
    usage = replace(USAGE, calls={"BatchGetItem": 10, "TransactWriteItems": 20}, s3_bytes=0, event_units=0)
    month = Month(1e9, usage, prices())
    names = [line.what for line in month.lines()]

    assert not [name for name in names if name.startswith(("Compact", "S3", "Load: S3", "EventBridge"))]
    assert _line("CloudWatch alarms", month).month == pytest.approx(1.8)
    assert _line("CloudWatch metrics", month).month == pytest.approx(2.1)
    assert _line("X-Ray traces", month).month == pytest.approx(5)


def test_more_than_a_chunk_of_staged_objects_rewrites_its_days_again() -> None:
    compactions = Compactions(1e9, 1e6, NEW_ROWS, 3 * 64 * 1024**2 * RUNS, COMPACTING)

    assert compactions.chunks == 3
    assert compactions.puts == 3 * 9 * RUNS


def test_runs_that_find_nothing_only_list() -> None:
    compactions = Compactions(1e6, 1000, 600_000, 60e6, COMPACTING)

    assert compactions.busy == 1000
    assert compactions.puts == 9000
    assert compactions.lists == 6 * RUNS


def test_neither_options_nor_others_are_in_the_total() -> None:
    lines = MONTH.lines()
    options = [MONTH.in_small_batches(USAGE), MONTH.of_query(), *straightforward(1e9, USAGE, prices()), total(lines)]

    assert total([*lines, *options]).month == total(lines).month


def test_small_batches_cost_what_a_month_of_them_costs() -> None:
    small = replace(USAGE, changes=2, write_units=6)

    assert MONTH.in_small_batches(small).what == "all of it, in batches of 2"
    assert MONTH.in_small_batches(small).month == total(Month(1e9, small, prices(), COMPACTING).lines()).month


def test_straightforward_waits_for_every_put() -> None:
    usage = replace(USAGE, calls={"PutItem": 950, "DeleteItem": 50}, write_units=1000)
    requests, gb_seconds, writes = straightforward(1e9, usage, prices())

    assert requests.month == pytest.approx(0.2)
    assert gb_seconds.month == pytest.approx(1e6 * 5.1 * 1769 / 1024 * 0.0000133334)
    assert writes.month == pytest.approx(625)


def test_every_price_that_the_bill_names_is_in_the_file() -> None:
    named = set(re.findall(r'"((?:[a-z0-9]+-)+[a-z0-9]+)"', Path(bill.__file__).read_text()))

    assert named
    assert named <= prices().keys()


# --- what the bill takes for granted --------------------------------------------------------------------------------


def _three_days(number: int) -> bytes:
    days = [f"2026-11-2{day}" for day in range(DAYS)]
    rows = [StagedRow(f'["customer#1","order#{day}"]', live_version(str(number)), day, NO_ROW) for day in days]
    return gzip.compress(msgspec.json.Encoder().encode_lines(rows))


def test_a_compaction_makes_the_requests_that_are_billed() -> None:
    bucket = Bucket()
    for number in range(5):
        bucket.now += timedelta(hours=13)  # so that there is always a generation to be swept
        bucket.calls = Counter()
        bucket.stage(str(number), _three_days(number))
        assert not compactor(bucket).run(lambda: 900.0).errors
    billed = Compactions(1e6, RUNS, 1e6, 1e6, COMPACTING)

    assert bucket.calls["ListObjectsV2"] == billed.lists / RUNS
    assert bucket.calls["GetObject"] == billed.gets / RUNS
    assert bucket.calls["PutObject"] == billed.puts / RUNS
    assert bucket.calls["DeleteObjects"] == 1 + DAYS


def test_the_bill_takes_the_defaults_of_the_stack() -> None:
    config = TableEtlConfig()

    assert config.load_function.memory_mb == MEMORY_MB
    assert config.compact_function.memory_mb == bill.COMPACT_MEMORY_MB
    assert config.compact_function.storage_mb == bill.COMPACT_STORAGE_MB
    assert config.compact_every_minutes == bill.EVERY_MINUTES
    assert config.grace_hours == bill.GRACE_HOURS
    assert config.compact_chunk_bytes == bill.CHUNK_BYTES
    assert bill.INCLUDED_STORAGE_MB == INCLUDED_STORAGE_MB


@pytest.mark.parametrize(
    ("targets", "alarms"),
    [((TargetKind.READ_MODEL,), 18), ((TargetKind.READ_MODEL, TargetKind.LAKE, TargetKind.OUTLET), 22)],
)
def test_the_bill_has_all_alarms_of_the_stack(targets: tuple[TargetKind, ...], alarms: int, tmp_path: Path) -> None:
    template = configured(TableEtlConfig(targets=targets), tmp_path)

    assert len(template.of_type("AWS::CloudWatch::Alarm")) == alarms
    assert bill.ALARMS + (bill.COMPACT_ALARMS if TargetKind.LAKE in targets else 0) == alarms
