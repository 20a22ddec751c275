"""Latencies in cells keep the relative error that is stated."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from lambdas.log_analysis.domain.latencies import LARGEST, RELATIVE_ERROR, SMALLEST, cell_of, middle_of, percentile


def test_a_cell_stands_for_its_latencies_within_the_stated_error() -> None:
    rng = random.Random(1)
    for latency in (10 ** rng.uniform(-1, 6) for _ in range(10_000)):
        assert abs(middle_of(cell_of(latency)) - latency) <= latency * RELATIVE_ERROR * (1 + 1e-9)


@pytest.mark.parametrize(("latency", "counted_as"), [(0.0, SMALLEST), (-1.0, SMALLEST), (1e12, LARGEST)])
def test_extreme_latencies_count_as_the_most_extreme_cells(latency: float, counted_as: float) -> None:
    assert cell_of(latency) == cell_of(counted_as)


@pytest.mark.parametrize("percent", [50, 90, 99, 100])
def test_percentiles_keep_the_stated_error(percent: float) -> None:
    rng = random.Random(2)
    latencies = sorted(rng.lognormvariate(4, 1) for _ in range(2_000))
    true = latencies[int(len(latencies) * percent / 100) - 1]
    assert percentile(Counter(map(cell_of, latencies)), percent) == pytest.approx(true, rel=RELATIVE_ERROR)


def test_without_requests_there_is_no_percentile() -> None:
    assert percentile({}, 50) is None
