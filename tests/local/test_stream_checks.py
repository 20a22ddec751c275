"""The stream demo's comparison: nothing to tell of a right run, and each thing that is wrong is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Stats, Sum
from lambdas.common.tables.metrics.sketches import Distinct, Quantiles, Top
from lambdas.stream_analytics.contract import ReasonCode
from local.use_cases.stream_analytics.checks import STREAM, check_metrics
from local.use_cases.stream_analytics.journey import Found
from local.use_cases.stream_analytics.producers import EVENTS
from tests.local.stream import START, ran
from tools.samples.base import Item, Tally

Damage = Callable[[Found], Found]


def test_a_right_run_has_no_problems() -> None:
    produced, found = ran()
    assert found.problems(produced) == []


def test_a_run_is_of_every_recipe_in_every_form_with_bad_ones_among_them() -> None:
    produced, _ = ran()
    assert {put.recipe for put in produced.events.values()} == set(EVENTS)
    assert set(produced.records) == {"plain", "NDJSON", "gzip", "KPL"}
    assert produced.tally.rejected.total() > 5
    assert produced.tally.filtered["logs"]
    assert len({place.shard_id for place in produced.events}) == 2
    assert any(place.position.index for place in produced.events)


def test_redelivery_may_repeat_lines_of_archive_and_quarantine() -> None:
    produced, found = ran()
    twice = replace(found, archived=[*found.archived] * 2, quarantined=[*found.quarantined] * 2)
    assert twice.problems(produced) == []
    assert twice.summary == found.summary


# --- metrics --------------------------------------------------------------------------------------------------------


def changed(kind: type[Aggregate], change: Callable[[Any], Aggregate]) -> Damage:
    """Of the items of a kind the one that holds most gets another value."""

    def damage(found: Found) -> Found:
        of_recipes = {item: value for item, value in found.counted.items() if not item.metric.startswith("stream.")}
        of_kind = [item for item, value in of_recipes.items() if isinstance(value, kind)]
        item = max(of_kind, key=lambda each: len(repr(of_recipes[each])))
        return replace(found, counted={**found.counted, item: change(found.counted[item])})

    return damage


def of_the_stream(metric: str) -> Damage:
    def damage(found: Found) -> Found:
        item = next(item for item in found.counted if item.metric == metric)
        value: Any = found.counted[item]
        return replace(found, counted={**found.counted, item: Count(value.count + 1)})

    return damage


def without_a_metric(found: Found) -> Found:
    gone = min(item for item in found.counted if item.metric == "mobile.duration_ms")
    return replace(found, counted={item: value for item, value in found.counted.items() if item != gone})


def with_a_metric_too_many(found: Found) -> Found:
    return replace(found, counted={**found.counted, Item("logs.errors", "nobody", 0): Count(1)})


def of_another_kind(value: Count) -> Aggregate:
    return Sum(Decimal(value.count), value.count)


def shifted(value: Quantiles) -> Quantiles:
    return Quantiles(value.zeros, {key + 2: count for key, count in value.bins.items()})


def with_one_more(value: Top) -> Top:
    return value.merge(Top.of({value.items()[0].name: 1}))


def with_one_renamed(value: Top) -> Top:
    counts = {each.name: each.estimate for each in value.items()}
    counts["nobody"] = counts.pop(value.items()[0].name)
    return Top.of(counts)


METRICS = {
    "a count is one too high": changed(Count, lambda value: Count(value.count + 1)),
    "a count is a sum": changed(Count, of_another_kind),
    "a sum is a cent too low": changed(Sum, lambda value: replace(value, total=value.total - Decimal("0.01"))),
    "a sum is of one too many": changed(Sum, lambda value: replace(value, count=value.count + 1)),
    "a minimum is too low": changed(Stats, lambda value: replace(value, minimum=value.minimum - 1)),
    "a maximum is too high": changed(Stats, lambda value: replace(value, maximum=value.maximum + 1)),
    "a mean is too high": changed(Stats, lambda value: replace(value, total=value.total + 1)),
    "statistics are of one too many": changed(Stats, lambda value: replace(value, count=value.count + 1)),
    "somebody was counted who was not there": changed(Distinct, lambda value: value.merge(Distinct.of(["nobody"]))),
    "nobody was counted": changed(Distinct, lambda _: Distinct.of([])),
    "durations are 4 % too long": changed(Quantiles, shifted),
    "a duration is missing": changed(Quantiles, lambda value: replace(value, zeros=value.zeros + 1)),
    "a top name has one too many": changed(Top, with_one_more),
    "a top name is another": changed(Top, with_one_renamed),
    "a metric is missing": without_a_metric,
    "a metric is there that nobody put": with_a_metric_too_many,
    "rejected are one too many": of_the_stream("stream.rejected"),
    "filtered are one too many": of_the_stream("stream.filtered"),
}


@pytest.mark.parametrize("damage", METRICS.values(), ids=METRICS)
def test_a_wrong_metric_is_one_problem(damage: Damage) -> None:
    produced, found = ran()
    (problem,) = damage(found).problems(produced)
    assert problem.recipe in {*EVENTS, STREAM}
    assert problem.text


def test_a_problem_says_which_metric_when_and_what_it_is_instead_of_what() -> None:
    item = Item("logs.errors", "mail", int(START.timestamp()) + 60)
    told = Tally(counts=Counter({item: 7}))
    (problem,) = check_metrics(told, {item: Count(6)})
    assert problem == ("logs", "logs.errors mail from 10:01 is Count(count=6) instead of Count(count=7)")


def test_repeated_orders_that_count_are_a_problem() -> None:
    produced, found = ran()
    produced = replace(produced, tallies={**produced.tallies, "more": Tally(repeated=Counter(orders=1))})
    assert [each.recipe for each in found.problems(produced)] == [STREAM]


BIG = Item("clickstream.unique_visitors", "", 0), Item("social.hashtags", "", 0)


@pytest.mark.parametrize(("there", "problems"), [(1000, 0), (990, 0), (900, 1), (1100, 1)])
def test_many_different_ones_are_counted_within_the_stated_error(there: int, problems: int) -> None:
    told = Tally(distinct={BIG[0]: {f"v{number}" for number in range(1000)}})
    value = Distinct.of(f"v{number}" for number in range(there))
    assert len(list(check_metrics(told, {BIG[0]: value}))) == problems


@pytest.mark.parametrize(("other", "problems"), [("tag0", 0), ("tag50", 1)])
def test_tops_beyond_the_capacity_are_within_their_bounds(other: str, problems: int) -> None:
    counts = Counter({f"tag{number}": 1 + 3000 // (number + 1) for number in range(400)})
    told = Tally(top={BIG[1]: counts})
    value = Top.of(counts | {"tag0": counts[other], other: counts["tag0"]})
    assert not value.exact
    assert len(list(check_metrics(told, {BIG[1]: value}))) == problems


def test_tops_beyond_the_capacity_have_the_right_sum() -> None:
    counts = Counter({f"tag{number}": 1 + 3000 // (number + 1) for number in range(400)})
    told = Tally(top={BIG[1]: counts})
    value = Top.of(counts)
    assert len(list(check_metrics(told, {BIG[1]: replace(value, weight=value.weight + 1)}))) == 1


def test_percentiles_are_of_as_many_values_as_were_put() -> None:
    item = Item("mobile.duration_ms", "ios 1", 0)
    told = Tally(quantiles={item: [100.0] * 10})
    assert not list(check_metrics(told, {item: Quantiles.of([100.0] * 10)}))
    assert len(list(check_metrics(told, {item: Quantiles.of([100.0] * 11)}))) == 1


# --- events ---------------------------------------------------------------------------------------------------------


def archived(change: Callable[[list[Any]], list[Any]]) -> Damage:
    return lambda found: replace(found, archived=change(list(found.archived)))


def quarantined(change: Callable[[list[Any]], list[Any]]) -> Damage:
    return lambda found: replace(found, quarantined=change(list(found.quarantined)))


def with_order(content: bytes | None) -> Damage:
    """The first order is stored with another content, or not at all."""

    def damage(found: Found) -> Found:
        (order_id, _), *others = found.orders
        return replace(found, orders=[*others, *([(order_id, content)] if content else [])])

    return damage


def from_elsewhere(line: Any) -> Any:
    return msgspec.structs.replace(line, shard_id="shardId-000000000007")


def archiving_what_is_malformed(found: Found) -> Found:
    bad = next(line for line in found.quarantined if line.reason in {ReasonCode.TOO_LATE, ReasonCode.IN_THE_FUTURE})
    place = {"shard_id": bad.shard_id, "sequence_number": bad.sequence_number, "index": bad.index}
    line = msgspec.structs.replace(found.archived[0], event=msgspec.Raw(bad.payload), **place)
    return replace(found, archived=[*found.archived, line])


def rejecting_what_is_good(found: Found) -> Found:
    bad, good = found.quarantined[0], found.archived[0]
    place = {"shard_id": good.shard_id, "sequence_number": good.sequence_number, "index": good.index}
    return replace(found, quarantined=[*found.quarantined, msgspec.structs.replace(bad, **place)])


def with_another_total(found: Found) -> Found:
    (order_id, content), *others = found.orders
    order = msgspec.json.decode(content)
    return replace(found, orders=[(order_id, msgspec.json.encode(order | {"total": "0.01"})), *others])


EVENT_DAMAGES = {
    "an archived event is lost": archived(lambda lines: lines[1:]),
    "an archived event was never put": archived(lambda lines: [*lines, from_elsewhere(lines[0])]),
    "an archived event has another time": archived(
        lambda lines: [
            msgspec.structs.replace(lines[0], event=msgspec.Raw(bytes(lines[0].event).replace(b"T10:", b"T11:"))),
            *lines[1:],
        ]
    ),
    "an archived event is of another type": archived(
        lambda lines: [
            msgspec.structs.replace(
                lines[0], event=msgspec.Raw(bytes(lines[0].event).replace(b'"type":"', b'"type":"x'))
            ),
            *lines[1:],
        ]
    ),
    "a malformed event is in the archive": archiving_what_is_malformed,
    "a malformed event is lost": quarantined(lambda lines: lines[1:]),
    "a payload is cut": quarantined(
        lambda lines: [msgspec.structs.replace(lines[0], payload=lines[0].payload[:-1]), *lines[1:]]
    ),
    "a reason is another": quarantined(
        lambda lines: [msgspec.structs.replace(lines[0], reason=ReasonCode.BAD_GZIP), *lines[1:]]
    ),
    "a good event is in quarantine": rejecting_what_is_good,
    "quarantine has what nobody put": quarantined(lambda lines: [*lines, from_elsewhere(lines[0])]),
    "an order is not stored": with_order(None),
    "an order has another total": with_another_total,
    "an order is stored that nobody put": lambda found: replace(found, orders=[*found.orders, ("o-none", b"{}")]),
    "a batch was given up": lambda found: replace(found, given_up=1),
}


@pytest.mark.parametrize("damage", EVENT_DAMAGES.values(), ids=EVENT_DAMAGES)
def test_an_event_lost_or_wrong_is_one_problem(damage: Damage) -> None:
    produced, found = ran()
    (problem,) = damage(found).problems(produced)
    assert problem.recipe in {*EVENTS, STREAM}


def test_archiving_what_is_to_be_filtered_is_a_problem() -> None:
    produced, found = ran()
    kept = {str(each) for each in (*found.archived, *found.quarantined)}
    place = next(place for place in produced.events if f"{place.shard_id}#{place.position}" not in kept)
    line = msgspec.structs.replace(
        found.archived[0],
        shard_id=place.shard_id,
        sequence_number=place.position.sequence_number,
        index=place.position.index,
        event=msgspec.Raw(produced.events[place].data),
    )
    (problem,) = replace(found, archived=[*found.archived, line]).problems(produced)
    assert problem == ("logs", "in the archive of logs 1 events are there that were to be filtered")


def _everything_lost(found: Found) -> Iterator[Found]:
    yield replace(found, counted={})
    yield replace(found, archived=[])
    yield replace(found, quarantined=[])
    yield replace(found, orders=[])


def test_every_recipe_is_told_of_when_everything_is_lost() -> None:
    produced, found = ran()
    counted, archive, quarantine, orders = (each.problems(produced) for each in _everything_lost(found))
    assert {each.recipe for each in counted} == {*EVENTS, STREAM}
    assert {each.recipe for each in archive} == set(EVENTS)
    assert len(quarantine) == len(found.quarantined)
    assert len(orders) == len(found.orders)
