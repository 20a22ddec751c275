"""What a month of the telemetry of devices costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from bench.harness import Case, Row


def cases() -> dict[str, Case]:
    """Measurements of this slice by name."""
    # The function is measured in a process of this package, which must not carry what measuring imports.
    from bench.iot_backend import pricing

    return pricing.cases()


def tables(rows: Sequence[Row]) -> Iterator[Table]:
    """What is printed after the rows: the bill, if it was among the cases."""
    from bench.iot_backend import pricing

    return pricing.tables(rows)
