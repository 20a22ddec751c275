"""Which segments of the full-text index are merged, so that there are few and none is written often.

Segments of similar size are merged when there are `FEWEST` of them; the new one is at least four times as large as each
of the old, so that a document is written again as often as the index grows by four, whatever its size. The levels are
those of tantivy's own LogMergePolicy, which would take all segments below 10,000 documents for equally large, and write
them anew with every eighth commit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

FEWEST = 8
"""Segments of one merge; tantivy merges no fewer."""
LEVEL = 0.75
"""Width of a level in powers of two; tantivy's, or else it would not merge what is chosen here."""
SMALLEST = 10
"""Documents of a commit; what is smaller counts as this large."""


class Sized(Protocol):
    """A segment."""

    @property
    def alive(self) -> int:
        """Documents that are not deleted."""


S = TypeVar("S", bound=Sized)


def to_merge(segments: Sequence[S]) -> Sequence[S]:
    """The segments that are to become one, of the smallest level first; none if all is well."""
    levels: list[list[S]] = []
    highest = math.inf
    for segment in sorted(segments, key=lambda each: each.alive, reverse=True):
        size = math.log2(max(segment.alive, SMALLEST))
        if size < highest - LEVEL:
            highest = size
            levels.append([])
        levels[-1].append(segment)
    return next((level for level in reversed(levels) if len(level) >= FEWEST), [])
