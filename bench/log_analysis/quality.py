"""How well lines are grouped, held against what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

Labels = Sequence[Hashable]


def grouping_accuracy(found: Labels, truth: Labels) -> float:
    """Share of the lines in groups that are exactly a true one (Zhu et al., "Tools and Benchmarks for Automated Log
    Parsing", ICSE-SEIP 2019, IV-A).
    """
    both, one, other = Counter(zip(found, truth, strict=True)), Counter(found), Counter(truth)
    right = sum(number for (group, label), number in both.items() if number == one[group] == other[label])
    return right / len(truth)


def pairwise_f1(found: Labels, truth: Labels) -> float:
    """Harmonic mean of precision and recall of pairs of lines that are in one group."""
    together = _pairs(Counter(zip(found, truth, strict=True)))
    return 2 * together / (_pairs(Counter(found)) + _pairs(Counter(truth)))


def _pairs(sizes: Counter[Hashable]) -> float:
    return sum(size * (size - 1) / 2 for size in sizes.values())
