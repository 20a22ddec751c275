"""Measures what requests take, and prints the bills of a million and of a hundred million of them a month."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from bench import monthly
from bench.bill import Line, per_million, total
from bench.harness import Case, Peer, Row
from bench.invocations import Usage, typical
from bench.monthly import MONTHS
from bench.web_backend.bill import MIX, Month
from prices import prices

CASE: Final = "price"
SLICE: Final = "web_backend"
ROUNDS: Final = 5


def cases() -> dict[str, Case]:
    """One case, in a row; the bill itself is a table of its own."""
    return {CASE: _price}


def _price() -> Iterator[Row]:
    usages = measured()
    months = {name: Month(requests, usages, prices()) for name, requests in MONTHS.items()}
    monthly.write(SLICE, MIX, usages, {name: _bill(month) for name, month in months.items()})
    many = months["10⁸"]
    ours = per_million(many.lines(), many.requests)
    theirs = per_million(many.behind_a_rest_api(), many.requests)
    note = "all of it at 10⁸ a month; theirs: the same behind a REST API; the bill is below"
    yield Row(CASE, "rest-api", ours, theirs, "$/10⁶ requests", theirs / ours, note)


def _bill(month: Month) -> list[Line]:
    lines = month.lines()
    rest = total(month.behind_a_rest_api(), "all of it behind a REST API")
    return [*lines, total(lines), rest, month.of_users()]


def measured(rounds: int = ROUNDS) -> dict[str, Usage]:
    """By operation; of the CPU time the median of the rounds."""
    with Peer([sys.executable, "-m", "bench.web_backend.function"]) as function:
        return typical([function.ask({}) for _ in range(rounds)])


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """The bill, if this run has reckoned it."""
    if any(row.case == CASE for row in rows):
        yield monthly.table(SLICE, "a visit of the website in 20 requests, and 100 requests of a user")
