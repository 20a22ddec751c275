"""What table ETL costs: beside what a user would write, or would pick instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from bench.harness import Case, Row


def cases() -> dict[str, Case]:
    """Measurements of this slice by name."""
    # Peers are modules of this package, and must not carry what measuring imports.
    from bench.table_etl import backfill, compaction, measurements, pricing

    return measurements.cases() | compaction.cases() | backfill.cases() | pricing.cases()


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """What is printed after the rows: the bills, if they were among the cases."""
    from bench.table_etl import pricing

    return pricing.tables(rows)
