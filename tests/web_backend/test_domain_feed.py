"""The order of a feed, by its formula."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lambdas.web_backend.contract.models import FeedItem, Item
from lambdas.web_backend.domain.feed import View, feed

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LONG_AGO = timedelta(days=700)
WEEK = timedelta(days=7)


def item(name: str, *tags: str, age: timedelta = LONG_AGO) -> Item:
    return Item(item_id=name, title="", description="", tags=tags, image_id=None, created_at=NOW - age, updated_at=NOW)


def view(*tags: str, age: timedelta = timedelta()) -> View:
    return View(tags, NOW - age)


def ranked(
    *items: Item, stated: dict[str, float] | None = None, views: tuple[View, ...] = (), limit: int = 100
) -> list[FeedItem]:
    return list(feed(items, stated or {}, views, NOW, limit))


def names(found: list[FeedItem]) -> list[str]:
    return [each.item.item_id for each in found]


def test_stated_weights_of_an_item_s_tags_add_up() -> None:
    both, one, other = item("a", "sea", "dusk"), item("b", "sea"), item("c", "dusk")
    found = ranked(one, other, both, stated={"sea": 0.5, "dusk": 0.25})
    assert [(each.item.item_id, each.score) for each in found] == [("a", 0.75), ("b", 0.5), ("c", 0.25)]


def test_what_is_disliked_comes_last_and_is_never_a_reason() -> None:
    found = ranked(item("a", "cats"), item("b"), item("c", "cats", "sea"), stated={"cats": -1, "sea": 0.5})
    assert [(each.item.item_id, each.because) for each in found] == [("b", ()), ("c", ("sea",)), ("a", ())]


def test_reasons_come_strongest_first_and_equal_ones_by_name() -> None:
    [found] = ranked(item("a", "x", "b", "a"), stated={"x": 0.9, "a": 0.2, "b": 0.2})
    assert found.because == ("x", "a", "b")


def test_what_was_looked_at_counts_half_a_week_later() -> None:
    views = (view("sea"), view("dusk", age=WEEK), view("fog", age=2 * WEEK))
    found = ranked(item("a", "fog"), item("b", "dusk"), item("c", "sea"), views=views)
    assert [(each.item.item_id, each.score) for each in found] == [("c", 1), ("b", 0.5), ("a", 0.25)]


def test_interest_is_relative_to_the_tag_that_was_looked_at_most() -> None:
    views = (view("sea"), view("sea"), view("sea", "dusk"), view("sea"))
    found = ranked(item("a", "sea"), item("b", "dusk"), views=views)
    assert [each.score for each in found] == [1, 0.25]


def test_stated_weights_and_interest_add_up() -> None:
    [found] = ranked(item("a", "sea"), stated={"sea": -0.25}, views=(view("sea"),))
    assert (found.score, found.because) == (0.75, ("sea",))


@pytest.mark.parametrize(("age", "score"), [(timedelta(), 0.1), (WEEK, 0.05), (LONG_AGO, 0)])
def test_new_items_are_ahead_by_a_little(age: timedelta, score: float) -> None:
    [found] = ranked(item("a", age=age))
    assert (found.score, found.because) == (score, ())


def test_a_view_of_the_future_counts_as_one_of_now() -> None:
    """As clocks of two machines may have it."""
    [found] = ranked(item("a", "sea"), views=(view("sea", age=-WEEK), view("fog")))
    assert found.score == 1


def test_equal_ones_come_newest_first() -> None:
    assert names(ranked(item("a"), item("c"), item("b"))) == ["c", "b", "a"]


def test_a_tag_that_stands_twice_counts_once() -> None:
    [found] = ranked(item("a", "sea", "sea"), stated={"sea": 0.5})
    assert (found.score, found.because) == (0.5, ("sea",))


def test_only_the_best_are_shown() -> None:
    found = ranked(*(item(name, name) for name in "abc"), stated={"b": 1, "c": 0.5}, limit=2)
    assert names(found) == ["b", "c"]


def test_views_of_items_without_tags_say_nothing() -> None:
    assert ranked(item("a", "sea"), views=(view(),))[0].score == 0


def test_views_too_old_to_weigh_anything_break_nothing() -> None:
    assert ranked(item("a", "sea"), views=(view("sea", age=timedelta(days=20_000)),))[0].because == ()
