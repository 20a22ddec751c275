"""Measures what deliveries of log events take, and prints the bills of a million and of a hundred million events."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from statistics import mean
from typing import Final

from rich.table import Table

from bench import monthly
from bench.bill import Line, per_million, total
from bench.harness import Case, Peer, Row
from bench.invocations import Usage, typical
from bench.log_analysis.bill import LINE_BYTES, Month
from bench.monthly import MONTHS
from prices import prices

CASE: Final = "price"
SLICE: Final = "log_analysis"
ROUNDS: Final = 3
KINDS: Final = ("small", "large")
"""Of deliveries: those of the smaller month, and of the larger one."""


def cases() -> dict[str, Case]:
    """One case, in a row; the bill itself is a table of its own."""
    return {CASE: _price}


def _price() -> Iterator[Row]:
    usages, sizes = measured()
    months = {
        name: Month(events, sizes[kind], usages[kind], prices())
        for (name, events), kind in zip(MONTHS.items(), KINDS, strict=True)
    }
    small, large = (sizes[kind] for kind in KINDS)
    mix = {f"deliveries of {small:.0f} log events in the smaller month, of {large:.0f} in the larger": 1.0}
    monthly.write(SLICE, mix, usages, {name: _bill(month) for name, month in months.items()})
    few, many = (per_million(month.lines(), month.events) for month in months.values())
    note = "ours: a million of 10⁸ a month, theirs: of 10⁶; the bill is below"
    yield Row(CASE, "10⁶", many, few, "$/10⁶ log events", few / many, note)


def _bill(month: Month) -> list[Line]:
    lines = month.lines()
    return [*lines, total(lines), *month.options()]


def measured(rounds: int = ROUNDS) -> tuple[dict[str, Usage], dict[str, float]]:
    """Usages by kind of delivery, with the median of the CPU times, and the log events of a delivery."""
    with Peer([sys.executable, "-m", "bench.log_analysis.function"]) as function:
        answers = [function.ask({}) for _ in range(rounds)]
    sizes = {kind: mean(answer[f"{kind} events"] for answer in answers) for kind in KINDS}
    return typical([{kind: answer[kind] for kind in KINDS} for answer in answers]), sizes


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """The bill, if this run has reckoned it."""
    if any(row.case == CASE for row in rows):
        yield monthly.table(SLICE, f"log events of {LINE_BYTES} bytes")
