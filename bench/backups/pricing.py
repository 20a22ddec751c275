"""Prints the bills of a small and of a large estate; nothing of them is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.table import Table

from bench.backups.bill import LARGE, SMALL, Estate, Month
from bench.bill import Line, printed, total
from bench.harness import Case, Row
from prices import prices
from stacks.backups.config import DAILY

CASE: Final = "price"
ESTATES: Final = {"small": SMALL, "large": LARGE}


def cases() -> dict[str, Case]:
    """One case, in a row; the bill itself is a table of its own."""
    return {CASE: _price}


def month(estate: Estate) -> Month:
    """Of an estate, by the defaults of `BackupsConfig`."""
    return Month(estate, DAILY.retention, prices())


def _price() -> Iterator[Row]:
    large, small = (_per_gb(estate) for estate in (LARGE, SMALL))
    note = "ours: of the large estate, theirs: of the small one; the bill is below"
    yield Row(CASE, "small estate", large, small, "$/GB and month", small / large, note)


def _per_gb(estate: Estate) -> float:
    size = estate.tables_gb + estate.buckets_gb + estate.volumes_gb
    return total(month(estate).lines()).month / size


def _bill(estate: Estate) -> list[Line]:
    found = month(estate)
    lines = found.lines()
    return [*lines, total(lines), *found.options()]


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """The bill, if this run has reckoned it."""
    if not any(row.case == CASE for row in rows):
        return
    bills = [_bill(estate) for estate in ESTATES.values()]
    dated = max(each.retrieved for each in prices().values())
    yield printed(
        f"backups: dollars a month, list prices of us-east-1 as of {dated}",
        {f"{heading} {name}": False for name in ESTATES for heading in ("quantity,", "dollars,")},
        (
            (of_both[-1], [cell for each in of_both for cell in (each.quantity, f"{each.month:,.2f}")])
            for of_both in zip(*bills, strict=True)
        ),
        f"backed up daily, {month(SMALL).kept:.0f} backups kept of each resource, 1 % changes a day; nothing that AWS "
        f"gives for free is taken off; lines in grey are not part of the total",
    )
