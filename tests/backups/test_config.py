"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from lambdas.backups.contract import Cadence, Lock, Policy, Retention, Weekday
from lambdas.backups.domain.slots import latest
from stacks.backups.config import DAILY, WEEKLY, BackupsConfig
from stacks.blocks.function import FunctionConfig

HOURLY = Policy(name="hourly", cadence=Cadence(every="hour"), max_age_hours=2)


def _policy(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"name": "p", "cadence": Cadence(every="day"), "max_age_hours": 30}
    return {"policies": (Policy(**given | fields),)}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"policies": ()}, r"policies have names of their own, and there is at least one; got \[\]"),
        ({"policies": (DAILY, WEEKLY, DAILY)}, r"policies have names of their own, .*'daily', 'weekly', 'daily'"),
        (_policy(max_age_hours=24), r"max_age_hours of 24 would raise an alarm .* of p .*every day: set more than 24"),
        (
            _policy(cadence=Cadence(every="week"), max_age_hours=168),
            r"max_age_hours of 168 .*every week: set more than 168",
        ),
        (_policy(name="Daily"), r"policies: Expected `str` matching regex"),
        (_policy(name="a policy"), r"policies: Expected `str` matching regex"),
        (_policy(cadence=Cadence(every="day", at="24:00")), r"policies: Expected `str` matching regex"),
        (_policy(cadence=Cadence(every="week", on="Monday"), max_age_hours=200), r"policies: Invalid"),  # type: ignore[arg-type]
        (_policy(retention=Retention(daily=-1)), r"policies: Expected `int` >= 0"),
        ({"check": Cadence(every="day", at="3")}, r"check: Expected `str` matching regex"),
        ({"lock": Lock(days=0)}, r"lock: Expected `int` >= 1"),
        (
            {"backup_function": FunctionConfig(timeout_seconds=119)},
            r"backup_function.timeout_seconds of 119 would leave no time to begin a step in: set at least 120",
        ),
        (
            {"restore_check_function": FunctionConfig(timeout_seconds=60)},
            r"restore_check_function.timeout_seconds of 60 would leave no time .*: set at least 120",
        ),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BackupsConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"policies": (HOURLY, DAILY, WEEKLY)},
        {"lock": Lock(days=1, mode="COMPLIANCE")},
        _policy(retention=Retention(daily=0, weekly=0, monthly=0)),
        {"backup_function": FunctionConfig(timeout_seconds=120)},
        {"point_in_time": False},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    BackupsConfig(**fields)


# --- when the scheduler fires is when a slot is due -------------------------------------------------------------------

CADENCES = [
    Cadence(every="hour", at="07:45"),
    Cadence(every="day", at="23:59"),
    *(Cadence(every="week", at="00:10", on=day) for day in get_args(Weekday)),
]


def _fires(cron: str, moment: datetime) -> bool:
    """Whether the scheduler does, in the minute of a moment; of its language as much as the contract writes."""
    found = re.fullmatch(r"cron\((\d+) (\d+|\*) (?:\* \* \?|\? \* (\w{3})) \*\)", cron)
    assert found, cron
    minute, hour, day = found.groups()
    return moment.minute == int(minute) and hour in {"*", str(moment.hour)} and day in {None, f"{moment:%a}".upper()}


@pytest.mark.parametrize("cadence", CADENCES, ids=lambda cadence: cadence.cron)
def test_scheduler_fires_when_a_slot_is_due_and_at_no_other_time(cadence: Cadence) -> None:
    begin = datetime(2026, 2, 23, tzinfo=UTC)
    minutes = [begin + timedelta(minutes=number) for number in range(15 * 24 * 60)]
    fired = {minute for minute in minutes if _fires(cadence.cron, minute)}
    assert fired == {slot for minute in minutes if (slot := latest(cadence, minute)) >= begin}
