"""What the producers of the stream demo put, and what they note of it."""

from __future__ import annotations

from local.use_cases.stream_analytics.producers import EVENTS, MINUTES
from tests.local.stream import START, ran


def test_the_demo_puts_20000_events_of_all_recipes() -> None:
    assert sum(EVENTS.values()) == 20_000
    assert len(EVENTS) == 7


def test_the_end_of_a_shard_is_its_last_event() -> None:
    produced, _ = ran()
    assert len(produced.ends) == 2
    for shard_id, end in produced.ends.items():
        assert end == max(place.position for place in produced.events if place.shard_id == shard_id)


def test_what_is_counted_is_spread_over_ten_minutes_that_differ() -> None:
    produced, _ = ran()
    views = {item.start: count for item, count in produced.tally.counts.items() if item.metric == "clickstream.views"}
    first = int(START.timestamp())
    assert sorted(views) == [first + 60 * minute for minute in range(MINUTES)]
    assert max(views.values()) > 2 * min(views.values())
