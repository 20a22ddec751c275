"""Reads the lines of a log into a tally, and keeps those that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Protocol

import msgspec

from lambdas.file_processing.contract.access_logs import LineReason, QuarantinedLine
from lambdas.file_processing.domain.access_logs.blocks import Overlong
from lambdas.file_processing.domain.access_logs.dialect import BadLineError, Dialect, Row
from lambdas.file_processing.domain.access_logs.tally import Tally
from lambdas.file_processing.domain.access_logs.values import BAD_TIME

_ENCODE = msgspec.json.Encoder().encode


class Lines(Protocol):
    """A file that is written."""

    def write(self, data: bytes, /) -> int:
        """Appends bytes."""


class Reader:
    """Counts every line once: in the tally, or among those that it writes to ``bad``."""

    def __init__(self, dialect: Dialect, tally: Tally, bad: Lines) -> None:
        self.counted = 0
        self.rejected: Counter[LineReason] = Counter()
        self.first_message = ""
        """Of the first line that was rejected."""
        self._dialect = dialect
        self._tally = tally
        self._bad = bad
        self._above = 0
        """Lines of the file before those at hand."""
        self._waiting: list[QuarantinedLine] = []
        """Of the lines at hand, in no order."""

    def take(self, block: bytes | Overlong) -> None:
        """Reads whole lines, or passes over one that is too long."""
        if isinstance(block, Overlong):
            self._reject(0, block.beginning, LineReason.TOO_LONG, "the line is too long; this is its beginning")
            self._pass(1)
            return
        for segment, by_pattern in self._dialect.segments(block):
            self._take(segment, by_pattern=by_pattern)

    def _take(self, segment: bytes, *, by_pattern: bool) -> None:
        number = segment.count(b"\n")
        rows: Sequence[Row] = self._dialect.pattern.findall(segment) if by_pattern else ()
        places: Sequence[int] = range(number)
        if len(rows) != number:
            # A match went beyond its line, which takes line feeds for parts of values.
            rows = [(b"",)] * number
        if not all(map(itemgetter(0), rows)):
            places, rows = self._read_others(segment, rows)
        if rows:
            self._count(segment, places, rows)
        self._pass(number)

    def _read_others(self, segment: bytes, rows: Sequence[Row]) -> tuple[list[int], list[Row]]:
        """The rows with those of lines that the pattern does not know, and their places."""
        found: list[tuple[int, Row]] = []
        for place, (row, line) in enumerate(zip(rows, segment.split(b"\n"), strict=False)):
            if row[0]:
                found.append((place, row))
                continue
            try:
                read = self._dialect.row(line)
            except BadLineError as error:
                self._reject(place, line, error.reason, str(error))
                continue
            if read:
                found.append((place, read))
        return [place for place, _ in found], [row for _, row in found]

    def _count(self, segment: bytes, places: Sequence[int], rows: Sequence[Row]) -> None:
        columns = self._dialect.columns(rows)
        if BAD_TIME in columns.minutes:
            lines = segment.split(b"\n")
            good = [minute != BAD_TIME for minute in columns.minutes]
            for place, fine in zip(places, good, strict=True):
                if not fine:
                    self._reject(place, lines[place], LineReason.BAD_TIME, "there is no such time")
            rows = [row for row, fine in zip(rows, good, strict=True) if fine]
            if not rows:
                return
            columns = self._dialect.columns(rows)
        self._tally.add(columns)
        self.counted += len(rows)

    def _reject(self, place: int, line: bytes, reason: LineReason, message: str) -> None:
        number = self._above + place + 1
        try:
            kept = QuarantinedLine(line=number, code=reason, message=message, raw=line.decode())
        except UnicodeDecodeError:
            kept = QuarantinedLine(line=number, code=reason, message=message, raw_base64=line)
        self._waiting.append(kept)

    def _pass(self, number: int) -> None:
        """Goes on behind lines that have been read."""
        self._above += number
        for each in sorted(self._waiting, key=lambda each: each.line):
            self.rejected[each.code] += 1
            self.first_message = self.first_message or each.message
            self._bad.write(_ENCODE(each) + b"\n")
        self._waiting.clear()
