"""Clickstream: views, unique visitors, top pages and referrers of a website."""

from __future__ import annotations

import pytest

from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.domain.cleansing import pseudonym
from lambdas.stream_analytics.recipes.clickstream import RECIPE
from tests.stream_analytics.analyzing import KEY, Content, analyze, only, reasons

CLICK: Content = {
    "visitor": "v-1",
    "session": "s-1",
    "action": "view",
    "url": "https://shop.example/a?b=1",
    "referrer": None,
}


def test_views_clicks_and_visitors_are_counted() -> None:
    tally = analyze(
        RECIPE, CLICK, CLICK | {"visitor": "v-2"}, CLICK | {"action": "click"}, CLICK | {"visitor": " v-1 "}
    ).whole

    assert only(tally, "clickstream.views") == Count(3)
    assert only(tally, "clickstream.clicks") == Count(1)
    assert round(only(tally, "clickstream.unique_visitors").estimate) == 2


def test_pages_are_told_apart_by_host_and_path_and_only_views_count() -> None:
    urls = ["https://shop.example/a?c=2", "HTTP://SHOP.example/a#x", "https://shop.example/b", "https://shop.example"]

    tally = analyze(RECIPE, CLICK | {"action": "click"}, *(CLICK | {"url": url} for url in urls)).whole

    pages = [(page.name, page.estimate) for page in only(tally, "clickstream.pages").items()]
    assert pages == [("shop.example/a", 2), ("shop.example/", 1), ("shop.example/b", 1)]


def test_referrers_are_sites() -> None:
    referrers = [
        "https://News.example/story?id=1",
        "https://news.example",
        "http://news.example:8080/",
        None,
        "whatever",
    ]

    tally = analyze(RECIPE, *(CLICK | {"referrer": referrer} for referrer in referrers)).whole

    sites = {site.name: site.estimate for site in only(tally, "clickstream.referrers").items()}
    assert sites == {"news.example": 2, "news.example:8080": 1, "(direct)": 2}


def test_addresses_of_any_length_that_is_taken_are_counted() -> None:
    long = {"url": "https://shop.example/" + "é" * 2027, "referrer": "https://" + "a" * 2040}

    analysis = analyze(RECIPE, CLICK | long)

    assert not analysis.rejected
    assert len(only(analysis.whole, "clickstream.pages").items()[0].name) == 256


def test_visitors_are_kept_as_pseudonyms_and_can_be_looked_up_by_them() -> None:
    event = analyze(RECIPE, CLICK).events[0]

    assert event.visitor == pseudonym("v-1", KEY)
    assert {name: list(values(event)) for name, values in RECIPE.entities.items()} == {"visitor": [event.visitor]}


@pytest.mark.parametrize("change", [{"action": "hover"}, {"url": ""}, {"url": None}, {"visitor": ""}, {"session": 1}])
def test_other_shapes_are_rejected(change: Content) -> None:
    assert reasons(analyze(RECIPE, CLICK | change, CLICK)) == {0: "wrong_schema"}
