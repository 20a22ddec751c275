"""Counts the rows of a file, and writes the bad ones down."""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import msgspec

from lambdas.common.lines import Line, Overlong
from lambdas.file_processing.contract import QUARANTINED_ORIGINAL
from lambdas.file_processing.domain.processing import Fact, Input, Processed, Product
from lambdas.file_processing.domain.rows.problems import MOST_PROBLEMS, Found, Problem
from lambdas.file_processing.domain.rows.specs import Named

QUARANTINED_ROWS = "rows.jsonl.gz"
MOST_COLUMNS = 100
"""Whose names go into the facts."""
MOST_NAME = 100
"""Characters of such a name."""


class ProblemLine(msgspec.Struct, frozen=True):
    """One more thing that is wrong with a row."""

    column: str
    code: str
    message: str


class BadRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of `QUARANTINED_ROWS`: one for each bad row, with the first of its problems."""

    row: int
    """1 for the first row of data."""
    column: str
    code: str
    message: str
    line: int | None = None
    """Where the row begins in the file, 1 for the first line; Parquet has none."""
    raw: str | None = None
    """The row's bytes in the file, without the end of its last line, read in the ``encoding`` that the facts name, and
    with LF for each CR where lines end in CR alone; Parquet's row as JSON."""
    raw_base64: str | None = None
    """Instead of ``raw``, where that is no text: the same in UTF-8, with what cannot be read as it was."""
    complete: bool = True
    """Whether that is all of it; of what is too long, it is the beginning, and the whole file lies beside this one."""
    more: tuple[ProblemLine, ...] = ()
    """Its other problems, `MOST_PROBLEMS` in all at the most."""


class Ledger:
    """Tells of every row whether it is valid or bad: ``rows`` is the sum of both, always."""

    def __init__(self, source: Input, output: Path, product: str, content_type: str) -> None:
        self.rows = 0
        """That were counted so far."""
        self.rejected = 0
        self.product = output / product
        """Where valid rows are written to."""
        self._source = source
        self._output = output
        self._name, self._content_type = product, content_type
        self._reasons = Counter[str]()
        self._cut = False
        """Whether there is a bad row that is not written down as a whole."""
        self._encode = msgspec.json.Encoder().encode
        self._open = ExitStack()
        self._lines: BinaryIO | None = None

    def __enter__(self) -> Self:
        self.product.parent.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def settle(self, found: Found, rows: Sequence[Line], lines: Sequence[int] | None = None) -> None:
        """The next rows, of which those that are found are bad; and the line at which each begins."""
        start = self.rows
        for place in sorted(found):
            self.rows = start + place
            self.bad(found[place], rows[place], lines[place] if lines else None)
        self.rows = start + len(rows)

    def valid(self, number: int) -> None:
        """The next rows are fine."""
        self.rows += number

    def bad(self, problems: Sequence[Problem], row: Line, line: int | None) -> None:
        """The next row is bad."""
        self.rows += 1
        self.rejected += 1
        first, *others = problems[:MOST_PROBLEMS]
        self._reasons[first.code] += 1
        text, base64 = _readable(row.beginning if isinstance(row, Overlong) else row)
        more = tuple(ProblemLine(*each) for each in others)
        cut = isinstance(row, Overlong)
        self._cut |= cut
        told = BadRow(self.rows, *first, line, text, base64, not cut, more)
        if self._lines is None:
            self._lines = self._opened()
        self._lines.write(self._encode(told) + b"\n")

    def _opened(self) -> BinaryIO:
        # Neither the file's name nor the time is written, so that equal rows give equal bytes.
        file = self._open.enter_context((self._output / QUARANTINED_ROWS).open("wb"))
        return cast(BinaryIO, self._open.enter_context(gzip.GzipFile("", "wb", compresslevel=3, fileobj=file, mtime=0)))

    def unchanged(self) -> None:
        """The product is the file itself, instead of what would be written."""
        self.product = self._source.path

    def processed(self, columns: Sequence[str], named: Named | None, **more: Fact) -> Processed:
        """The outcome, once all is written."""
        self._open.close()
        facts: dict[str, Fact] = {
            "rows": self.rows,
            "valid": self.rows - self.rejected,
            "rejected": self.rejected,
            "reasons": dict(sorted(self._reasons.items())),
            "column_count": len(columns),
            "columns": [name[:MOST_NAME] for name in columns[:MOST_COLUMNS]],
            "spec": named.name if named else None,
            **more,
        }
        quarantined = [Product(QUARANTINED_ROWS, self._output / QUARANTINED_ROWS, "application/gzip")]
        if self._cut:
            quarantined.append(Product(QUARANTINED_ORIGINAL, self._source.path, "application/octet-stream"))
        return Processed(
            facts=facts,
            products=(Product(self._name, self.product, self._content_type),),
            quarantined=tuple(quarantined) if self.rejected else (),
            bad_rows=self.rejected,
        )


def _readable(raw: bytes) -> tuple[str | None, str | None]:
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        return None, b64encode(raw).decode()
