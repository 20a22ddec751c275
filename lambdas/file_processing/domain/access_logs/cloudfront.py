"""Standard logs of Amazon CloudFront in the W3C extended format: fields between tabs, named by a header.

Fields by "Standard logging reference" in the Amazon CloudFront Developer Guide. Values are URL-encoded, so that there
is no tab in any, and paths are counted as they are written. Which fields there are, and in which order, is up to the
header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from operator import add
from typing import ClassVar

from lambdas.file_processing.contract.access_logs import LineReason
from lambdas.file_processing.domain.access_logs.dialect import BadLineError, Columns, Dialect, Row, malformed
from lambdas.file_processing.domain.access_logs.values import Remembered, iso_minute, microseconds_if_any

FIELDS = b"#Fields:"
_DATE, _TIME, _STATUS = b"date", b"time", b"sc-status"
_SIZE, _SECONDS, _PATH = b"sc-bytes", b"time-taken", b"cs-uri-stem"
_NEEDED = (_DATE, _TIME, _STATUS)
_VALUES: Mapping[bytes, bytes] = {
    _DATE: rb"(\d{4}-\d\d-\d\d)",
    _TIME: rb"(\d\d:\d\d):(?:[0-5]\d|60)",
    _STATUS: rb"(\d{3}|-)",
    _SIZE: rb"(\d{1,15}|-)",
    _SECONDS: rb"(\d{1,9}(?:\.\d{1,9})?|-)",
}
_MOST = 10**9
"""Bytes: more than a line has."""
_NOTHING = re.compile(rb"((?!))?(.*)\n")


class CloudFrontLog(Dialect):
    """Lines with a number sign are read one by one: values have none, and a header changes how the next are read."""

    name: ClassVar[str] = "cloudfront"
    marker: ClassVar[bytes] = b"#"

    def __init__(self) -> None:
        self.pattern = self._line = _NOTHING
        self._fields: list[bytes] = []
        self._problem = "there is no header above it, which begins with #Fields:"
        self._measured: list[bytes] = []
        self._minutes = Remembered(iso_minute)
        self._durations = Remembered(microseconds_if_any)

    def row(self, line: bytes) -> Row | None:
        if line.startswith(FIELDS):
            self._follow(line[len(FIELDS) :].split())
        return super().row(line)

    def _follow(self, fields: list[bytes]) -> None:
        """Reads the lines after a header by its fields."""
        missing = [name.decode() for name in _NEEDED if fields.count(name) != 1]
        if missing:
            self._problem = f"the header above it has not once {', '.join(missing)}: have these fields logged, too"
            self._fields, self.pattern = [], _NOTHING
            return
        self._fields = fields
        self._measured = [name for name in fields if name in _VALUES or name == _PATH]
        self.pattern = re.compile(rb"(?:%s|(.*))\n" % _pattern(fields, 4000))
        self._line = re.compile(_pattern(fields, _MOST))

    def read(self, line: bytes) -> Row:
        if not self._fields:
            raise malformed("CloudFront", self._problem)
        number = line.count(b"\t") + 1
        if number != len(self._fields):
            raise BadLineError(LineReason.WRONG_FIELDS, f"it has {number} fields, and its header {len(self._fields)}")
        found = self._line.fullmatch(line)
        if found is None:
            raise malformed("CloudFront", f"one of {b', '.join(self._measured).decode()} is no such value")
        return *found.groups(), b""

    def columns(self, rows: Sequence[Row]) -> Columns:
        values = dict(zip(self._measured, zip(*rows, strict=True), strict=False))
        none = (b"-",) * len(rows)
        minutes = list(map(self._minutes.__getitem__, map(add, values[_DATE], values[_TIME])))
        durations = list(map(self._durations.__getitem__, values.get(_SECONDS, none)))
        return Columns(minutes, values[_STATUS], values.get(_SIZE, none), durations, values.get(_PATH, none))


def _pattern(fields: Sequence[bytes], most: int) -> bytes:
    """Of a line whose fields are at most so long."""
    values = dict.fromkeys(fields, rb"[^\t]{0,%d}+" % most)
    values[fields[-1]] = rb"[^\t\n]{0,%d}+" % most
    values[_PATH] = rb"([^\t\n?]{1,%d}+)[^\t\n]{0,%d}+" % (most, most)
    values |= _VALUES
    return rb"\t".join(values[name] for name in fields)
