"""The test of a rate, against exact sums and against what it promises."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from lambdas.log_analysis.contract import Detection
from lambdas.log_analysis.domain.statistics import dispersion, is_high, rate, tail

DETECTION = Detection()


def exact_tail(count: int, total: int, minutes: int) -> float:
    """One less the sum of all smaller counts' probabilities, in fractions up to the square root in the shape."""
    probability = Fraction(1, minutes + 1)
    # Terms of (1 - p)^r, r = total + 1/2, by the recurrence of the binomial series; only the first is irrational.
    first = math.exp((total + 0.5) * math.log(minutes / (minutes + 1)))
    term, below = Fraction(1), Fraction(0)
    for at in range(count):
        below += term
        term *= (Fraction(2 * total + 1, 2) + at) / (at + 1) * probability
    return 1 - first * float(below)


@pytest.mark.parametrize(("total", "minutes"), [(0, 10), (3, 10), (60, 60), (600, 60), (45, 12)])
def test_the_tail_is_that_of_the_negative_binomial_distribution(total: int, minutes: int) -> None:
    for count in range(math.ceil((total + 1) / minutes) + 1, math.ceil((total + 1) / minutes) + 12):
        assert tail(count, total, minutes) == pytest.approx(exact_tail(count, total, minutes), rel=1e-4, abs=1e-12)


def test_far_tails_are_not_lost_in_rounding() -> None:
    # 0.5 in 10 minutes: the terms of a geometric-like series, whose first one dominates.
    assert tail(40, 0, 10) == pytest.approx(
        math.exp(math.lgamma(40.5) - math.lgamma(0.5) - math.lgamma(41) + 0.5 * math.log(10 / 11) - 40 * math.log(11))
        * (1 + 40.5 / 41 / 11 + 40.5 * 41.5 / 41 / 42 / 121),
        rel=1e-3,
    )


def test_dispersion_is_variance_by_mean_and_never_below_that_of_poisson() -> None:
    assert dispersion([0, 10, 0, 10]) == pytest.approx(100 / 3 / 5)
    assert dispersion([5, 5, 5]) == 1.0
    assert dispersion([0, 0]) == 1.0
    assert dispersion([7]) == 1.0


def test_bursts_in_the_past_make_a_burst_less_surprising() -> None:
    steady, bursting = [2] * 20, [0, 0, 0, 8] * 5
    assert rate(12, steady).expected == rate(12, bursting).expected == 2
    assert rate(12, steady).probability < rate(12, bursting).probability / 1000


def test_a_longer_past_is_surer() -> None:
    assert rate(12, [2] * 60).probability < rate(12, [2] * 10).probability


@pytest.mark.parametrize(("count", "baseline"), [(4, [0] * 60), (500, [1] * 9), (3, [2] * 60)])
def test_few_errors_or_a_short_past_are_never_told_of(count: int, baseline: list[int]) -> None:
    assert is_high(count, baseline, DETECTION) is None


def test_what_is_told_of_is_less_likely_than_the_false_alarms_that_are_allowed() -> None:
    baseline = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]
    told = [count for count in range(100) if is_high(count, baseline, DETECTION)]
    assert told == list(range(told[0], 100))
    assert rate(told[0], baseline).probability < DETECTION.false_alarm_probability
    assert rate(told[0] - 1, baseline).probability >= DETECTION.false_alarm_probability


def test_false_alarms_are_as_rare_as_promised_where_rates_are_steady() -> None:
    rng = random.Random(7)
    detection = Detection(false_alarm_probability=0.01, min_count=2)
    alarms = 0
    for _ in range(4_000):
        counts = [_poisson(rng, 3.0) for _ in range(31)]
        alarms += is_high(counts[30], counts[:30], detection) is not None
    assert alarms <= 40


def _poisson(rng: random.Random, mean: float) -> int:
    count, passed = 0, rng.expovariate(1)
    while passed < mean:
        count, passed = count + 1, passed + rng.expovariate(1)
    return count
