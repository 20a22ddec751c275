"""What is more frequent now than it was: a question to two values of a metric of the kind `Top`."""

from __future__ import annotations

import math
from typing import NamedTuple

from lambdas.common.tables.metrics.sketches import Top

SMOOTHING = 10
"""Occurrences added to what is expected of each name, so that going from none to three is no trend."""


class Trend(NamedTuple):
    """A name that is more frequent than expected."""

    name: str
    occurrences: int
    """Recent ones, at least."""
    expected: float
    """As many as there would be had its share of all stayed the same, at most."""
    score: float


def trending(recent: Top, before: Top | None, n: int) -> list[Trend]:
    """The ``n`` names that grew most, by score, equal ones by name; only what grew.

    ``score = (occurrences - expected) / sqrt(expected + SMOOTHING)`` with
    ``expected = occurrences before * recent.weight / before.weight``: by how many standard deviations a name exceeds
    what is expected of it, if occurrences are independent (Poisson), with additive smoothing. The weights make
    periods of different lengths comparable, and let nothing trend for the hour of the day alone. Of what the sketches
    leave open the cautious bound is taken. Without anything before, all that is frequent trends.
    """
    known = {each.name: each.upper for each in before.items()} if before else {}
    unknown = before.max_error if before else 0
    ratio = recent.weight / before.weight if before and before.weight else 0.0
    trends = []
    for each in recent.items():
        expected = known.get(each.name, unknown) * ratio
        score = (each.lower - expected) / math.sqrt(expected + SMOOTHING)
        if score > 0:
            trends.append(Trend(each.name, each.lower, expected, score))
    trends.sort(key=lambda trend: (-trend.score, trend.name))
    return trends[:n]
