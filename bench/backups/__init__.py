"""What a month of backups costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from bench.harness import Case, Row


def cases() -> dict[str, Case]:
    """Measurements of this slice by name."""
    from bench.backups import pricing

    return pricing.cases()


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """What is printed after the rows: the bill, if it was among the cases."""
    from bench.backups import pricing

    return pricing.tables(rows)
