"""CSV (RFC 4180) out of lines: rows of cells, each with its text and its line."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lambdas.common.lines import KEPT, Line, Overlong
from lambdas.file_processing.domain.rows.problems import Problem, problem
from lambdas.file_processing.domain.rows.text import BLOCK, too_long, unreadable

_SPARE_ROWS = 16
"""Of the longest ones, that may be drawn again before as many have been drawn."""


@dataclass
class Batch:
    """Rows one after the other; blank lines are none."""

    cells: list[list[str]] = field(default_factory=list)
    """Empty where the row cannot be read."""
    raws: Sequence[Line] = ()
    """Each row's own text, without the end of its last line; of a row that is not all there, its beginning."""
    lines: Sequence[int] = ()
    """Where each row begins, from 1."""
    wrong: dict[int, Problem] = field(default_factory=dict)
    """Why a row cannot be read, by its place."""
    plain: Sequence[bytes] | None = None
    """The texts again, if none has quotes: so they are in normal form, where commas part the fields."""

    def tail(self) -> Batch:
        """All but the first row."""
        wrong = {place - 1: each for place, each in self.wrong.items() if place}
        return Batch(self.cells[1:], self.raws[1:], self.lines[1:], wrong, self.plain and self.plain[1:])


def batches(found: Iterator[list[Line]], delimiter: str, most: int) -> Iterator[Batch]:
    """All rows, each of at most so many bytes.

    What is no row, as a quote that is never closed makes it, is bad up to the end of its first line alone, and reading
    goes on with the next one; where too much was read twice already, with the next that was not.
    """
    csv.field_size_limit(most)
    source = _Source(found, delimiter, most)
    while lines := source.block():
        batch = _one_a_line(lines, source.line, delimiter)
        if batch is None:
            yield source.careful(lines)
        else:
            source.line += len(lines)
            yield batch


def _one_a_line(lines: list[Line], first: int, delimiter: str) -> Batch | None:
    """A batch whose rows have a line each, read at once; None if it is not that simple."""
    if any(type(line) is Overlong for line in lines):
        return None
    raws: list[bytes] = lines  # type: ignore[assignment]  # mypy does not follow the line above
    try:
        text = b"\n".join(raws).decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
        raws = [raw.removesuffix(b"\r") for raw in raws]
    try:
        cells = list(csv.reader(text.split("\n"), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(cells) < len(lines):
        return None
    numbers: Sequence[int] = range(first, first + len(lines))
    if [] in cells:
        numbers = [number for number, row in zip(numbers, cells, strict=True) if row]
        raws = [raw for raw, row in zip(raws, cells, strict=True) if row]
        cells = [row for row in cells if row]
    return Batch(cells, raws, numbers, plain=None if '"' in text or "\r" in text else raws)


class _UnclosedError(Exception):
    """A quote opens what has no end within the limit."""


class _Source:
    """The iterator that the csv module draws lines from; remembers what the current row is made of."""

    def __init__(self, found: Iterator[list[Line]], delimiter: str, most: int) -> None:
        self.line = 1
        """Number of the next row's first line."""
        self._found = found
        self._delimiter = delimiter
        self._most = most
        self._fresh = deque[Line]()
        """Lines of the present block."""
        self._again = deque[Line]()
        """Lines behind the first one of what was no row; they are drawn before fresh ones."""
        self._spare = most * _SPARE_ROWS
        """Bytes that may yet be drawn again; each one drawn adds one, so that no file takes longer than it is long."""
        self._taken: list[Line] = []
        self._size = 0

    def block(self) -> list[Line]:
        """The next lines, none at the end."""
        if not self._fresh:
            return next(self._found, [])
        lines = list(self._fresh)
        self._fresh.clear()
        return lines

    def careful(self, lines: list[Line]) -> Batch:
        """Rows that begin in these lines, one at a time; the last one may draw more lines."""
        self._fresh.extend(lines)
        rows = _Rows()
        reader = self._reader()
        while self._again or (self._fresh and rows.size < BLOCK):
            try:
                cells = next(reader)
            except (csv.Error, _UnclosedError) as error:
                reader = self._reader()  # the old one is in the middle of a row
                rows.add(self.line, *self._broken(error))
            else:
                rows.add(self.line, self._drawn(), cells)
            self.line += rows.drawn
        return rows.batch

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self, delimiter=self._delimiter, strict=True)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._next()
        self._taken.append(line)
        if isinstance(line, Overlong) or self._size + len(line) > self._most:
            raise _UnclosedError(f"a quote is not closed within {self._most} bytes")
        self._size += len(line) + 1
        # What is not UTF-8 has to get through the parser, for the row is bad as a whole.
        return line.decode(errors="surrogateescape") + "\n"

    def _next(self) -> Line:
        if not self._fresh:
            self._fresh.extend(next(self._found))
        line = self._fresh.popleft()
        self._spare += _length(line)
        return line

    def _broken(self, error: Exception) -> tuple[list[Line], list[str], Problem]:
        """The first of the lines drawn, and the others are drawn again; or all of them, if that were too many."""
        first, *others = taken = self._drawn()
        if isinstance(first, Overlong):
            return [first], [], too_long(self._most)
        wrong = problem("", "malformed", f"no row of CSV: {error}")
        again = sum(map(_length, others))
        if again > self._spare:
            return taken, [], wrong
        self._spare -= again
        self._again.extendleft(reversed(others))
        return [first], [], wrong

    def _drawn(self) -> list[Line]:
        taken, self._taken, self._size = self._taken, [], 0
        return taken


class _Rows:
    """A batch that is made row by row."""

    def __init__(self) -> None:
        self.drawn = 0
        """Lines of the last row."""
        self.size = 0
        self._raws: list[Line] = []
        self._lines: list[int] = []
        self.batch = Batch(raws=self._raws, lines=self._lines)

    def add(self, line: int, taken: list[Line], cells: list[str], wrong: Problem | None = None) -> None:
        """A row that begins at this line, unless it is blank."""
        raw = b"\n".join(each.beginning if isinstance(each, Overlong) else each for each in taken)
        self.drawn = len(taken)
        self.size += len(raw)
        if not cells and wrong is None:
            return
        wrong = unreadable(raw) or wrong
        if wrong:
            self.batch.wrong[len(self._raws)] = wrong
        cut = any(isinstance(each, Overlong) for each in taken)
        self.batch.cells.append([] if wrong else cells)
        self._raws.append(Overlong(raw[:KEPT]) if cut else raw.removesuffix(b"\r"))
        self._lines.append(line)


def _length(line: Line) -> int:
    return 1 + len(line.beginning if isinstance(line, Overlong) else line)
