"""Common and combined log format, as Apache HTTP Server and nginx write them.

``host ident user [time] "request" status bytes``, and then any number of fields, quoted or not: the combined format has
two quoted ones, referer and user agent. The first that is not quoted is the time that the request took if it is a
decimal number of seconds, such as nginx's ``$request_time``; an integer there may be anything. Quotes within quotes are
escaped by a backslash ("Log Files", Apache HTTP Server), or written ``\\x22`` (``log_format``, nginx).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from lambdas.file_processing.domain.access_logs.dialect import Columns, Dialect, Row, malformed
from lambdas.file_processing.domain.access_logs.values import (
    Remembered,
    clf_minute,
    microseconds_if_any,
    path_of,
)

_STATUS_AND_SIZE = rb" (\d{3}|-) (\d{1,15}|-)"
_SECONDS = rb"\d{1,9}\.\d{1,9}"
_INSIDE = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_QUOTED = rb'"' + _INSIDE + rb'"'
_LINE = re.compile(
    rb'[^ ]+ [^ ]+ [^[]+ \[(.{26})\] "('
    + _INSIDE
    + rb')"'
    + _STATUS_AND_SIZE
    + rb"(?: "
    + _QUOTED
    + rb')*+(?: ([^ "]+))?+(?: (?:'
    + _QUOTED
    + rb'|[^ "]+))*+ *'
)
_DECIMAL = re.compile(_SECONDS)


class CommonLog(Dialect):
    """Lines with a backslash are read one by one, so that in all others a quote is a quote."""

    name: ClassVar[str] = "common"
    marker: ClassVar[bytes] = b"\\"
    pattern = re.compile(
        rb'(?:(?!#)[^ ]{1,999}+ [^ ]{1,999}+ [^[]{1,999} \[(.{26})\] "[A-Z]{1,20}+ (/[^ ?"]{0,2000}+)[^"]{0,4000}+"'
        + _STATUS_AND_SIZE
        + rb'(?: "[^"]{0,4000}+"){0,9}+(?: ('
        + _SECONDS
        + rb'))?(?: [^ "\n]{1,99}+){0,9}+|(.*))\n'
    )

    def __init__(self) -> None:
        self._minutes = Remembered(clf_minute)
        self._durations = Remembered(microseconds_if_any)

    def read(self, line: bytes) -> Row:
        found = _LINE.fullmatch(line)
        if found is None:
            raise malformed("the common log format", 'it should be host ident user [time] "request" status bytes')
        time, request, status, size, field = found.groups()
        seconds = field if field and _DECIMAL.fullmatch(field) else b""
        return time, path_of(request), status, size, seconds, b""

    def columns(self, rows: Sequence[Row]) -> Columns:
        times, paths, statuses, sizes, seconds, _ = zip(*rows, strict=True)
        minutes = list(map(self._minutes.__getitem__, times))
        return Columns(minutes, statuses, sizes, list(map(self._durations.__getitem__, seconds)), paths)
