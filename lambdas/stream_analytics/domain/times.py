"""Times of many events: in UTC, and by minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

_DAYS_BEFORE_1970 = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_MINUTES_A_DAY = 24 * 60


def in_utc(time: datetime) -> datetime:
    """The same time in UTC; in the first and last hours that a calendar has, something as untimely."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return time.replace(tzinfo=UTC)


def minute_of(time: datetime) -> int:
    """Minutes since 1970 of a time in UTC."""
    return (time.toordinal() - _DAYS_BEFORE_1970) * _MINUTES_A_DAY + time.hour * 60 + time.minute


def minutes_of(times: Sequence[datetime]) -> list[int]:
    """Minutes since 1970 of times in UTC; most batches are of one or two, and comparing is faster than reckoning."""
    earliest, latest = min(times), max(times)
    first, last = minute_of(earliest), minute_of(latest)
    if first == last:
        return [first] * len(times)
    if first + 1 == last:
        boundary = latest.replace(second=0, microsecond=0)
        return [first if time < boundary else last for time in times]
    return [minute_of(time) for time in times]


def floor_to_minutes(seconds: Sequence[float]) -> list[int]:
    """Unix times rounded down to whole minutes, in seconds."""
    first, last = int(min(seconds, default=0)) // 60, int(max(seconds, default=0)) // 60
    return [first * 60] * len(seconds) if first == last else [int(each) // 60 * 60 for each in seconds]
