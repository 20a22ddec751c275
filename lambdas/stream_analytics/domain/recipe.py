"""What a recipe is made of: an event type, how it is cleansed, what is measured of it, and what is kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Stats, Sum
from lambdas.common.tables.metrics.sketches import Distinct, Quantiles, Top
from lambdas.stream_analytics.domain.cleansing import Rule
from lambdas.stream_analytics.domain.events import Event

MINUTE = 60
DAY = 24 * 60 * MINUTE

E_ = TypeVar("E_", bound=Event)
V_ = TypeVar("V_")


@dataclass(frozen=True, kw_only=True)
class Measure(Generic[E_]):
    """One metric of a recipe; the functions below make them."""

    name: str
    of: Callable[[list[E_]], Aggregate | None]
    """What the events of one period and dimension come to; None where there is nothing to tell."""
    by: Callable[[E_], str] | None = None
    """The dimension of an event, such as its device; without it all events are counted together."""
    where: Callable[[E_], bool] | None = None
    """Which events count; without it all of them."""
    period: int = MINUTE
    """Seconds, `MINUTE` or `DAY`."""


def count(name: str, **options: Any) -> Measure[Any]:
    """How many events."""
    return Measure(name=name, of=lambda events: Count(len(events)), **options)


def total(name: str, value: Callable[[E_], Decimal], **options: Any) -> Measure[E_]:
    """Exact sum of a decimal."""
    return Measure(name=name, of=lambda events: Sum.of(map(value, events)), **options)


def stats(name: str, value: Callable[[E_], Decimal], **options: Any) -> Measure[E_]:
    """Minimum, maximum, mean and count of a decimal, all exact."""
    return Measure(name=name, of=lambda events: Stats.of(map(value, events)), **options)


def distinct(name: str, value: Callable[[E_], str], **options: Any) -> Measure[E_]:
    """How many different values, within the error that `Distinct` states."""
    return Measure(name=name, of=lambda events: Distinct.of(map(value, events)), **options)


def quantiles(name: str, value: Callable[[E_], float], **options: Any) -> Measure[E_]:
    """Percentiles, within the error that `Quantiles` states."""
    return Measure(name=name, of=lambda events: Quantiles.of(map(value, events)), **options)


def top(
    name: str, value: Callable[[E_], V_], *, label: Callable[[V_], str] | None = None, **options: Any
) -> Measure[E_]:
    """The most frequent values, within the error that `Top` states.

    With ``label`` they go by what it makes of them, asked once for each different value.
    """

    def of(events: list[E_]) -> Aggregate:
        counts: Counter[Any] = Counter(map(value, events))
        if label is None:
            return Top.of(counts)
        labelled: dict[str, int] = defaultdict(int)
        for each, times in counts.items():
            labelled[label(each)] += times
        return Top.of(labelled)

    return Measure(name=name, of=of, **options)


def top_of_many(name: str, values: Callable[[E_], Iterable[str]], **options: Any) -> Measure[E_]:
    """As `top`, where an event has any number of values."""

    def of(events: list[E_]) -> Aggregate | None:
        counts = Counter(value for event in events for value in values(event))
        return Top.of(counts) if counts else None

    return Measure(name=name, of=of, **options)


@dataclass(frozen=True, kw_only=True)
class Recipe(Generic[E_]):
    """One kind of event, all that is done with it; a module in ``recipes`` holds one as ``RECIPE``."""

    event: type[E_]
    """Its tag is the value of ``type`` in the JSON, and the first part of the names of its metrics."""
    cleanse: Mapping[str, Rule] = field(default_factory=dict)
    """Rules by field."""
    measures: tuple[Measure[E_], ...]
    keep: Callable[[E_], bool] | None = None
    """Which events are measured and archived; the others are counted as filtered, and forgotten."""
    once: Callable[[E_], str] | None = None
    """A key under which an event is stored for good: of several with the same key only the first counts."""
    entities: Mapping[str, Callable[[E_], Iterable[str]]] = field(default_factory=dict)
    """What events are looked up by in the index table: values by name of the entity."""

    @property
    def name(self) -> str:
        """The tag of its events."""
        tag = self.event.__struct_config__.tag
        if not isinstance(tag, str):
            raise TypeError(f"{self.event.__name__} needs a tag: class {self.event.__name__}(Event, tag=...)")
        return tag
