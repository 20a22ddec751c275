"""Server access logs of Amazon S3.

Fields by "Amazon S3 server access log format" in the Amazon S3 User Guide: ``owner bucket [time] ip requester id
operation key "request" status error bytes size total turn-around …``; more fields may follow at any time. Times are in
milliseconds. Nothing says how a quote within quotes is written, so the request ends where a status follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from lambdas.file_processing.domain.access_logs.dialect import Columns, Dialect, Row, malformed
from lambdas.file_processing.domain.access_logs.values import Remembered, clf_minute, path_of

_LINE = re.compile(
    rb'[^ ]+ [^ ]+ \[(.{26})\] [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ (?>-|"(.*?)"(?= (?:\d{3}|-) ))'
    rb" (\d{3}|-) [^ ]+ (\d{1,15}|-) [^ ]+ (\d{1,12}|-) "
)
_WORD = rb"[^ ]{1,2000}+"


class S3Log(Dialect):
    """Beside requests there are lines of what S3 does by itself, such as expiring objects: they have no request."""

    name: ClassVar[str] = "s3"
    pattern = re.compile(
        rb"(?:(?!#)W W \[(.{26})\] W W W W W ".replace(b"W", _WORD)
        + rb'"[A-Z]{1,20}+ (/[^ ?"]{0,2000}+)[^"]{0,4000}+" (\d{3}|-) '
        + rb"W (\d{1,15}|-) W (\d{1,12}|-) ".replace(b"W", _WORD)
        + rb".*|(.*))\n"
    )

    def __init__(self) -> None:
        self._minutes = Remembered(clf_minute)
        self._durations = Remembered(_microseconds)

    def read(self, line: bytes) -> Row:
        found = _LINE.match(line)
        if found is None:
            raise malformed(
                "Amazon S3's server access logs", 'it should be owner bucket [time] ip … "request" status error bytes …'
            )
        time, request, status, size, total = found.groups()
        return time, path_of(request or b""), status, size, total, b""

    def columns(self, rows: Sequence[Row]) -> Columns:
        times, paths, statuses, sizes, totals, _ = zip(*rows, strict=True)
        minutes = list(map(self._minutes.__getitem__, times))
        return Columns(minutes, statuses, sizes, list(map(self._durations.__getitem__, totals)), paths)


def _microseconds(milliseconds: bytes) -> int | None:
    return None if milliseconds == b"-" else int(milliseconds) * 1000
