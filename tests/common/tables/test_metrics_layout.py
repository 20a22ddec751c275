"""Keys of the metrics table, and item sizes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.common.dynamodb import item_size
from lambdas.common.tables.metrics import layout

MINUTES = st.integers(0, 4_000_000_000 // 60).map(lambda minute: minute * 60)
NAMES = st.text("abc._", min_size=1, max_size=6)
DIMENSIONS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def test_keys_read_as_documented() -> None:
    start = int(datetime(2026, 11, 21, 10, 5, tzinfo=UTC).timestamp())

    assert layout.item_key("activity.feature_use", "search", start, "shardId-000000000003") == {
        "metric": {"S": "activity.feature_use#search"},
        "period_and_shard": {"S": "2026-11-21T10:05Z#shardId-000000000003"},
    }
    assert layout.metric_key("clickstream.views") == "clickstream.views"


@given(NAMES, DIMENSIONS, NAMES, DIMENSIONS)
def test_different_metrics_and_dimensions_have_different_keys(
    metric: str, dimension: str, other_metric: str, other_dimension: str
) -> None:
    same = (metric, dimension) == (other_metric, other_dimension)
    assert (layout.metric_key(metric, dimension) == layout.metric_key(other_metric, other_dimension)) == same


@pytest.mark.parametrize("metric", ["", "a#b", "#"])
def test_a_metric_whose_key_would_be_ambiguous_is_refused(metric: str) -> None:
    with pytest.raises(ValueError, match="name a metric"):
        layout.metric_key(metric, "x")


def test_a_dimension_is_measured_in_bytes_against_dynamodb() -> None:
    longest = "é" * ((2048 - len("pages#")) // 2)

    assert len(layout.metric_key("pages", longest).encode()) == 2048
    with pytest.raises(ValueError, match=r"2049 bytes .* limit the field's length"):
        layout.metric_key("pages", longest + "e")


@given(MINUTES, MINUTES)
def test_sort_keys_sort_as_time_does_and_tell_their_period(one: int, other: int) -> None:
    keys = [
        layout.item_key("m", "", start, shard)["period_and_shard"]["S"] for start, shard in ((one, "z"), (other, ""))
    ]

    assert (keys[0] < keys[1]) == (one < other)
    assert [layout.period_start(key) for key in keys] == [one, other]


@given(MINUTES, st.integers(1, 59))
def test_a_period_starts_with_a_minute(start: int, seconds: int) -> None:
    with pytest.raises(ValueError, match="starts with a minute"):
        layout.period_key(start + seconds)


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({}, 0),
        ({"é": {"S": "hé"}}, 2 + 3),
        ({"n": {"N": "5"}}, 1 + 1 + 1),
        ({"n": {"N": "-5"}}, 1 + 1 + 1 + 1),
        ({"n": {"N": "12345"}}, 1 + 3 + 1),
        ({"n": {"N": "0.0012300"}}, 1 + 2 + 1),
        ({"n": {"N": "12E+100"}}, 1 + 1 + 1),
        ({"n": {"N": "9" * 38}}, 1 + 19 + 1),
        ({"b": {"B": bytes(100)}}, 1 + 100),
        ({"t": {"BOOL": True}, "z": {"NULL": True}}, 4),
        ({"l": {"L": []}}, 1 + 3),
        ({"l": {"L": [{"S": "ab"}, {"L": []}]}}, 1 + 3 + (1 + 2) + (1 + 3)),
        ({"m": {"M": {"ab": {"N": "7"}, "c": {"M": {}}}}}, 1 + 3 + (1 + 2 + 2) + (1 + 1 + 3)),
        (
            {"s": {"SS": ["ab", "c"]}, "n": {"NS": ["5"]}, "b": {"BS": [b"abc"]}},
            3 + 9 + (2 + 1 + 2) + (1 + 2) + (1 + 3),
        ),
    ],
)
def test_items_have_the_size_that_dynamodb_counts(item: dict[str, Any], size: int) -> None:
    assert item_size(item) == size


def test_an_item_not_in_low_level_form_has_no_size() -> None:
    with pytest.raises(ValueError, match="low-level form"):
        item_size({"a": {"X": "1"}})
