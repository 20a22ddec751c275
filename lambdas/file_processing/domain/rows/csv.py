"""CSV: good rows stay CSV, with the same cells, written as RFC 4180 has it.

That is in UTF-8, with commas, CR LF, and quotes where they are needed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from lambdas.common.lines import Line
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input, Processed, Rejected
from lambdas.file_processing.domain.rows import records, text
from lambdas.file_processing.domain.rows.checks import check_cells
from lambdas.file_processing.domain.rows.ledger import Ledger
from lambdas.file_processing.domain.rows.problems import CheckCells, Found, problem, quoted
from lambdas.file_processing.domain.rows.records import Batch
from lambdas.file_processing.domain.rows.specs import Named, shipped, spec_of

PRODUCT = "valid/rows.csv"
DELIMITERS = ",;\t|"
_SAMPLE = 20
"""Rows that tell the delimiter."""
_DECLARED = re.compile(r"sep=([^\w\s\"]|\t)\r?(?:\n|\Z)", re.IGNORECASE).match
"""The first line by which files tell Excel their delimiter; it is no row."""


def process(source: Input, output: Path, limits: Limits) -> Processed:
    """Checks a file against the spec of its prefix; see `validate`."""
    return validate(source, output, limits, spec_of(source.name, shipped()))


def validate(source: Input, output: Path, limits: Limits, named: Named | None) -> Processed:
    """Good rows to `PRODUCT`, bad ones to quarantine. Raises Rejected if the first row does not name columns."""
    most = limits.rows.max_row_bytes
    encoding = text.encoding_of(source.path)
    head = next(text.blocks(source.path, encoding), b"").decode(errors="replace")
    lines = text.batches(text.blocks(source.path, encoding), most)
    if declared := _DECLARED(head):
        delimiter, lines = declared[1], _without_first(lines)
    else:
        delimiter = _delimiter(head)
    header, rest = _header(records.batches(lines, delimiter, most), limits.rows.max_columns, named)
    with Ledger(source, output, PRODUCT, "text/csv") as ledger, ledger.product.open("wb") as product:
        table = _Table(product, ledger, header, check_cells(named, header), is_normal=delimiter == ",")
        table.write([header])
        for batch in rest:
            table.add(batch)
    return ledger.processed(header, named, delimiter=delimiter, encoding=encoding.told)


def _without_first(batches: Iterator[list[Line]]) -> Iterator[list[Line]]:
    """With a blank first line, which is no row, so that the others keep their numbers."""
    yield [b"", *next(batches)[1:]]
    yield from batches


def _delimiter(head: str) -> str:
    """The one by which most of the first rows have as many fields as the header, and the more fields the better."""
    csv.field_size_limit(text.BLOCK)
    lines = [line for line in head.splitlines() if line.strip()][:_SAMPLE]

    def merit(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        width = widths[0] if widths else 0
        return (widths.count(width), width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=merit)


def _header(batches: Iterator[Batch], most: int, named: Named | None) -> tuple[list[str], Iterator[Batch]]:
    """Names of the columns, and what comes behind them. Names need to be different only where a spec uses them."""
    batch = next((each for each in batches if each.cells), None)
    if batch is None:
        raise Rejected("no_header", "the file has no rows: its first one is to name the columns")
    header = batch.cells[0]
    if 0 in batch.wrong:
        raise Rejected("bad_header", f"the first row does not name columns: {batch.wrong[0].message}")
    if len(header) > most:
        raise Rejected("too_many_columns", f"the header has {len(header)} columns, and at most {most} are read")
    if named and (twice := next((name for name in header if header.count(name) > 1), None)) is not None:
        raise Rejected(
            "bad_header", f"the header has the column {quoted(twice)} twice: {named.name} needs to tell them apart"
        )
    return header, _behind(batch, batches)


def _behind(batch: Batch, batches: Iterator[Batch]) -> Iterator[Batch]:
    yield batch.tail()
    yield from batches


class _Table:
    """Parts the rows of a file."""

    def __init__(
        self, product: BinaryIO, ledger: Ledger, header: Sequence[str], check: CheckCells | None, *, is_normal: bool
    ) -> None:
        self._product = product
        self._ledger = ledger
        self._width = len(header)
        self._check = check
        self._is_normal = is_normal

    def add(self, batch: Batch) -> None:
        """Every row of a batch goes one way or the other."""
        found = self._found(batch)
        if batch.plain is not None and self._is_normal:
            good = [raw for place, raw in enumerate(batch.plain) if place not in found] if found else batch.plain
            self._product.write(b"\r\n".join([*good, b""]) if good else b"")
        else:
            self.write([row for place, row in enumerate(batch.cells) if place not in found])
        self._ledger.settle(found, batch.raws, batch.lines)

    def _found(self, batch: Batch) -> Found:
        found: Found = {place: [wrong] for place, wrong in batch.wrong.items()}
        width = self._width
        if set(map(len, batch.cells)) - {width}:
            for place, row in enumerate(batch.cells):
                if len(row) != width and place not in found:
                    found[place] = [problem("", "field_count", f"has {len(row)} fields, and the header has {width}")]
        if self._check is None:
            return found
        places = [place for place in range(len(batch.cells)) if place not in found] if found else None
        rows = batch.cells if places is None else [batch.cells[place] for place in places]
        checked = self._check(rows)
        return found | ({places[at]: each for at, each in checked.items()} if places is not None else checked)

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """CR LF, because other ends of lines have the writer leave single carriage returns unquoted."""
        written = io.StringIO(newline="")
        csv.writer(written).writerows(rows)
        self._product.write(written.getvalue().encode())
