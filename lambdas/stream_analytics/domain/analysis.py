"""A batch's events: decoded, cleansed, checked, and tallied over any part of the batch."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.contract import Origin, ReasonCode, RedrivenEvent
from lambdas.stream_analytics.domain.events import Event
from lambdas.stream_analytics.domain.pieces import Pieces
from lambdas.stream_analytics.domain.recipe import Recipe
from lambdas.stream_analytics.domain.rejection import Rejected
from lambdas.stream_analytics.domain.tally import CLEANSED, FILTERED, REJECTED, REPEATED, Item, Tally, measured
from lambdas.stream_analytics.domain.times import floor_to_minutes

Places = dict[type[Event], list[int]]


@dataclass
class Analysis:
    """Every list and every number ``at`` follows the order of the shard."""

    pieces: Pieces
    recipes: dict[type[Event], Recipe[Any]]
    events: list[Any]
    """The `Event`, where there is one that is neither rejected nor filtered."""
    minutes: list[int]
    """Of the event's own time, since 1970."""
    rejected: dict[int, Rejected] = field(default_factory=dict)
    redriven: dict[int, RedrivenEvent] = field(default_factory=dict)
    filtered: dict[str, list[int]] = field(default_factory=dict)
    """By type, the events that its recipe does not keep."""
    cleansed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """By rule, the events that it changed."""
    places: Places = field(default_factory=dict)
    """Where the events of each type stand that are measured and kept."""
    once: dict[int, str] = field(default_factory=dict)
    """The key that makes an event unique, in order."""
    entities: dict[int, list[str]] = field(default_factory=dict)
    """What an event is indexed by, if it is: ``order#o-1``."""
    _latest: dict[tuple[int, int], Tally] = field(default_factory=dict)
    """Tally of the part that was last asked for: its size is asked for first, then the tally itself."""

    def __len__(self) -> int:
        return len(self.events)

    def recipe(self, at: int) -> Recipe[Any]:
        """Of an event that is neither rejected nor filtered."""
        return self.recipes[self.events[at].__class__]

    def origin(self, at: int) -> Origin:
        """What identifies an event for good; of a redriven one, where it stood at first."""
        return self.redriven.get(at) or self.pieces.origin(at)

    def payload(self, at: int) -> bytes:
        """An event as it came at first."""
        return self.redriven[at].payload if at in self.redriven else self.pieces.payloads[at]

    def find_keys(self, *, entities: bool) -> None:
        """Asks recipes for the keys of their events. Raises ValueError for what cannot be one in DynamoDB."""
        for kind, places in self.places.items():
            recipe = self.recipes[kind]
            if recipe.once:
                self.once |= {at: _key(recipe.once(self.events[at])) for at in places}
            if entities and recipe.entities:
                self.entities |= {at: list(_entities(recipe, self.events[at])) for at in places}
        self.once = dict(sorted(self.once.items()))

    @cached_property
    def whole(self) -> Tally:
        """The tally of all events."""
        return dict(self._tally(0, len(self), frozenset(), frozenset()))

    def tally(self, start: int, stop: int, repeated: frozenset[int], conflicting: frozenset[int]) -> Tally:
        """What events ``start`` to ``stop`` come to, without those that are counted already or are in conflict."""
        if repeated or conflicting:
            return dict(self._tally(start, stop, repeated, conflicting))
        if (start, stop) == (0, len(self)):
            return self.whole
        if (start, stop) not in self._latest:
            self._latest = {(start, stop): dict(self._tally(start, stop, repeated, conflicting))}
        return self._latest[start, stop]

    def _tally(self, start: int, stop: int, repeated: frozenset[int], conflicting: frozenset[int]) -> Iterator[Any]:
        for kind, places in self.places.items():
            inside = _between(places, start, stop)
            if repeated or conflicting:
                inside = [at for at in inside if at not in repeated and at not in conflicting]
            yield from measured(self.recipes[kind], self._by_minute(inside))
        yield from self._arrivals(REPEATED, ((at, self.recipe(at).name) for at in repeated))
        yield from self._arrivals(FILTERED, _each(self.filtered, start, stop))
        for rule, places in self.cleansed.items():
            minutes = map(self._arrived.__getitem__, _between(places, start, stop))
            for minute, count in Counter(minutes).items():
                yield Item(CLEANSED, rule, minute), Count(count)
        rejected = [(at, each.code) for at, each in self.rejected.items() if start <= at < stop]
        yield from self._arrivals(REJECTED, [*rejected, *((at, ReasonCode.CONFLICT) for at in conflicting)])

    def at(self, places: list[int]) -> list[Any]:
        """The events at these places."""
        events = self.events
        return events if len(places) == len(events) else [events[at] for at in places]

    def _by_minute(self, inside: list[int]) -> dict[int, list[Event]]:
        events = self.at(inside)
        minutes = self.minutes if events is self.events else [self.minutes[at] for at in inside]
        if len(set(minutes)) == 1:
            return {minutes[0]: events}
        found: dict[int, list[Event]] = defaultdict(list)
        for minute, event in zip(minutes, events, strict=True):
            found[minute].append(event)
        return found

    @cached_property
    def _arrived(self) -> list[int]:
        return floor_to_minutes(self.pieces.arrived)

    def _arrivals(self, metric: str, dimensions: Iterable[tuple[int, str]]) -> Iterator[tuple[Item, Count]]:
        """Counts of what happened to events, by the minute in which their record arrived."""
        arrived = self._arrived
        times = Counter([(dimension, arrived[at]) for at, dimension in dimensions])
        for (dimension, minute), count in times.items():
            yield Item(metric, str(dimension), minute), Count(count)


def _entities(recipe: Recipe[Any], event: Event) -> Iterator[str]:
    return (_key(f"{entity}#{name}") for entity, names in recipe.entities.items() for name in names(event))


def _key(text: str) -> str:
    if not 1 <= len(text.encode()) <= layout.MAX_METRIC_KEY_BYTES:
        raise ValueError(f"a key of {len(text.encode())} bytes; DynamoDB takes 1 to {layout.MAX_METRIC_KEY_BYTES}")
    return text


def _between(places: list[int], start: int, stop: int) -> list[int]:
    return places[bisect_left(places, start) : bisect_left(places, stop)]


def _each(by_name: dict[str, list[int]], start: int, stop: int) -> Iterator[tuple[int, str]]:
    return ((at, name) for name, places in by_name.items() for at in _between(places, start, stop))
