"""When the ETL demo takes everything for loaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local.use_cases.outcome import UseCaseError
from local.use_cases.table_etl.draining import Awaited
from local.use_cases.table_etl.journey import awaited
from local.use_cases.waiting import wait_until_done
from tests.local.etl import ran

KEYS = {("a", "1"), ("b", "1")}


def targets(loaded: int = 2, rejected: int = 3, waiting: int = 0) -> Any:
    lines = [SimpleNamespace(position=at) for at in range(rejected)]
    return SimpleNamespace(
        loaded=lambda: set(sorted(KEYS)[:loaded]),
        quarantined=lambda: [*lines, *lines],
        waiting=lambda: {"files that wait": waiting, "other things": 0},
    )


def test_nothing_is_left_when_all_has_come() -> None:
    assert Awaited(KEYS, 3).left(targets()) == []


@pytest.mark.parametrize(
    ("there", "left"),
    [
        (targets(loaded=1), "1 items that are not in the read model"),
        (targets(rejected=1), "2 changes and rows that are not in quarantine"),
        (targets(waiting=4), "4 files that wait"),
    ],
)
def test_it_says_what_is_left(there: Any, left: str) -> None:
    assert Awaited(KEYS, 3).left(there) == [left]


def test_the_last_change_and_what_only_history_has_are_waited_for() -> None:
    told = ran().told
    live = {change.key for change in told.changes}
    wanted = awaited(told)
    assert told.changes[-1].key in wanted.items
    assert wanted.items - live
    assert wanted.items & live == {told.changes[-1].key}
    assert wanted.rejected == len(told.bad())


def test_what_stands_still_is_an_error_that_says_what_is_left() -> None:
    now = iter(range(100))
    with pytest.raises(UseCaseError, match=r"nothing moves for 30 s: 3 files; .* emulator's log"):
        wait_until_done(lambda: ["3 files"], "nothing moves", clock=lambda: next(now), sleep=lambda _: None)


def test_as_long_as_something_moves_it_waits() -> None:
    times, left = iter(range(10_000)), iter([[f"{count} files"] for count in range(200, 0, -1)] + [[]])
    wait_until_done(lambda: next(left), "", clock=lambda: next(times) * 10, sleep=lambda _: None)
