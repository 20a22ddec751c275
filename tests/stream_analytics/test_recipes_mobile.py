"""Mobile: percentiles of durations per platform and version."""

from __future__ import annotations

import math

import pytest

from lambdas.stream_analytics.recipes.mobile import RECIPE
from tests.stream_analytics.analyzing import Content, analyze, reasons, values

MEASURED: Content = {"platform": "ios", "version": "4.2.0", "duration_ms": 100}


def test_percentiles_are_within_one_percent_of_the_value_at_their_rank() -> None:
    durations = [1.1**number for number in range(150)]

    tally = analyze(RECIPE, *(MEASURED | {"duration_ms": duration} for duration in reversed(durations))).whole

    sketch = values(tally, "mobile.duration_ms")["ios 4.2.0"]
    for q in (0.5, 0.95, 0.99):
        assert sketch.quantile(q) == pytest.approx(durations[math.floor(q * 149)], rel=0.01)  # type: ignore[attr-defined]  # the metric's kind


def test_platforms_and_versions_are_told_apart() -> None:
    releases = [("ios", "4.2.0"), ("ios", " 4.2.0"), ("android", "4.2.0"), ("ios", "4.2.1")]

    tally = analyze(RECIPE, *(MEASURED | {"platform": name, "version": version} for name, version in releases)).whole

    counts = {release: sketch.count for release, sketch in values(tally, "mobile.duration_ms").items()}  # type: ignore[attr-defined]  # the metric's kind
    assert counts == {"ios 4.2.0": 2, "android 4.2.0": 1, "ios 4.2.1": 1}


@pytest.mark.parametrize("duration", [0, -0.0, 1e-300, 0.5, 3_600_000])
def test_durations_from_none_to_an_hour_are_taken(duration: float) -> None:
    assert not analyze(RECIPE, MEASURED | {"duration_ms": duration}).rejected


@pytest.mark.parametrize(
    "change",
    [
        {"duration_ms": -0.001},
        {"duration_ms": 3_600_001},
        {"duration_ms": "100"},
        {"duration_ms": None},
        {"platform": "iOS"},
        {"version": ""},
        {"version": "x" * 65},
    ],
)
def test_other_shapes_are_rejected(change: Content) -> None:
    assert reasons(analyze(RECIPE, MEASURED | change, MEASURED)) == {0: "wrong_schema"}
