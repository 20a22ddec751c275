"""What is trending is what grew more than chance explains, and never what is merely rare."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lambdas.common.tables.metrics.sketches import Top
from lambdas.common.tables.metrics.trending import trending


def names(recent: Mapping[str, int], before: Mapping[str, int] | None, n: int = 10) -> list[str]:
    trends = trending(Top.of(recent), None if before is None else Top.of(before), n)
    return [trend.name for trend in trends]


def test_what_grew_most_comes_first_and_what_did_not_grow_is_left_out() -> None:
    before = {"steady": 100, "up": 100, "far up": 100, "down": 100}
    recent = {"steady": 100, "up": 130, "far up": 160, "down": 10}

    assert names(recent, before) == ["far up", "up"]


def test_a_rare_name_does_not_win_by_its_rate() -> None:
    before = {"big": 1000, "rest": 99_000}
    recent = {"big": 1300, "rest": 98_690, "rare": 3, "seldom": 7}

    assert names(recent, before)[0] == "big"


def test_what_is_new_and_frequent_wins_over_what_grew_as_much_from_more() -> None:
    assert names({"old": 1100, "new": 100, "x": 9000}, {"old": 1000, "x": 9200}, 1) == ["new"]


@pytest.mark.parametrize("times", [0.1, 24])
def test_periods_of_different_lengths_are_compared_by_shares(times: float) -> None:
    before = {"a": int(1000 * times), "b": int(500 * times), "c": int(100 * times)}

    assert names({"a": 1000, "b": 400, "c": 200}, before) == ["c"]


def test_only_so_many_are_told_and_equal_ones_by_name() -> None:
    recent = {"b": 50, "a": 50, "c": 50}

    assert names(recent, {"x": 150}, 2) == ["a", "b"]
    assert names(recent, {"x": 150}, 0) == []


@pytest.mark.parametrize("before", [None, {}])
def test_without_anything_before_the_most_frequent_trend(before: dict[str, int] | None) -> None:
    assert names({"a": 5, "b": 50}, before) == ["b", "a"]


def test_of_nothing_nothing_trends() -> None:
    assert names({}, {"a": 1}) == []
    assert names({}, None) == []


def test_the_numbers_are_told() -> None:
    (trend,) = trending(Top.of({"a": 30, "b": 70}), Top.of({"a": 10, "b": 90}), 10)

    assert (trend.name, trend.occurrences, trend.expected) == ("a", 30, 10)
    assert trend.score == pytest.approx(20 / 20**0.5)


def test_what_a_full_sketch_may_have_dropped_is_not_taken_for_new() -> None:
    before = Top.of({f"tag {number}": 100 for number in range(1000)})
    assert not before.exact

    assert trending(Top.of({f"tag {number}": 100 for number in range(100)} | {"x": 90_000}), before, 200)[0].name == "x"
    assert "tag 7" not in [trend.name for trend in trending(Top.of({"tag 7": 100, "other": 99_900}), before, 10)]
