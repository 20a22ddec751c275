"""Metrics that are computed anew from the archive are those that were counted live."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Aggregate, Count
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.stream_analytics.domain.recipe import DAY, Recipe, count, top, total
from tests.stream_analytics.world import DEAL, TICK, Deal, Tick, deal, tick
from tests.support.event_source import Mapping
from tests.support.fake_aws import Decide, Fault
from tests.support.schedule import Killed
from tests.tools.conftest import SHARDS, START, Yard
from tests.tools.test_redrive import packed, redrive
from tools import substitution
from tools.replay import Replay, Summary
from tools.stack import ToolError

FIRST, END = date(2026, 11, 20), date(2026, 11, 23)
TODAY = date(2026, 11, 22)
"""Nothing happens here from it on."""
LATER = datetime(2026, 11, 25, tzinfo=UTC)
"""When all that happens here is closed."""
MOMENTS = [START - 86_000, START - 3_600, START - 30, START + 90]
"""Of two days."""


def told(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def replay(yard: Yard, since: date = FIRST, until: date = END, **options: Any) -> Summary:
    return Replay(yard.stack, since, until, now=lambda: LATER, **options).run()


def series(yard: Yard) -> dict[tuple[str, str], Aggregate]:
    """Every metric of the recipes by minute, as its reader answers."""
    reader = MetricsReader(Consistent(yard), "metrics")  # type: ignore[arg-type]
    found: dict[tuple[str, str], Aggregate] = {}
    for partition in {item[layout.METRIC]["S"] for item in yard.dynamodb.items("metrics")}:
        metric, _, dimension = partition.partition("#")
        points = reader.series(
            metric,
            start=datetime(2026, 11, 1, tzinfo=UTC),
            end=datetime(2026, 12, 1, tzinfo=UTC),
            step=timedelta(minutes=1),
            dimension=dimension,
        )
        found |= {(partition, str(point.start)): point.value for point in points}
    return {key: value for key, value in found.items() if not key[0].startswith("stream.")}


class Consistent:
    """The one paginator that the reader uses."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard

    def get_paginator(self, name: str) -> Consistent:
        assert name == "query"
        return self

    def paginate(self, **question: Any) -> list[Any]:
        return [self.yard.dynamodb.query(**question)]


def emptied(yard: Yard) -> Yard:
    """The same archive over empty tables of metrics and orders."""
    yard.dynamodb.tables["metrics"].clear()
    yard.dynamodb.tables["orders"].clear()
    return yard


def shards_left(yard: Yard) -> set[str]:
    items = [item for item in yard.dynamodb.items("metrics") if not item[layout.METRIC]["S"].startswith("stream.")]
    return {item[layout.PERIOD_AND_SHARD]["S"].partition("#")[2] for item in items}


@st.composite
def lives(draw: st.DrawFn, amounts: tuple[str, ...] = ("1.10", "2.20")) -> Callable[[], Yard]:
    """What happened live: packed records of two days, repeated deals, in conflict if
    there are several ``amounts``, kills, redelivery, redrives."""
    data, number = [], 0
    for _ in range(draw(st.integers(1, 8))):
        events = []
        for kind in draw(st.lists(st.sampled_from(["tick", "tick", "deal", "long", "bad"]), min_size=1, max_size=4)):
            number += 1
            time = told(draw(st.sampled_from(MOMENTS)))
            match kind:
                case "tick":
                    events.append(tick(f"t{number}", time, "0.1"))
                case "long":
                    events.append(tick(f"{number}".zfill(200), time))
                case "deal":
                    time = told(MOMENTS[2]) if len(amounts) == 1 else time
                    events.append(deal(draw(st.sampled_from("ab")), time, draw(st.sampled_from(amounts))))
                case _:
                    events.append(b"{")
        data.append((draw(st.sampled_from(SHARDS)), packed(events, draw(st.sampled_from(["plain", "gzip", "kpl"])))))
    plan = draw(st.lists(st.sampled_from([Fault.NONE] * 3 + [Fault.KILL_AFTER, Fault.THROTTLED]), max_size=30))
    retries = draw(st.sampled_from([0, 0, 5]))

    def live() -> Yard:
        yard = Yard()
        for shard, each in data:
            yard.stream.shards[shard].put(each)
        yard.connect(Mapping(batch_size=3, maximum_retry_attempts=retries))
        faults = iter(plan)
        yard.outside.decide = lambda _: next(faults, Fault.NONE)
        yard.drain()
        yard.calm()
        for source in yard.sources:
            source.rewind(0)
        yard.drain()
        return yard

    return live


many = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@many
@given(live=lives())
def test_a_replay_into_empty_tables_equals_the_live_counts(live: Callable[[], Yard]) -> None:
    assert_replay_equals(live())


@many
@given(live=lives(amounts=("1.10",)))
def test_a_replay_into_empty_tables_equals_the_live_counts_with_redriven_ones(live: Callable[[], Yard]) -> None:
    yard = live()
    redrive(yard)
    yard.drain()
    assert_replay_equals(yard)


def assert_replay_equals(yard: Yard) -> None:
    counted, orders = series(yard), {item["order_id"]["S"]: item["event"] for item in yard.dynamodb.items("orders")}

    summary = replay(emptied(yard))

    assert series(yard) == counted
    assert {item["order_id"]["S"]: item["event"] for item in yard.dynamodb.items("orders")} == orders
    assert not summary.undecodable


@many
@given(live=lives())
def test_a_replay_over_live_tables_changes_nothing_that_is_read_and_a_second_one_writes_nothing(
    live: Callable[[], Yard],
) -> None:
    yard = live()
    counted = series(yard)

    replay(yard)

    assert series(yard) == counted
    assert shards_left(yard) <= {substitution.SHARD}
    again = replay(yard)
    assert sum(row.changed for row in again.rows) == 0
    assert series(yard) == counted


@many
@given(live=lives())
def test_what_is_redriven_after_a_replay_counts_beside_it_once(live: Callable[[], Yard]) -> None:
    yard, other = live(), live()
    replay(yard)
    for each in (yard, other):
        redrive(each)
        each.drain()

    assert series(yard) == series(other)
    replay(yard)
    assert series(yard) == series(other)
    assert shards_left(yard) <= {substitution.SHARD}


def busy() -> Yard:
    """Two shards over two days; of two batches in the failure bucket one is counted, the other only archived."""
    yard = Yard()
    for number, moment in enumerate([*MOMENTS, MOMENTS[0]]):
        events = [tick(f"t{number}", told(moment)), deal(f"d{number % 3}", told(MOMENTS[number % 3]), "1.5")]
        yard.stream.shards[SHARDS[number % 2]].put(packed(events, "gzip"))
    yard.connect(Mapping(batch_size=1, maximum_retry_attempts=0))
    commits = iter([Fault.NONE, Fault.KILL_AFTER, Fault.KILL_BEFORE])
    yard.outside.decide = lambda name: next(commits, Fault.NONE) if name == "TransactWriteItems" else Fault.NONE
    yard.drain()
    yard.calm()
    assert len(yard.s3.buckets["failures"]) == 2
    return yard


def at_call(number: int, fault: Fault) -> Decide:
    """The fault at one call, none at others."""
    calls = iter([Fault.NONE] * number + [fault])
    return lambda _: next(calls, Fault.NONE)


@pytest.mark.parametrize("empty", [False, True])
def test_a_replay_killed_at_any_call_and_run_again_equals_one(empty: bool) -> None:  # noqa: FBT001
    """Killed behind a call, which is before the next one."""
    counted = Yard.measured(busy())
    for at in range(1000):
        yard = emptied(busy()) if empty else busy()
        yard.outside.decide = at_call(at, Fault.KILL_AFTER)
        killed = False
        try:
            replay(yard, until=TODAY)
        except Killed:
            killed = True
        yard.calm()
        if not empty:
            assert Yard.measured(yard) == counted, f"readers saw something else after a kill at call {at}"
        replay(yard, until=TODAY)
        assert Yard.measured(yard) == counted, f"killed at call {at}"
        if not killed:
            break
    assert at > 20


@pytest.mark.parametrize("shard", [0, 1])
def test_events_that_are_counted_during_a_replay_count_once(shard: int) -> None:
    """A redriven event is counted before any call of the replay, by a shard that counted that day or that did not."""
    for at in range(1000):
        yard = busy()
        yard.stream.sizes += [0] * shard
        redrive(yard)
        calls = iter(range(1000))

        def decide(_: str, yard: Yard = yard, at: int = at, calls: Iterator[int] = calls) -> Fault:
            if next(calls) == at:
                yard.calm()
                yard.drain()
            return Fault.NONE

        yard.outside.decide = decide
        replay(yard, until=TODAY)

        reached = next(calls) > at or yard.outside.decide is not decide
        yard.calm()
        yard.drain()
        assert {key: value for key, value in counts(yard).items() if "seen" in key} == {
            f"tick.seen#t{number}": 1 for number in range(5)
        }, f"before call {at}"
        assert yard.summed("tick.amount") == Decimal("1.5") * 5, f"before call {at}"
        if not reached:
            break
    assert at > 20


def counts(yard: Yard) -> dict[str, int]:
    return {key: yard.counted(key) for (key, _), value in yard.measured().items() if isinstance(value, Count)}


def test_a_replay_in_the_middle_of_an_invocation_leaves_counts_right() -> None:
    yard = busy()
    yard.stream.sizes.append(0)  # so that the event goes to the other shard, which has counted that day
    redrive(yard)

    def decide(name: str) -> Fault:
        if name == "TransactWriteItems":
            yard.calm()
            replay(yard)
        return Fault.NONE

    yard.outside.decide = decide
    yard.drain()

    assert yard.summed("tick.amount") == Decimal("1.5") * 5


def test_a_replay_takes_in_what_was_redriven_after_the_one_before() -> None:
    yard = busy()
    replay(yard)
    redrive(yard)
    yard.drain()
    assert shards_left(yard) > {substitution.SHARD}

    replay(yard)

    assert shards_left(yard) == {substitution.SHARD}
    assert yard.summed("tick.amount") == Decimal("1.5") * 5


def test_more_shards_than_fit_a_transaction_are_replaced_without_readers_seeing_less() -> None:
    yard = busy()
    (item,) = [each for each in yard.dynamodb.items("metrics") if each[layout.METRIC]["S"] == "tick.seen#t0"]
    parts = 150
    period = item[layout.PERIOD_AND_SHARD]["S"].partition("#")[0]
    for number in range(1, parts):
        key = (item[layout.METRIC]["S"], f"{period}#shardId-{number + 10:012d}")
        yard.dynamodb.tables["metrics"][key] = {**item, layout.PERIOD_AND_SHARD: {"S": key[1]}}
    seen: list[Any] = []

    def decide(_: str) -> Fault:
        seen.append(next(value for (key, _), value in yard.merged().items() if key == "tick.seen#t0"))
        return Fault.NONE

    yard.outside.decide = decide
    replay(yard)

    assert [each.count for each in seen] == sorted((each.count for each in seen), reverse=True)
    assert {each.count for each in seen} == {parts, 1}
    assert yard.counted("tick.seen#t0") == 1


def test_metrics_are_measured_by_the_recipes_as_they_are_now() -> None:
    yard = busy()
    amended: Recipe[Tick] = Recipe(
        event=Tick,
        measures=(total("amount", lambda each: each.amount * 2, period=DAY), top("ids", lambda each: each.id)),
        keep=lambda each: each.id != "t0",
    )
    before = yard.summed("tick.amount")
    yard.deploy([amended, DEAL])

    replay(yard)

    assert yard.summed("tick.amount") == before * 2 - Decimal(3)
    assert {key for (key, _), _ in yard.merged().items() if key.startswith("tick.ids")} == {"tick.ids"}


def test_days_outside_the_range_stay_as_they_are() -> None:
    yard = busy()
    yard.deploy([Recipe(event=Tick, measures=(count("seen", by=lambda _: "all"),)), DEAL])

    replay(yard, since=date(2026, 11, 21), until=date(2026, 11, 22))

    assert {period[:10] for (key, period), _ in yard.merged().items() if key == "tick.seen#all"} == {"2026-11-21"}


def test_a_dry_run_tells_what_there_is_and_writes_nothing() -> None:
    yard = busy()
    before = dict(yard.dynamodb.tables["metrics"])

    summary = replay(yard, dry_run=True)

    assert yard.dynamodb.tables["metrics"] == before
    assert sum(row.counted for row in summary.rows if row.recipe == "tick") >= 2
    assert {row.day for row in summary.rows} == {date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)}


class Stricter(Deal, tag="deal"):
    """Does not take what was archived."""

    approved_by: str


def test_events_that_cannot_be_decoded_any_more_are_listed_and_nothing_is_written() -> None:
    yard = busy()
    before = dict(yard.dynamodb.tables["metrics"]), dict(yard.dynamodb.tables["orders"])
    yard.deploy([TICK, Recipe(event=Stricter, measures=(count("deals"),))])

    summary = replay(yard)

    lines = sum(gzip.decompress(body).count(b"\n") for key, body in yard.s3.buckets["archive"].items() if "deal" in key)
    assert len(summary.undecodable) == lines > 0
    assert all("s3://archive/events/type=deal/" in each and "approved_by" in each for each in summary.undecodable)
    assert (yard.dynamodb.tables["metrics"], yard.dynamodb.tables["orders"]) == before


def test_days_that_events_are_still_taken_of_are_refused() -> None:
    yard = busy()
    closed = datetime(2026, 11, 24, tzinfo=UTC)  # 24 hours late is the most

    Replay(yard.stack, FIRST, END, now=lambda: closed).run()
    with pytest.raises(ToolError, match=r"2026-11-22 is not closed yet.*2026-11-24 00:00.*--until 2026-11-22"):
        Replay(yard.stack, FIRST, END, now=lambda: closed - timedelta(seconds=1)).run()


def test_days_whose_metrics_would_expire_at_once_are_refused() -> None:
    with pytest.raises(ToolError, match="--since 2026-12-03 or later"):
        Replay(busy().stack, FIRST, END, now=lambda: datetime(2027, 1, 1, tzinfo=UTC)).run()


def test_a_range_without_days_is_refused() -> None:
    with pytest.raises(ToolError, match="--until is the day after"):
        replay(busy(), since=FIRST, until=FIRST)


def test_without_any_progress_the_archive_is_the_truth() -> None:
    yard = emptied(busy())
    yard.dynamodb.tables["progress"].clear()

    replay(yard)

    assert {key for (key, _), _ in yard.merged().items() if key.startswith("tick.seen")} == {
        f"tick.seen#t{number}" for number in range(5)
    }
