"""In which order a user sees their items: what they say they like, what they looked at, what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from lambdas.web_backend.contract.models import FeedItem, Item

HALF_LIFE = timedelta(days=7)
FRESHNESS = 0.1
"""What a new item has ahead of old ones: less than one view of one of two tags."""


class View(msgspec.Struct, frozen=True):
    """That an item was looked at, and which tags it had then."""

    tags: tuple[str, ...]
    viewed_at: datetime


def feed(
    items: Iterable[Item], stated: Mapping[str, float], views: Sequence[View], now: datetime, limit: int
) -> tuple[FeedItem, ...]:
    """The best matches first, equal ones by id, the newest first.

    ``score = sum over the item's tags t of (stated(t) + interest(t)) + FRESHNESS * decay(age of the item)``, where
    ``decay(age) = 2 ** (-age / HALF_LIFE)``, and ``interest(t)`` is the sum of ``decay(age of the view)`` over views of
    items with t, divided by the greatest such sum of all tags: from 0 to 1, as ``stated`` is from -1 to 1.
    """
    interest = _interest(views, now)
    found = [_scored(item, stated, interest, now) for item in items]
    found.sort(key=lambda each: (each.score, each.item.item_id), reverse=True)
    return tuple(found[:limit])


def _interest(views: Sequence[View], now: datetime) -> dict[str, float]:
    sums: dict[str, float] = {}
    for view in views:
        weight = _decay(now - view.viewed_at)
        for tag in view.tags:
            sums[tag] = sums.get(tag, 0) + weight
    greatest = max(sums.values(), default=0)
    return {tag: each / greatest for tag, each in sums.items()} if greatest else {}


def _scored(item: Item, stated: Mapping[str, float], interest: Mapping[str, float], now: datetime) -> FeedItem:
    # A tag that an item has twice counts once.
    tags = {tag: stated.get(tag, 0) + interest.get(tag, 0) for tag in item.tags}
    score = sum(tags.values()) + FRESHNESS * _decay(now - item.created_at)
    because = sorted((tag for tag, each in tags.items() if each > 0), key=lambda tag: (-tags[tag], tag))
    return FeedItem(item=item, score=round(score, 6), because=tuple(because))


def _decay(age: timedelta) -> float:
    """From 1 for what has just been down to 0; clocks that differ a little make nothing of greater weight."""
    return float(0.5 ** max(0, age / HALF_LIFE))
