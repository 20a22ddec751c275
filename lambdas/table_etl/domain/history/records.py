"""CSV (RFC 4180) out of lines, a row at a time."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from lambdas.common.lines import KEPT, Line, Overlong
from lambdas.table_etl.contract import ReasonCode
from lambdas.table_etl.domain.history.lines import unreadable
from lambdas.table_etl.domain.rejection import Rejected

_SPARE_ROWS = 16
"""Of the longest ones, that may be drawn again before as many have been drawn."""


class Record(NamedTuple):
    """A row."""

    text: bytes
    cells: list[str]
    """None in a blank line."""
    wrong: Rejected | None = None
    complete: bool = True
    """Whether the text is all of it."""


def records(found: Iterator[Line], most: int) -> Iterator[Record | Overlong]:
    """Rows of at most so many bytes.

    What is no row, as a quote that is never closed makes it, is rejected up to the end of its first line alone, and
    reading goes on with the next one; where too much was read twice already, with the next that was not.
    """
    source = _Source(found, most)
    csv.field_size_limit(most)
    reader = csv.reader(source, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _UnclosedError) as error:
            yield source.broken(error)
        else:
            yield source.whole(cells)


def columns_of(read: Iterator[Record | Overlong]) -> tuple[str, ...]:
    """Names of the columns, out of the first row. Raises Rejected for what names none, or one twice."""
    for record in read:
        if isinstance(record, Overlong):
            raise Rejected(ReasonCode.BAD_HEADER, "the first line is too long to be the names of columns")
        if record.wrong:
            raise Rejected(ReasonCode.BAD_HEADER, f"the first line does not name columns: {record.wrong.message}")
        if not record.cells:
            continue
        if not all(record.cells) or len(set(record.cells)) < len(record.cells):
            raise Rejected(
                ReasonCode.BAD_HEADER,
                f"the first line is to name columns, all of other names: {str(record.cells)[:1000]}",
            )
        return tuple(record.cells)
    raise Rejected(ReasonCode.BAD_HEADER, "the file is empty: its first line is to name the columns")


class _UnclosedError(Exception):
    """A quote opens what has no end within the limit."""


class _Source:
    """The iterator that the csv module draws lines from; remembers what the current row is made of."""

    def __init__(self, found: Iterator[Line], most: int) -> None:
        self._found = found
        self._most = most
        self._again = deque[Line]()
        """Lines behind the first one of what was no row."""
        self._spare = most * _SPARE_ROWS
        """Bytes that may yet be drawn again; each one drawn adds one, so that no file takes longer than it is long."""
        self._taken: list[Line] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._next()
        self._taken.append(line)
        if isinstance(line, Overlong) or self._size + len(line) > self._most:
            raise _UnclosedError(f"a quote is not closed within {self._most} bytes")
        self._size += len(line) + 1
        # What is not UTF-8 has to get through the parser, for the row is rejected as a whole.
        return line.decode(errors="surrogateescape") + "\n"

    def _next(self) -> Line:
        line = next(self._found)
        self._spare += _length(line)
        return line

    def whole(self, cells: list[str]) -> Record:
        """The row that the lines drawn make."""
        text = _text(self._drawn())
        return Record(text, cells, unreadable(text))

    def broken(self, error: Exception) -> Record | Overlong:
        """The first of the lines drawn, and the others are drawn again; or all of them, if that were too many."""
        first, *others = taken = self._drawn()
        if isinstance(first, Overlong):
            return first
        wrong = unreadable(first) or Rejected(ReasonCode.BAD_LINE, f"no row of CSV: {error}")
        again = sum(map(_length, others))
        if again > self._spare:
            return Record(_text(taken)[:KEPT], [], wrong, complete=False)
        self._spare -= again
        self._again.extendleft(reversed(others))
        return Record(first, [], wrong)

    def _drawn(self) -> list[Line]:
        taken, self._taken, self._size = self._taken, [], 0
        return taken


def _length(line: Line) -> int:
    return 1 + len(line.beginning if isinstance(line, Overlong) else line)


def _text(taken: list[Line]) -> bytes:
    return b"\n".join(line.beginning if isinstance(line, Overlong) else line for line in taken)
