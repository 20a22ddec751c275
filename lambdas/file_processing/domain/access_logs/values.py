"""What stands in a line's fields: times, durations, request lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from lambdas.common.tables.metrics.layout import MINUTE

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

BAD_TIME = -1
"""Stands for the minute of a time that there is not."""
NOT_REACHED = -(10**18)
"""Microseconds of a step that a request did not come to; less than any sum of others makes up for."""
_LAST = int(datetime(3000, 1, 1, tzinfo=UTC).timestamp())
_REMEMBERED = 50_000

_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), 1
    )
}
_CLF_TIME = re.compile(rb"(\d\d)/([A-Z][a-z][a-z])/(\d{4}):(\d\d):(\d\d):([0-5]\d|60) ([+-])([01]\d|2[0-3])([0-5]\d)")
_ISO_MINUTE = re.compile(rb"(\d{4})-(\d\d)-(\d\d)T?(\d\d):(\d\d)")
_METHOD = re.compile(rb"[A-Z][A-Z_-]*")
_ORIGIN = re.compile(rb"[a-z]+://[^/?]*")


class Remembered(dict[K, V]):
    """Results of a function by its argument; many lines have the same values. It forgets all before it grows large."""

    def __init__(self, function: Callable[[K], V]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: K) -> V:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[key] = self._function(key)
        return value


def clf_minute(time: bytes) -> int:
    """Unix seconds of the minute in UTC of ``06/Feb/2026:00:00:38 +0100``, or `BAD_TIME`."""
    found = _CLF_TIME.fullmatch(time)
    if found is None or found[2] not in _MONTHS:
        return BAD_TIME
    day, _, year, hour, minute, _, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == b"-" else 1)
    return _start(int(year), _MONTHS[found[2]], int(day), int(hour), int(minute), offset)


def iso_minute(time: bytes) -> int:
    """Unix seconds of ``2026-02-06T00:00`` or ``2026-02-0600:00``, in UTC, or `BAD_TIME`."""
    found = _ISO_MINUTE.fullmatch(time)
    if found is None:
        return BAD_TIME
    year, month, day, hour, minute = map(int, found.groups())
    return _start(year, month, day, hour, minute, timedelta())


def _start(year: int, month: int, day: int, hour: int, minute: int, offset: timedelta) -> int:
    try:
        start = int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp() - offset.total_seconds())
    except ValueError:
        return BAD_TIME
    return start // MINUTE * MINUTE if 0 <= start < _LAST else BAD_TIME


def microseconds(seconds: bytes) -> int:
    """Of decimal seconds, cut beyond the sixth place; `NOT_REACHED` for negative ones."""
    if seconds.startswith(b"-"):
        return NOT_REACHED
    whole, _, fraction = seconds.partition(b".")
    return int(whole) * 1_000_000 + int(fraction[:6].ljust(6, b"0"))


def microseconds_if_any(seconds: bytes) -> int | None:
    """The same, None where there are none: ``-``, or nothing."""
    return None if seconds in (b"", b"-") else microseconds(seconds)


def path_of(request: bytes) -> bytes:
    """Path of a request line, without query, scheme and host: ``/a`` of ``GET http://example.com/a?b HTTP/1.1``.

    ``-`` for what is no request line, such as the start of a TLS handshake.
    """
    method, _, rest = request.partition(b" ")
    target = rest.partition(b" ")[0]
    if not target or not _METHOD.fullmatch(method):
        return b"-"
    if origin := _ORIGIN.match(target):
        return target[origin.end() :].partition(b"?")[0] or b"/"
    return target.partition(b"?")[0] or b"-"
