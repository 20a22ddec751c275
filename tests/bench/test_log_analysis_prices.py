"""The bill of log events is reckoned as AWS does, from what was measured and from what the stack sets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.bill import MEMORY_MB, Line, total
from bench.invocations import Usage
from bench.log_analysis import bill
from bench.log_analysis.bill import Month
from bench.log_analysis.pricing import KINDS, measured
from lambdas.log_analysis import analyze
from prices import prices
from stacks.log_analysis.config import LogAnalysisConfig

USAGE = Usage(
    seconds=0.002,
    calls={"Query": 2, "TransactWriteItems": 1},
    read_units=3,
    write_units=8,
    stored_bytes=1024,
    log_bytes=624,
    answer_bytes=0,
)
MONTH = Month(10e6, 10, USAGE, prices())

# A million deliveries. One in a thousand starts an environment; half a millisecond is rounded up; calls wait 6 and 20.
GB_SECONDS = 1e6 * (0.002 + 2 * 0.006 + 0.020 + 0.0005 + 0.0007) * 1769 / 1024

DOLLARS = {
    "Lambda requests": 0.2,
    "Lambda GB-seconds": GB_SECONDS * 0.0000133334,
    "DynamoDB write units": 8 * 0.625,
    "DynamoDB read units": 3 * 0.125,
    # Items are kept for about half a month on average.
    "DynamoDB GB-months": 1e6 * 1024 / 1024**3 / 2 * 0.25,
    "CloudWatch GB of the function's logs": 1e6 * 1024 / 1024**3 * 0.5,
    "X-Ray traces": 5.0,
    "CloudWatch metrics": 2.7,
}


def _line(what: str) -> Line:
    (found,) = [each for each in MONTH.lines() if each.what == what]
    return found


@pytest.mark.parametrize("what", DOLLARS)
def test_ten_million_log_events(what: str) -> None:
    assert _line(what).month == pytest.approx(DOLLARS[what])


def test_there_is_no_other_line() -> None:
    assert [line.what for line in MONTH.lines()] == list(DOLLARS)


def test_keeping_the_log_events_is_on_another_bill() -> None:
    (kept,) = MONTH.options()
    assert kept.month == pytest.approx(10e6 * 200 / 1024**3 * 0.5)
    assert total([*MONTH.lines(), kept]).month == pytest.approx(sum(DOLLARS.values()))


def test_every_price_that_the_bill_names_is_in_the_file() -> None:
    named = set(re.findall(r'"((?:[a-z0-9]+-)+[a-z0-9]+)"', Path(bill.__file__).read_text()))
    assert named
    assert named <= prices().keys()


def test_what_is_measured_is_what_the_function_does() -> None:
    usages, sizes = measured(rounds=1)
    assert sizes["small"] < sizes["large"]
    for kind in KINDS:
        usage = usages[kind]
        assert set(usage.calls) <= {"BatchGetItem", "Query", "TransactWriteItems", "PutItem", "Publish"}
        assert usage.seconds > 0
        # A large delivery may take more than one transaction; one without errors and requests takes none.
        assert 0.3 < usage.calls["TransactWriteItems"] < 2


def test_the_bill_takes_the_defaults_of_the_config() -> None:
    assert LogAnalysisConfig().analyze_function.memory_mb == MEMORY_MB


def test_the_bill_has_all_metrics_of_the_function() -> None:
    assert len(set(re.findall(r"Metric\.[A-Z_]+", Path(analyze.__file__).read_text()))) == bill.METRICS
