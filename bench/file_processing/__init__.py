"""Access logs beside the usual parser, whatever else file processing is measured by, and the bill of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from bench.harness import Case, Row


def cases() -> dict[str, Case]:
    """Measurements of this slice by name."""
    # Peers are modules of this package, and must not carry what measuring imports.
    from bench.file_processing import measurements, pricing

    return measurements.cases() | pricing.cases()


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """What is printed after the rows: the bill, if it was among the cases."""
    from bench.file_processing import pricing

    return pricing.tables(rows)
