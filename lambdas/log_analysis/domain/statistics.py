"""Is a minute's count far above what the minutes before it let one expect?

The counts of a steady rate are Poisson distributed. Of a rate that nobody knows but for ``n`` minutes with ``s`` events
in all, the next minute's count is negative binomial, which is wider: with Jeffreys' prior it has the shape ``s + 1/2``
and the odds ``n`` to 1 (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6 and 2.8). Errors come in bursts, so counts
are divided by the baseline's index of dispersion, variance by mean, if that is above 1 (quasi-Poisson: McCullagh and
Nelder, Generalized Linear Models, 2nd ed., 6.2.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from lambdas.log_analysis.contract import Detection

_NEGLIGIBLE = 1e-12
"""Of a sum, when its terms shrink."""


class Rate(msgspec.Struct, frozen=True):
    """What a test says of a minute."""

    expected: float
    """Mean of the baseline."""
    probability: float
    """Of a count as high as this, or a higher one, if the rate is what it was."""


def dispersion(counts: Sequence[int]) -> float:
    """Sample variance by mean; 1 at least, and of fewer than two counts."""
    mean = sum(counts) / len(counts) if counts else 0.0
    if mean == 0 or len(counts) < 2:
        return 1.0
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
    return max(1.0, variance / mean)


def tail(count: int, total: float, minutes: int) -> float:
    """Probability of ``count`` events or more in a minute, after ``total`` in ``minutes`` minutes.

    Sums the terms of the negative binomial distribution upwards. They shrink from its mode on; below the mean the
    probability is so high that 1 will do.
    """
    shape = total + 0.5
    if count <= shape / minutes:
        return 1.0
    log_term = (
        math.lgamma(count + shape)
        - math.lgamma(shape)
        - math.lgamma(count + 1)
        + shape * math.log(minutes / (minutes + 1))
        - count * math.log(minutes + 1)
    )
    term = added = math.exp(log_term)
    at = count
    while term > _NEGLIGIBLE * added:
        term *= (at + shape) / ((at + 1) * (minutes + 1))
        at += 1
        added += term
    return added


def rate(count: int, baseline: Sequence[int]) -> Rate:
    """Tests one minute against those before it, of which there is at least one.

    The scaled count is rounded down, and a minute that is not over yet has fewer events than it will have: both make
    an alarm less likely.
    """
    spread = dispersion(baseline)
    total = sum(baseline)
    return Rate(total / len(baseline), tail(int(count / spread), total / spread, len(baseline)))


def is_high(count: int, baseline: Sequence[int], detection: Detection) -> Rate | None:
    """What the test says, if the count is to be told of."""
    if count < detection.min_count or len(baseline) < detection.min_baseline_minutes:
        return None
    found = rate(count, baseline)
    return found if found.probability < detection.false_alarm_probability else None
