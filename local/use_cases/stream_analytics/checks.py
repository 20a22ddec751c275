"""Whether everything that was put is counted, archived or in quarantine: by the producers' own account."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import msgspec

from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Stats, Sum
from lambdas.common.tables.metrics.sketches import Distinct, Quantiles, Top
from lambdas.stream_analytics.contract import ArchivedEvent, Origin, QuarantinedEvent
from lambdas.stream_analytics.domain.tally import FILTERED, REJECTED, REPEATED
from local.use_cases.stream_analytics.producers import Place, Put
from tools.samples.base import Item, Tally

QUANTILES = (0.5, 0.95, 0.99)
_NEARLY_EXACT = 384
"""Different strings that `Distinct` counts by their hashes."""
_DISTINCT_ERROR = 3 * 0.0163
"""Beyond, three standard errors."""
_QUANTILE_ERROR = 0.01
_TOP_CAPACITY = 192
STREAM = "stream"
"""Stands for the recipe where a problem is none of a recipe's alone."""


class Problem(NamedTuple):
    """Something that is not as the producers tell."""

    recipe: str
    text: str


# --- metrics --------------------------------------------------------------------------------------------------------


def check_metrics(told: Tally, counted: Mapping[Item, Aggregate]) -> Iterator[Problem]:
    """The metrics of the recipes are those that the producers tell of, no more and no fewer, each with its value."""
    wanted: dict[Item, Callable[[Any], str]] = {
        **{item: partial(_count, times) for item, times in told.counts.items()},
        **{item: partial(_sum, values) for item, values in told.sums.items()},
        **{item: partial(_stats, values) for item, values in told.stats.items()},
        **{item: partial(_distinct, names) for item, names in told.distinct.items()},
        **{item: partial(_quantiles, values) for item, values in told.quantiles.items()},
        **{item: partial(_top, names) for item, names in told.top.items()},
    }
    found = {item: value for item, value in counted.items() if not item.metric.startswith(f"{STREAM}.")}
    for item in sorted(wanted.keys() | found.keys()):
        if item not in found:
            difference = "is missing"
        elif item not in wanted:
            difference = f"is {found[item]}, but nothing was put that counts there"
        else:
            difference = wanted[item](found[item])
        if difference:
            yield Problem(item.metric.partition(".")[0], f"{_named(item)} {difference}")


def check_stream(told: Tally, counted: Mapping[Item, Aggregate]) -> Iterator[Problem]:
    """As many were rejected by each reason, filtered and repeated by each type as the producers tell."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item, value in counted.items():
        if item.metric.startswith(f"{STREAM}.") and isinstance(value, Count):
            found[item.metric][item.dimension] += value.count
    for metric, wanted in ((REJECTED, told.rejected), (FILTERED, told.filtered), (REPEATED, told.repeated)):
        for each in sorted(wanted.keys() | found[metric].keys()):
            if wanted[each] != found[metric][each]:
                yield Problem(STREAM, f"{metric} {each} is {found[metric][each]} instead of {wanted[each]}")


def _named(item: Item) -> str:
    return f"{item.metric} {item.dimension or '(all)'} from {datetime.fromtimestamp(item.start, UTC):%H:%M}"


def _count(times: int, value: Count) -> str:
    return _unequal(value, Count(times))


def _sum(values: list[Decimal], value: Sum) -> str:
    return _unequal(value, Sum(sum(values, Decimal(0)), len(values)))


def _stats(values: list[Decimal], value: Stats) -> str:
    return _unequal(value, Stats(len(values), min(values), max(values), sum(values, Decimal(0))))


def _unequal(found: Aggregate, wanted: Aggregate) -> str:
    return "" if found == wanted else f"is {found} instead of {wanted}"


def _distinct(names: set[str], value: Distinct) -> str:
    allowed = 0.5 if len(names) <= _NEARLY_EXACT else _DISTINCT_ERROR * len(names)
    if isinstance(value, Distinct) and abs(value.estimate - len(names)) <= allowed:
        return ""
    return f"is {value} instead of {len(names)} different ones, within {allowed:.3g}"


def _quantiles(values: list[float], value: Quantiles) -> str:
    if not isinstance(value, Quantiles) or value.count != len(values):
        return f"is {value} instead of {len(values)} values"
    ranked = sorted(values)
    for q in QUANTILES:
        true = ranked[math.floor(q * (len(ranked) - 1))]
        if abs(value.quantile(q) - true) > _QUANTILE_ERROR * true + 1e-9:
            return f"has {value.quantile(q):.2f} at {q} instead of {true}, within 1 %"
    return ""


def _top(names: Counter[str], value: Top) -> str:
    if not isinstance(value, Top) or value.weight != names.total():
        return f"is {value} instead of {names.total()} in all"
    kept = {each.name: each for each in value.items()}
    if len(names) <= _TOP_CAPACITY:
        found = {name: each.estimate for name, each in kept.items()}
        return "" if value.exact and found == names else f"is {found} instead of {dict(names)}"
    for name, times in names.items():
        lower, upper = (kept[name].lower, kept[name].upper) if name in kept else (0, value.max_error)
        if not lower <= times <= upper:
            return f"has {name!r} from {lower} to {upper} times instead of {times}"
    return ""


# --- events ---------------------------------------------------------------------------------------------------------


def check_archive(put: Mapping[Place, Put], told: Tally, archived: Iterable[ArchivedEvent]) -> Iterator[Problem]:
    """Every valid event is there, at the place where it was put, but for those that recipes filter; and none else."""
    found = {_place(each): each for each in archived}
    filtered: Counter[str] = Counter()
    for place, event in put.items():
        if event.reason is None and place not in found:
            filtered[event.recipe] += 1
    for recipe in sorted(filtered.keys() | told.filtered.keys()):
        if lost := filtered[recipe] - told.filtered[recipe]:
            text = f"{lost} events are missing" if lost > 0 else f"{-lost} events are there that were to be filtered"
            yield Problem(recipe, f"in the archive of {recipe} {text}")
    for place, line in found.items():
        if place not in put:
            yield Problem(STREAM, f"in the archive is an event that nobody put: {line}")
            continue
        event = put[place]
        if event.reason is not None:
            yield Problem(event.recipe, f"in the archive is an event to be rejected as {event.reason}: {line}")
        elif _essence(event.data) != _essence(bytes(line.event)):
            yield Problem(event.recipe, f"in the archive {bytes(line.event)!r} stands for {event.data!r}")


def check_quarantine(put: Mapping[Place, Put], quarantined: Iterable[QuarantinedEvent]) -> Iterator[Problem]:
    """Every malformed event is there, with its payload and the reason; and none else."""
    found = {_place(each): each for each in quarantined}
    malformed = {place: event for place, event in put.items() if event.reason is not None}
    for place, event in malformed.items():
        line = found.get(place)
        if line is None:
            yield Problem(event.recipe, f"quarantine has lost {event.data[:80]!r}, {event.reason}")
        elif line.payload != event.data:
            yield Problem(event.recipe, f"quarantine has {line.payload[:80]!r} instead of {event.data[:80]!r}")
        elif line.reason != event.reason:
            yield Problem(event.recipe, f"quarantine says {line.reason} instead of {event.reason}: {event.data[:80]!r}")
    for place in found.keys() - malformed.keys():
        recipe = put[place].recipe if place in put else STREAM
        yield Problem(recipe, f"quarantine has a good event, as {found[place].reason}: {found[place].message}")


def check_orders(put: Mapping[Place, Put], stored: Iterable[tuple[str, bytes]]) -> Iterator[Problem]:
    """Each valid order is stored once, whole, and nothing else is."""
    orders = [
        msgspec.json.decode(each.data) for each in put.values() if each.recipe == "orders" and each.reason is None
    ]
    wanted = {each["order_id"].strip(): each for each in orders}
    found: dict[str, Any] = {}
    for order_id, content in stored:
        found[order_id] = msgspec.json.decode(content)
    for order_id in sorted(wanted.keys() | found.keys()):
        if order_id not in found:
            yield Problem("orders", f"order {order_id} is not stored")
        elif order_id not in wanted:
            yield Problem("orders", f"order {order_id} is stored, but was not put")
        elif any(found[order_id][name] != wanted[order_id][name] for name in ("currency", "lines", "total")):
            yield Problem("orders", f"order {order_id} is stored as {found[order_id]}, but put as {wanted[order_id]}")


def check_failures(objects: int) -> Iterator[Problem]:
    """Nothing was given up."""
    if objects:
        yield Problem(STREAM, f"{objects} batches were given up: they are in the failure bucket")


def _place(origin: Origin) -> Place:
    return Place(origin.shard_id, origin.position)


class _Essence(msgspec.Struct):
    """What cleansing leaves as it is, but for the spelling of the time."""

    type: str
    time: datetime


_essence = msgspec.json.Decoder(_Essence).decode
