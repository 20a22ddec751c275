"""When runs are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args

from lambdas.backups.contract import SCHEDULED_TIME, SLOT_FORMAT, Cadence, Weekday

_PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(minutes=5)
"""That a schedule's clock may be before this one."""


class BadSlotError(ValueError):
    """An event names no time at which a run can be due."""


def latest(cadence: Cadence, now: datetime) -> datetime:
    """The last slot that is due."""
    origin, period = _origin(cadence), _PERIODS[cadence.every]
    return origin + (now - origin) // period * period


def between(cadence: Cadence, after: datetime, before: datetime) -> Iterator[datetime]:
    """Slots after one time and before another, newest first."""
    slot = latest(cadence, before)
    while slot > after:
        if slot < before:
            yield slot
        slot -= _PERIODS[cadence.every]


def named(cadence: Cadence, scheduled: str, now: datetime) -> datetime:
    """The slot of an event: the scheduled time, or the last one that is due if the event does not know it.

    A time that is no slot of the cadence is one of its own, so that a run can be asked for at any time.

    Raises:
        BadSlotError: it is no time, or one to come.
    """
    if scheduled == SCHEDULED_TIME:
        return latest(cadence, now)
    try:
        moment = datetime.fromisoformat(scheduled)
    except ValueError as error:
        raise BadSlotError(f"{scheduled!r} is no time: write it as 2026-11-25T03:00:00Z") from error
    if moment.tzinfo is None:
        raise BadSlotError(f"{scheduled!r} does not say of which zone it is: write it as 2026-11-25T03:00:00Z")
    moment = moment.astimezone(UTC).replace(second=0, microsecond=0)
    if moment > now + _AHEAD:
        raise BadSlotError(f"{scheduled!r} is still to come: it is {now:%Y-%m-%dT%H:%M:%SZ} now")
    return moment


def parsed(slot: str) -> datetime:
    """The time of a slot's id."""
    return datetime.strptime(slot, SLOT_FORMAT).replace(tzinfo=UTC)


def _origin(cadence: Cadence) -> datetime:
    """A slot of long ago."""
    hour, minute = (int(part) for part in cadence.at.split(":"))
    match cadence.every:
        case "hour":
            return _MONDAY + timedelta(minutes=minute)
        case "day":
            return _MONDAY + timedelta(hours=hour, minutes=minute)
        case "week":
            return _MONDAY + timedelta(days=get_args(Weekday).index(cadence.on), hours=hour, minutes=minute)
