"""What events come to: one aggregate for each metric, dimension and period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.stream_analytics.domain.events import Event
from lambdas.stream_analytics.domain.recipe import MINUTE, Measure, Recipe

REJECTED, CLEANSED, FILTERED, REPEATED = "stream.rejected", "stream.cleansed", "stream.filtered", "stream.repeated"
"""Metrics of the stream itself, by reason, by rule, by type and by type, in the minute in which a record arrived."""


class Item(NamedTuple):
    """What an item of the metrics table tells of; ``start`` of its period in Unix seconds."""

    metric: str
    dimension: str
    start: int


Tally = dict[Item, Aggregate]


def measured(recipe: Recipe[Any], minutes: Mapping[int, list[Event]]) -> Iterator[tuple[Item, Aggregate]]:
    """What a recipe's events come to, given by minute since 1970."""
    chosen: dict[Any, list[Event]] = {}  # measures that share a condition share its outcome
    for measure in recipe.measures:
        metric = f"{recipe.name}.{measure.name}"
        for start, events in _periods(minutes, measure.period).items():
            counted = events
            if where := measure.where:
                key = where, measure.period, start
                if key not in chosen:
                    chosen[key] = list(filter(where, events))
                counted = chosen[key]
            for dimension, members in _dimensions(counted, measure).items():
                if aggregate := measure.of(members):
                    yield Item(metric, dimension, start), aggregate


def _periods(minutes: Mapping[int, list[Event]], period: int) -> dict[int, list[Event]]:
    if period == MINUTE:
        return {minute * MINUTE: events for minute, events in minutes.items()}
    longer: dict[int, list[Event]] = defaultdict(list)
    for minute, events in minutes.items():
        longer[minute * MINUTE // period * period] += events
    return longer


def _dimensions(events: list[Event], measure: Measure[Any]) -> dict[str, list[Event]]:
    if not events or measure.by is None:
        return {"": events} if events else {}
    dimensions: dict[str, list[Event]] = defaultdict(list)
    for event, dimension in zip(events, map(measure.by, events), strict=True):
        dimensions[dimension].append(event)
    return dimensions
