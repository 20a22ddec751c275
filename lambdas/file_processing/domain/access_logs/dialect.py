"""What the formats of access logs have in common, seen from whoever reads a file of one.

Lines are read many at a time: one pattern runs over a block of them and finds the few values that are measured. It
knows the ordinary lines; `Dialect.read` knows all, takes its time, and gives the same row for a line that both know.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from lambdas.file_processing.contract.access_logs import LineReason

Row = tuple[bytes, ...]
"""The values of a line that are measured, as they stand there, and after them an empty one. The first is not empty."""


class Columns(NamedTuple):
    """The same value of many lines side by side."""

    minutes: Sequence[int]
    """Unix seconds, or `values.BAD_TIME`."""
    statuses: Sequence[bytes]
    """Three digits, or ``-``."""
    sizes: Sequence[bytes]
    """Digits, or ``-``."""
    durations: Sequence[int | None]
    """Microseconds, below 0 for requests that were never answered; None where the line tells none."""
    paths: Sequence[bytes]


class BadLineError(Exception):
    """A line that is none of its format."""

    def __init__(self, reason: LineReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Dialect(ABC):
    """How one format is read."""

    name: ClassVar[str]
    marker: ClassVar[bytes] = b""
    """What lines that the pattern must not see have in them; empty if there are none."""
    pattern: re.Pattern[bytes]
    """Matches any line with its line feed. Its groups are a `Row`; of lines that are not ordinary the last group has
    all of the line, and the others nothing."""

    @abstractmethod
    def read(self, line: bytes) -> Row:
        """Reads one line of whatever look. Raises BadLineError."""

    @abstractmethod
    def columns(self, rows: Sequence[Row]) -> Columns:
        """What rows, at least one, tell."""

    def row(self, line: bytes) -> Row | None:
        """The same, None for what is no line of the log: blanks and comments."""
        return None if is_none(line) else self.read(line)

    def segments(self, block: bytes) -> Iterator[tuple[bytes, bool]]:
        """The block in pieces of whole lines, and whether the pattern may see each."""
        at = 0
        while self.marker and (found := block.find(self.marker, at)) >= 0:
            start = max(block.rfind(b"\n", at, found) + 1, at)
            end = block.index(b"\n", found) + 1
            if start > at:
                yield block[at:start], True
            yield block[start:end], False
            at = end
        if at < len(block):
            yield block[at:], True


def is_none(line: bytes) -> bool:
    """Whether a line is blank or a comment."""
    return not line or line.startswith(b"#")


def malformed(format_name: str, wanted: str) -> BadLineError:
    """The error of a line that has not the fields of its format."""
    return BadLineError(LineReason.MALFORMED, f"this is no line of {format_name}: {wanted}")
