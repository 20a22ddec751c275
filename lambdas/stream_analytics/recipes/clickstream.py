"""Clickstream of a website: views, visitors, top pages and referrers per minute."""

from __future__ import annotations

from operator import attrgetter
from typing import Literal

from lambdas.stream_analytics.domain.cleansing import PERSONAL, TRIM, URL
from lambdas.stream_analytics.domain.events import Event, Name, Url
from lambdas.stream_analytics.domain.recipe import Recipe, count, distinct, top

LONGEST_NAME = 256


class Click(Event, tag="clickstream"):
    """A page was viewed, or something on it was clicked."""

    visitor: Name
    """Kept as a pseudonym."""
    session: Name
    action: Literal["view", "click"]
    url: Url
    referrer: Url | None


def is_view(click: Click) -> bool:
    """Whether a page was viewed."""
    return click.action == "view"


def page(url: str) -> str:
    """Address without scheme and query; as many characters as names may have."""
    return url.partition("://")[2].partition("?")[0][:LONGEST_NAME]


def site(referrer: str | None) -> str:
    """Host that the visitor came from."""
    return (referrer or "").partition("://")[2].partition("/")[0][:LONGEST_NAME] or "(direct)"


RECIPE = Recipe(
    event=Click,
    cleanse={"visitor": PERSONAL, "session": TRIM, "url": URL, "referrer": URL},
    measures=(
        count("views", where=is_view),
        count("clicks", where=lambda click: not is_view(click)),
        distinct("unique_visitors", attrgetter("visitor")),
        top("pages", attrgetter("url"), label=page, where=is_view),
        top("referrers", attrgetter("referrer"), label=site, where=is_view),
    ),
    entities={"visitor": lambda click: (click.visitor,)},
)
