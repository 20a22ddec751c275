"""Measures what messages of devices take, and prints the bills of a million and of a hundred million."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from bench import monthly
from bench.bill import Line, per_million, total
from bench.harness import Case, Peer, Row
from bench.invocations import Usage, typical
from bench.iot_backend.bill import MIX, Month
from bench.monthly import MONTHS
from prices import prices

CASE: Final = "price"
SLICE: Final = "iot_backend"
ROUNDS: Final = 5


def cases() -> dict[str, Case]:
    """One case, in a row; the bill itself is a table of its own."""
    return {CASE: _price}


def _price() -> Iterator[Row]:
    usages = measured()
    months = {name: Month(messages, usages, prices()) for name, messages in MONTHS.items()}
    monthly.write(SLICE, MIX, usages, {name: _bill(month) for name, month in months.items()})
    few, many = (per_million(month.lines(), month.messages) for month in months.values())
    note = "ours: a million of 10⁸ a month, theirs: of 10⁶; the bill is below"
    yield Row(CASE, "10⁶", many, few, "$/10⁶ messages", few / many, note)


def _bill(month: Month) -> list[Line]:
    lines = month.lines()
    return [*lines, total(lines), *month.options()]


def measured(rounds: int = ROUNDS) -> dict[str, Usage]:
    """By kind of message; of the CPU time the median of the rounds."""
    with Peer([sys.executable, "-m", "bench.iot_backend.functions"]) as functions:
        return typical([functions.ask({}) for _ in range(rounds)])


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """The bill, if this run has reckoned it."""
    if any(row.case == CASE for row in rows):
        yield monthly.table(SLICE, "a message of three readings each minute from devices that are always connected")
