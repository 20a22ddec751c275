"""What table ETL costs: beside what a user would write, or would pick instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.harness import Case


def cases() -> dict[str, Case]:
    """Measurements of this slice by name."""
    # Peers are modules of this package, and must not carry what measuring imports.
    from bench.table_etl import backfill, compaction, measurements

    return measurements.cases() | compaction.cases() | backfill.cases()
