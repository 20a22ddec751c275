"""The prices are complete, dated and sourced, and bills are reckoned as AWS does."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from bench.bill import Line, total
from bench.stream_analytics import bill
from bench.stream_analytics.bill import Month, Usage, billion
from prices import Price, Tier, prices

USAGE = Usage(
    events=1000,
    records=1000,
    record_bytes=250,
    seconds=0.010,
    calls={"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1, "BatchWriteItem": 0, "PutObject": 1},
    write_units=40,
    index_units=0,
    read_units=10,
    s3_bytes=50_000,
    log_bytes=600,
    progress_bytes=200,
    minute_bytes=12_000,
)
PACKED = Usage(
    events=10_000,
    records=100,
    record_bytes=24_576,
    seconds=0.050,
    calls=USAGE.calls,
    write_units=60,
    index_units=10_000,
    read_units=20,
    s3_bytes=500_000,
    log_bytes=600,
    progress_bytes=200,
    minute_bytes=12_000,
)


def _line(what: str, usage: Usage = USAGE) -> Line:
    (found,) = [each for each in Month(usage, prices()).lines() if each.what == what]
    return found


def _tiered(*tiers: tuple[float, str]) -> Price:
    found = tuple(Tier(above=above, dollars=dollars) for above, dollars in tiers)
    return Price("service", "unit", found, "https://aws.amazon.com/", date(2026, 11, 21), verified=True)


@pytest.mark.parametrize(("units", "dollars"), [(0, 0), (5, 10), (10, 20), (12, 22), (20, 30), (24, 32)])
def test_each_tier_has_its_own_price(units: float, dollars: float) -> None:
    assert _tiered((0, "2"), (10, "1"), (20, "0.5")).of(units) == pytest.approx(dollars)


def test_every_price_has_a_service_a_unit_a_page_of_aws_and_a_date_of_the_past() -> None:
    for name, price in prices().items():
        assert price.service, name
        assert price.unit, name
        assert re.fullmatch(r"https://aws\.amazon\.com/[a-z0-9/-]+/pricing/[a-z-]*/?", price.source), name
        assert date(2026, 1, 1) <= price.retrieved, name


def test_tiers_rise_from_zero_and_grow_cheaper() -> None:
    for name, price in prices().items():
        bounds = [tier.above for tier in price.tiers]
        dollars = [float(tier.dollars) for tier in price.tiers]
        assert bounds[0] == 0, name
        assert bounds == sorted(set(bounds)), name
        assert dollars == sorted(dollars, reverse=True), name
        assert dollars[-1] > 0, name


def test_every_price_that_the_bill_names_is_in_the_file() -> None:
    named = set(re.findall(r'"((?:[a-z0-9]+-)+[a-z0-9]+)"', Path(bill.__file__).read_text()))

    assert named
    assert named <= prices().keys()


@pytest.mark.parametrize(("events", "dollars"), [(1, 20_000), (1000, 20)])
def test_requests_of_a_hundred_billion_events(events: int, dollars: float) -> None:
    assert Month(USAGE, prices()).of_requests(events).month == pytest.approx(dollars)


def test_a_function_is_billed_for_computing_and_for_waiting() -> None:
    # 10 ms of CPU; 4 + 6 + 20 + 40 ms for GetItem, BatchGetItem, TransactWriteItems and PutObject; 1769/1024 GB.
    gb_seconds = 100e6 * 0.080 * 1769 / 1024

    assert _line("Lambda requests").month == pytest.approx(20)
    assert _line("Lambda GB-seconds").month == pytest.approx(gb_seconds * 0.0000133334)


def test_plain_records_need_a_shard_for_every_thousand_a_second() -> None:
    assert Month(USAGE, prices()).shards == 39
    assert _line("Kinesis shard-hours").month == pytest.approx(39 * 720 * 0.015)
    assert _line("Kinesis PUT payload units").month == pytest.approx(1400)


def test_packed_records_need_a_shard_for_every_megabyte_a_second() -> None:
    # 1 billion records of 24,576 bytes in 2,592,000 s are 9.48 MB a second.
    assert Month(PACKED, prices()).shards == 10
    assert _line("Kinesis PUT payload units", PACKED).month == pytest.approx(14)


def test_on_demand_streams_round_every_record_up_to_a_kilobyte() -> None:
    written, read = 100e9 * 1024 / 1024**3, 100e9 * 250 / 1024**3

    assert _line("or Kinesis on-demand standard").month == pytest.approx(720 * 0.04 + written * 0.08 + read * 0.04)
    assert _line("or Kinesis on-demand advantage").month == pytest.approx(written * 0.032 + read * 0.016)


def test_tables_and_buckets() -> None:
    kept = (12_000 * 39 * 43_200 + 200 * 100e6) / 1024**3

    assert _line("DynamoDB write units").month == pytest.approx(40 * 100e6 * 0.625e-6)
    assert _line("DynamoDB read units").month == pytest.approx(10 * 100e6 * 0.125e-6)
    assert _line("DynamoDB GB-months").month == pytest.approx(kept * 0.25)
    assert _line("S3 PUT requests").month == pytest.approx(500)
    assert _line("S3 GB-months").month == pytest.approx(100e6 * 50_000 / 1024**3 * 0.023)


def test_logs_and_traces() -> None:
    traced = 2_592_000 * (1 + 0.05 * (100e6 / 2_592_000 - 1))

    assert _line("CloudWatch GB of logs").month == pytest.approx(100e6 * 1000 / 1024**3 * 0.50)
    assert _line("X-Ray traces").month == pytest.approx(traced * 5e-6)


def test_the_index_costs_a_write_per_event() -> None:
    written, _ = Month(PACKED, prices()).of_index(PACKED)

    assert written.month == pytest.approx(62_500)
    assert billion(written) == pytest.approx(625)


def test_neither_alternatives_nor_options_are_in_the_total() -> None:
    month = Month(USAGE, prices())
    lines = month.lines()
    without = [each for each in lines if not each.what.startswith("or ")]

    assert total(lines).month == pytest.approx(sum(each.month for each in without))
    assert total([*lines, total(lines), *month.of_index(PACKED), month.of_requests(1)]).month == total(lines).month
