"""What the log demo holds against the account of whoever made up the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from lambdas.log_analysis.contract import Kind
from local.use_cases.log_analysis.alerts import Alert
from local.use_cases.log_analysis.checks import check_alerts, check_repeats, match
from local.use_cases.log_analysis.lines import Fault, FaultKind, Scenario

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
GROUPS = ("shop", "site", "store")
DECLINED, DEADLOCK = (0, "declined"), (1, "deadlock")
ERRORS = {DECLINED: Counter({0: 2, 7: 1}), DEADLOCK: Counter({7: 3})}
FOUND = {(0, "a1"): {0: 2, 7: 1}, (1, "b2"): {7: 3}}
NAMES = {DECLINED: "a1", DEADLOCK: "b2"}
FAULTS = (Fault(FaultKind.RATE, 0, "declined", 30, 32), Fault(FaultKind.NEW, 1, "deadlock", 15, 20))
SCENARIO = Scenario(START, [], FAULTS)


def alert(kind: Kind, group: str, signature: str, minute: int) -> Alert:
    return Alert(kind, group, signature, f"2026-11-25T10:{minute:02d}", "{}")


RIGHT = [alert(Kind.RATE, "shop", "a1", 31), alert(Kind.NEW, "site", "b2", 15)]


def told(alerts: Sequence[Alert]) -> list[str]:
    return list(check_alerts(SCENARIO, NAMES, GROUPS, alerts))


# --- counts ---------------------------------------------------------------------------------------------------------


def test_errors_are_known_by_their_counts_alone() -> None:
    matched = match(ERRORS, FOUND)
    assert (matched.signatures, matched.problems) == (NAMES, ())


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({(0, "a1"): {0: 2, 7: 1}}, "'deadlock' of log group 2 happened 3 times in 1 minutes, and no signature"),
        ({**FOUND, (1, "b2"): {7: 4}}, "'deadlock' of log group 2 happened 3 times"),
        ({**FOUND, (1, "b2"): {6: 3}}, "'deadlock' of log group 2 happened 3 times"),
        ({**FOUND, (2, "c3"): {1: 1}}, "signature 'c3' of log group 3 was counted 1 times in 1 minutes: there is no"),
        ({(0, "a1"): {0: 2, 7: 1}, (0, "b2"): {7: 3}}, "signature 'b2' of log group 1 was counted 3 times"),
    ],
)
def test_error_that_is_missing_invented_or_miscounted_is_a_problem(
    found: dict[tuple[int, str], dict[int, int]], problem: str
) -> None:
    assert [each for each in match(ERRORS, found).problems if each.startswith(problem)]


def test_count_that_a_repeated_delivery_changes_is_a_problem() -> None:
    assert list(check_repeats(FOUND, FOUND)) == []
    [problem] = check_repeats(FOUND, {**FOUND, (1, "b2"): {7: 6}})
    assert problem == "signature 'b2' of log group 2 was counted 3 times in 1 minutes, and then 6 times in 1 minutes"


# --- alerts ---------------------------------------------------------------------------------------------------------


def test_one_alert_for_each_fault_is_right() -> None:
    assert told(RIGHT) == []


@pytest.mark.parametrize(
    ("alerts", "problem"),
    [
        (RIGHT[:1], "'deadlock' of log group 2 (new, minutes 15 to 20) was told 0 times"),
        ([*RIGHT, RIGHT[0]], "'declined' of log group 1 (rate, minutes 30 to 32) was told 2 times"),
        (
            [RIGHT[0], alert(Kind.NEW, "site", "b2", 21)],
            "'deadlock' of log group 2 (new, minutes 15 to 20) was told to",
        ),
        (
            [*RIGHT, alert(Kind.NEW, "shop", "a1", 31)],
            "an alert (new) tells of declined, minute 31: there is no",
        ),
        ([*RIGHT, alert(Kind.RATE, "store", "c3", 9)], "an alert (rate) tells of c3, minute 9: there is no such fault"),
    ],
)
def test_fault_that_is_not_told_once_and_alert_of_none_are_problems(alerts: Sequence[Alert], problem: str) -> None:
    [found] = told(alerts)
    assert found.startswith(problem)
