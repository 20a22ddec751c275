"""Counts of latencies in cells that grow geometrically, so that they can be added up in a table.

A cell's middle differs from any latency within it by less than `RELATIVE_ERROR` (the bound of DDSketch: Masson, Rim
and Lee, VLDB 2019, 2.1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

RELATIVE_ERROR = 0.05
_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_LOG_GROWTH = math.log(_GROWTH)
SMALLEST, LARGEST = 0.1, 1_000_000.0
"""Milliseconds; what is beyond counts as these."""


def cell_of(milliseconds: float) -> int:
    """Number of the cell that a latency belongs to."""
    return math.ceil(math.log(min(max(milliseconds, SMALLEST), LARGEST)) / _LOG_GROWTH)


def middle_of(cell: int) -> float:
    """Milliseconds that stand for a cell."""
    return float(2 * _GROWTH**cell / (_GROWTH + 1))


def percentile(cells: Mapping[int, int], percent: float) -> float | None:
    """Milliseconds that so many of a hundred requests took at most; None without requests."""
    total = sum(cells.values())
    if not total:
        return None
    rank, below = math.ceil(total * percent / 100), 0
    for cell in sorted(cells):
        below += cells[cell]
        if below >= rank:
            return middle_of(cell)
    raise AssertionError("the counts of all cells are fewer than their sum")
