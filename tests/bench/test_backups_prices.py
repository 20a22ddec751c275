"""The bill of backups is reckoned as AWS does, from what retention keeps and from what the stack sets."""

from __future__ import annotations

import pytest

from bench.backups.bill import ALARMS, LOG_BYTES, METRICS, SMALL, Keeping, Month, keeping
from bench.backups.pricing import month
from lambdas.backups.contract import Metric, Retention
from prices import prices
from stacks.backups.config import DAILY, BackupsConfig

NOTHING = Retention(daily=0, weekly=0, monthly=0)
WEEK = Retention(daily=7, weekly=0, monthly=0)

MONTH = Month(SMALL, WEEK, prices())
"""Seven backups, of the last six days and today: what 1 % of a day has changed is held six times."""
HELD = 100 * 1.06
INVOCATIONS = 2 * 30 * 24 * 60
WORKING = 30 * (100_000 * 0.020 + 1_000 * 0.100) / 8 + 30 / 7 * 10 * 70
"""Seconds: eight objects are looked for at a time, one in a hundred is copied; each gigabyte of tables is checked."""

DOLLARS = {
    "tables: on-demand backups, GB-months": 7 * 10 * 0.10,
    "tables: GB exported": 30 * 10 * 0.10,
    "tables: exports, GB-months": 7 * 10 * 0.3 * 0.023,
    "tables: point-in-time recovery, GB-months": 10 * 0.20,
    "checks: GB restored": 30 / 7 * 10 * 0.15,
    "checks: read units": 30 / 7 * 10 * 1024**3 / 4096 * 0.125e-6,
    "buckets: copies, GB-months": HELD * 0.023,
    "buckets: copies made, pages listed": (30 * 1_000 + 30 * 100) * 0.005e-3,
    "buckets: copies looked for": 30 * 100_000 * 0.0004e-3,
    "volumes: snapshots, GB-months": HELD * 0.05,
    "Scheduler invocations": INVOCATIONS * 1e-6,
    "Lambda requests": INVOCATIONS * 0.2e-6,
    # Two queries of 6 ms are waited for, and half a millisecond is rounded up.
    "Lambda GB-seconds": (INVOCATIONS * (0.010 + 0.012 + 0.0005) + WORKING) * 1769 / 1024 * 0.0000133334,
    "DynamoDB read units": 2 * INVOCATIONS * 0.125e-6,
    "CloudWatch GB of the functions' logs": INVOCATIONS * (LOG_BYTES / 2 + 400) / 1024**3 * 0.5,
    "X-Ray traces": INVOCATIONS * 5e-6,
    "CloudWatch metrics": 13 * 0.30,
    "CloudWatch alarms": 12 * 0.10,
    "CloudWatch dashboard": 3.0,
}


@pytest.mark.parametrize("what", DOLLARS)
def test_a_small_estate(what: str) -> None:
    (found,) = [each for each in MONTH.lines() if each.what == what]
    assert found.month == pytest.approx(DOLLARS[what])


def test_there_is_no_other_line() -> None:
    assert [line.what for line in MONTH.lines()] == list(DOLLARS)


def test_lock_is_a_request_for_each_object_and_run() -> None:
    (lock,) = MONTH.options()
    assert lock.month == pytest.approx(30 * 100_000 * 0.005e-3)
    assert not lock.counts


@pytest.mark.parametrize(
    ("retention", "expected"),
    [
        (NOTHING, Keeping(backups=1, days=0)),
        (WEEK, Keeping(backups=7, days=6)),
        # Today's, and those of the last days of the two years before.
        (Retention(daily=0, weekly=0, monthly=0, yearly=3), Keeping(backups=3, days=365 + 183)),
    ],
)
def test_what_is_kept_is_what_retention_keeps(retention: Retention, expected: Keeping) -> None:
    kept = keeping(retention)
    assert kept.backups == pytest.approx(expected.backups)
    assert kept.days == pytest.approx(expected.days)


def test_metrics_are_those_of_the_functions_and_an_age_of_each_policy() -> None:
    assert len(Metric) - 1 + len(BackupsConfig().policies) == METRICS


def test_alarms_are_three_of_each_function_four_of_outcomes_and_an_age_of_each_policy() -> None:
    of_functions, of_outcomes = 2 * 3, 4
    assert of_functions + of_outcomes + len(BackupsConfig().policies) == ALARMS


def test_bill_is_of_the_default_policy() -> None:
    assert month(SMALL).retention == DAILY.retention
