"""What was rejected or discarded counts once after a fix, as if it had been right from the beginning."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import msgspec
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.common.producer import UndeliveredError
from lambdas.common.tables.metrics.aggregates import Count
from lambdas.stream_analytics.contract import Limits, RedrivenEvent
from tests.stream_analytics.world import LIMITS, TICK, deal, tick
from tests.support import kpl
from tests.support.event_source import Mapping, Script
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.tools.conftest import SHARDS, START, Yard
from tools.pace import Pace
from tools.redrive import Redrive, Summary, Wanted

NOW = datetime.fromtimestamp(START - 30, UTC).isoformat().replace("+00:00", "Z")
WIDE = LIMITS
NARROW = Limits(max_event_bytes=400, max_decompressed_bytes=350, max_events_per_record=3)
INTERRUPTED = (Killed, UnavailableError, UndeliveredError, ClientError, BotoCoreError)
STEPS = (0, 1)


def packed(events: list[bytes], packing: str) -> bytes:
    match packing:
        case "gzip":
            return gzip.compress(b"\n".join(events), mtime=0)
        case "kpl":
            return kpl.aggregate([("key", event) for event in events])
        case "kpl of gzip":
            halves = [half for half in (events[:1], events[1:]) if half]
            return kpl.aggregate([("key", gzip.compress(b"\n".join(half), mtime=0)) for half in halves])
        case "kpl of gzip and one more":
            return kpl.aggregate([("key", gzip.compress(b"\n".join(events[:-1]), mtime=0)), ("key", events[-1])])
        case _:
            return b"\n".join(events)


@st.composite
def records(draw: st.DrawFn) -> list[tuple[str, bytes]]:
    """Shard and data of records that the wide limits and both recipes take, but for a few that never will be good."""
    found, number = [], 0
    for _ in range(draw(st.integers(1, 7))):
        events = []
        for kind in draw(st.lists(st.sampled_from(["tick", "tick", "long", "deal", "bad"]), min_size=1, max_size=4)):
            number += 1
            match kind:
                case "tick":
                    events.append(tick(f"t{number}", NOW))
                case "long":
                    events.append(tick(f"{number}".zfill(200), NOW))
                case "deal":
                    events.append(deal(f"d{draw(st.integers(1, 3))}", NOW, "1.10"))
                case _:
                    events.append(b"{")
        packing = draw(st.sampled_from(["plain", "plain", "gzip", "kpl", "kpl of gzip"]))
        found.append((draw(st.sampled_from(SHARDS)), packed(events, packing)))
    return found


mappings = st.builds(
    Mapping,
    batch_size=st.integers(1, 5),
    maximum_retry_attempts=st.sampled_from([0, 0, 1]),
    bisect_batch_on_function_error=st.booleans(),
)
scripts = st.builds(
    lambda takes, restarts: Script(takes=takes, restarts=restarts),
    takes=st.lists(st.integers(0, 3), max_size=6),
    restarts=st.lists(st.sampled_from([None, None, 0, 2]), max_size=6),
)
FAULTS = [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.THROTTLED, Fault.NO_ANSWER]
plans = st.lists(st.sampled_from([Fault.NONE] * 4 + FAULTS + list(STEPS)), max_size=40)


class Interference:
    """Faults at the calls of all, and invocations in between, as planned; then none."""

    def __init__(self, yard: Yard, plan: list[Any]) -> None:
        self.yard, self.plan, self.inside = yard, iter(plan), False
        yard.outside.decide = self.decide

    def decide(self, _: str) -> Fault:
        what = next(self.plan, Fault.NONE)
        if isinstance(what, Fault):
            return what
        if not self.inside:
            self.inside = True
            try:
                self.yard.step(what)
            finally:
                self.inside = False
        return Fault.NONE


def redrive(yard: Yard, **options: Any) -> Summary:
    return Redrive(yard.stack, Wanted(), **options).run()


def attempt(yard: Yard, **options: Any) -> None:
    with suppress(*INTERRUPTED):
        redrive(yard, **options)


def until_nothing_is_left(yard: Yard) -> Summary:
    """Redrives until only what never will be good goes round."""
    yard.calm()
    for _ in range(3):
        yard.drain()
        summary = redrive(yard)
    yard.drain()
    return summary


def clean(data: list[tuple[str, bytes]]) -> Yard:
    """The same records, counted by what is deployed in the end, without any fault."""
    yard = Yard(limits=WIDE)
    for shard, each in data:
        yard.stream.shards[shard].put(each)
    yard.connect(Mapping())
    yard.drain()
    return yard


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(
    data=records(),
    mapping=mappings,
    timing=st.tuples(scripts, scripts),
    plan_before=plans,
    steps_before=st.integers(0, 8),
    plan_after=plans,
    runs=st.integers(1, 3),
)
def test_after_a_fix_everything_counts_as_in_a_clean_run(
    data: list[tuple[str, bytes]],
    mapping: Mapping,
    timing: tuple[Script, Script],
    plan_before: list[Any],
    steps_before: int,
    plan_after: list[Any],
    runs: int,
) -> None:
    yard = Yard([TICK], Limits(max_event_bytes=NARROW.max_event_bytes))
    for shard, each in data:
        yard.stream.shards[shard].put(each)
    yard.connect(mapping, timing)
    Interference(yard, plan_before)
    for number in range(steps_before):
        yard.step(number % 2)
    attempt(yard)  # before the fix, and while batches are in flight
    yard.deploy()
    Interference(yard, plan_after)
    for _ in range(runs):
        attempt(yard)
        yard.step(0)
        yard.step(1)
    until_nothing_is_left(yard)
    for source in yard.sources:
        source.rewind(0)  # everything comes again, late
    yard.drain()

    assert yard.measured() == clean(data).measured()


def test_a_record_that_comes_late_after_wider_limits_counts_no_more_than_once() -> None:
    yard = Yard(limits=NARROW)
    yard.stream.shards[SHARDS[0]].put(packed([tick(f"t{number}", NOW) for number in range(4)], "plain"))
    yard.connect(Mapping())
    yard.drain()
    yard.deploy()

    yard.sources[0].rewind(0)
    yard.drain()
    until_nothing_is_left(yard)

    assert [yard.counted(f"tick.seen#t{number}") for number in range(4)] == [1] * 4


def test_a_redriven_event_in_conflict_goes_out_again_once_the_conflict_is_resolved() -> None:
    yard = Yard()
    for amount in ("1", "2"):
        yard.stream.shards[SHARDS[0]].put(deal("d", NOW, amount))
    yard.connect(Mapping())
    yard.drain()
    redrive(yard)
    yard.drain()
    yard.dynamodb.tables["orders"].clear()  # by hand: the first one was wrong

    assert redrive(yard).sent == {"conflict": 1}


def test_events_are_redriven_under_small_limits() -> None:
    yard = Yard([TICK], Limits(max_event_bytes=100))
    yard.stream.shards[SHARDS[0]].put(deal("d", NOW, "1"))
    yard.connect(Mapping())
    yard.drain()
    yard.deploy(limits=Limits(max_event_bytes=100))

    redrive(yard)
    yard.drain()

    assert yard.counted("deal.deals") == 1


def once_rejected() -> Yard:
    """Deals and gzip beyond the limits, rejected; then the fix is deployed."""
    yard = Yard([TICK], NARROW)
    shard = yard.stream.shards[SHARDS[0]]
    shard.put(tick("good", NOW))
    shard.put(packed([deal("d1", NOW, "1"), tick("sibling", NOW), b"{"], "plain"))
    shard.put(packed([tick(f"g{number}", NOW) for number in range(5)], "gzip"))
    shard.put(packed([tick("k1", NOW), *(tick(f"k{number}", NOW) for number in range(2, 6))], "kpl of gzip"))
    shard.put(tick("1".zfill(200), NOW))
    yard.connect(Mapping())
    yard.drain()
    yard.deploy(limits=WIDE)
    return yard


def once_discarded() -> Yard:
    """Batches that were given up, packed ones and redriven ones among them."""
    yard = Yard(limits=WIDE)
    for number in range(3):
        yard.stream.shards[SHARDS[number % 2]].put(packed([tick(f"a{number}", NOW), tick(f"b{number}", NOW)], "gzip"))
    yard.connect(Mapping(batch_size=2, maximum_retry_attempts=0, bisect_batch_on_function_error=False))
    yard.outside.decide = lambda name: Fault.THROTTLED if name == "TransactWriteItems" else Fault.NONE
    yard.drain()
    redrive(yard)
    yard.drain()
    yard.calm()
    return yard


def put_again(yard: Yard) -> list[RedrivenEvent]:
    """The redriven events in the stream."""
    found = []
    for shard in yard.stream.shards.values():
        for record in shard.records:
            data = msgspec.convert(json.loads(record.text)["kinesis"]["data"], bytes)
            lines = data.splitlines() if b'"redriven"' in data else []
            found += [msgspec.json.decode(line, type=RedrivenEvent) for line in lines]
    return found


@pytest.mark.parametrize("start", [once_rejected, once_discarded])
def test_a_run_killed_at_any_call_and_run_again_counts_everything_once(start: Any) -> None:
    """Killed behind a call, which is before the next one."""
    expected: object = None
    for at in range(1000):
        yard = start()
        calls: Iterator[Fault] = iter([Fault.NONE] * at + [Fault.KILL_AFTER])
        yard.outside.decide = lambda _, calls=calls: next(calls, Fault.NONE)
        killed = False
        try:
            redrive(yard)
        except Killed:
            killed = True
        until_nothing_is_left(yard)
        expected = expected or yard.measured()
        assert yard.measured() == expected, f"killed at call {at}"
        if not killed:
            break
    assert at > 5
    assert all(value.count == 1 for (key, _), value in yard.measured().items() if key.startswith("tick.seen#"))


def test_the_summary_tells_what_became_of_what_by_reason() -> None:
    yard = once_rejected()

    first = redrive(yard)
    yard.drain()
    second = redrive(yard)

    assert first.sent == {
        "unknown_type": 1,
        "bad_json": 1,
        "decompression_bomb": 5 + 4,
        "too_big": 1,
    }
    assert first.found == first.sent
    assert first.complete
    assert second.sent == {"bad_json": 1}
    assert second.counted == {"unknown_type": 1, "decompression_bomb": 9, "too_big": 1}
    assert yard.counted("tick.seen#k5") == 1
    assert yard.counted("deal.deals") == 1


def test_a_dry_run_finds_the_same_and_changes_nothing() -> None:
    for start in (once_rejected, once_discarded):
        yard = start()
        tables, stream = (
            json.dumps(yard.dynamodb.items("progress")),
            [len(s.records) for s in yard.stream.shards.values()],
        )

        dry = redrive(yard, dry_run=True)

        assert json.dumps(yard.dynamodb.items("progress")) == tables
        assert [len(shard.records) for shard in yard.stream.shards.values()] == stream
        assert dry.sent.total() > 0
        wet = redrive(yard)
        assert (dry.found, dry.sent, dry.counted) == (wet.found, wet.sent, wet.counted)


def test_reasons_choose_what_goes_out() -> None:
    yard = once_rejected()

    summary = Redrive(yard.stack, Wanted(reasons=frozenset({"unknown_type", "too_big"}))).run()

    assert summary.sent == {"unknown_type": 1, "too_big": 1}
    assert redrive(once_discarded(), dry_run=True).sent.keys() == {"discarded"}
    chosen = Redrive(once_discarded().stack, Wanted(reasons=frozenset({"bad_json"}))).run()
    assert not chosen.found


def test_times_of_arrival_choose_what_goes_out() -> None:
    yard = Yard([TICK])
    for number in range(4):
        yard.stream.shards[SHARDS[0]].put(deal(f"d{number}", NOW, "1"))
        yard.stream.clock.advance(10)
    yard.connect(Mapping())
    yard.drain()
    since = datetime.fromtimestamp(START + 10, UTC)

    summary = Redrive(yard.stack, Wanted(since=since, until=since + timedelta(seconds=20))).run()

    assert summary.sent == {"unknown_type": 2}
    assert {each.arrived for each in put_again(yard)} == {START + 10, START + 20}


def test_what_is_in_flight_is_left_alone_and_told_of() -> None:
    yard = Yard()
    yard.stream.shards[SHARDS[0]].put(b"{")
    yard.connect(Mapping(maximum_retry_attempts=1))
    yard.outside.decide = lambda name: Fault.THROTTLED if name == "TransactWriteItems" else Fault.NONE
    yard.step(0)
    yard.calm()

    summary = redrive(yard)

    assert summary.in_flight == {"bad_json": 1}
    assert not summary.sent
    assert not summary.complete


def test_discarded_redriven_events_go_out_again_as_what_is_in_them() -> None:
    yard = once_discarded()

    redrive(yard)
    yard.drain()

    assert not yard.quarantined()


def test_events_of_a_broken_piece_are_not_taken_for_its_siblings() -> None:
    yard = Yard([TICK], NARROW)
    events = [*(tick(f"t{number}", NOW) for number in range(4)), deal("d", NOW, "1")]
    yard.stream.shards[SHARDS[0]].put(packed(events, "kpl of gzip and one more"))
    yard.connect(Mapping())
    yard.drain()
    yard.deploy()

    until_nothing_is_left(yard)

    assert yard.counted("deal.deals") == 1
    assert [yard.counted(f"tick.seen#t{number}") for number in range(4)] == [1] * 4


def test_a_checkpoint_that_moves_on_at_the_same_time_is_never_moved_back() -> None:
    yard = Yard()
    for number in range(2):
        yard.stream.shards[SHARDS[0]].put(tick(f"t{number}", NOW))
    yard.connect(Mapping(batch_size=1, maximum_retry_attempts=0))
    yard.outside.decide = lambda name: Fault.THROTTLED if name == "TransactWriteItems" else Fault.NONE
    yard.step(0)

    def decide(name: str) -> Fault:
        if name == "PutItem":
            yard.calm()
            yard.step(0)
        return Fault.NONE

    yard.outside.decide = decide
    redrive(yard)
    yard.sources[0].rewind(0)
    yard.drain()

    assert [yard.counted(f"tick.seen#t{number}") for number in range(2)] == [1, 1]


def test_a_discarded_batch_whose_records_were_counted_one_by_one_stays_where_it_is() -> None:
    yard = Yard()
    for number in range(2):
        yard.stream.shards[SHARDS[0]].put(tick(f"t{number}", NOW))
    script = Script(takes=[1, 2], restarts=[None, 1])
    yard.connect(Mapping(maximum_retry_attempts=0, bisect_batch_on_function_error=False), [script])
    yard.step(0)
    yard.outside.decide = lambda name: Fault.KILL_AFTER if name == "TransactWriteItems" else Fault.NONE
    yard.step(0)
    yard.calm()

    summary = redrive(yard)

    assert summary.finished == 2
    assert not summary.sent


def test_an_event_of_a_broken_piece_that_is_rejected_again_is_redriven_when_the_piece_is_forgotten() -> None:
    yard = Yard([TICK], NARROW)
    events = [*(deal(f"d{number}", NOW, "1") for number in range(5)), tick("counted", NOW)]
    yard.stream.shards[SHARDS[0]].put(packed(events, "kpl of gzip and one more"))
    yard.connect(Mapping())
    yard.drain()
    forgotten = set(yard.s3.buckets["quarantine"])
    yard.deploy([TICK], WIDE)
    redrive(yard)
    yard.drain()
    for key in forgotten:
        del yard.s3.buckets["quarantine"][key]
    yard.deploy()

    redrive(yard)
    yard.drain()

    assert yard.counted("deal.deals") == 5


def test_no_record_of_a_discarded_batch_counts_when_the_batch_comes_late() -> None:
    yard = Yard()
    for number in range(3):
        yard.stream.shards[SHARDS[0]].put(tick(f"t{number}", NOW))
    yard.connect(Mapping(maximum_retry_attempts=0, bisect_batch_on_function_error=False))
    yard.outside.decide = lambda name: Fault.THROTTLED if name == "TransactWriteItems" else Fault.NONE
    yard.drain()
    yard.calm()

    redrive(yard)
    yard.sources[0].rewind(0)
    yard.drain()

    assert [yard.counted(f"tick.seen#t{number}") for number in range(3)] == [1] * 3


def test_what_was_quarantined_before_a_fix_and_counted_by_a_retry_after_it_stays_where_it_is() -> None:
    yard = Yard([TICK])
    yard.stream.shards[SHARDS[0]].put(deal("d", NOW, "1"))
    yard.connect(Mapping(maximum_retry_attempts=1))
    yard.outside.decide = lambda name: Fault.THROTTLED if name == "TransactWriteItems" else Fault.NONE
    yard.step(0)
    yard.calm()
    yard.deploy()
    yard.drain()

    summary = redrive(yard)

    assert summary.counted == {"unknown_type": 1}
    assert not summary.sent
    assert summary.complete


def test_a_discarded_batch_that_comes_late_does_not_count_beside_its_redriven_events() -> None:
    yard = once_discarded()
    redrive(yard)

    for source in yard.sources:
        source.rewind(0)
    yard.drain()

    assert {key: value for (key, _), value in yard.measured().items() if "#" in key} == {
        f"tick.seen#{letter}{number}": Count(1) for letter in "ab" for number in range(3)
    }


def test_what_is_too_big_or_still_broken_is_told_of_with_what_to_do() -> None:
    yard = Yard(limits=NARROW)
    shard = yard.stream.shards[SHARDS[0]]
    shard.put(tick("1".zfill(200), NOW))
    shard.put(packed([tick(f"g{number}", NOW) for number in range(5)], "gzip"))
    shard.put(gzip.compress(b"{}")[:-3])
    yard.connect(Mapping())
    yard.drain()

    summary = redrive(yard)

    assert summary.left == {"too_big": 1, "decompression_bomb": 1, "bad_gzip": 1}
    assert not summary.sent
    assert not summary.complete
    text = "\n".join(summary.remedies)
    assert text.count("s3://quarantine/rejected/date=2026-11-21/") == 3
    assert "max_event_bytes" in text


@pytest.mark.parametrize(
    ("packing", "fault"),
    [
        *product(["plain", "gzip", "kpl"], [Fault.KILL_BEFORE, Fault.KILL_AFTER]),
        ("kpl of gzip", Fault.KILL_BEFORE),
        ("kpl of gzip and one more", Fault.KILL_BEFORE),
        ("kpl of gzip", Fault.KILL_AFTER),
    ],
)
def test_a_record_beyond_the_limits_in_a_discarded_batch_is_redriven_as_its_events(fault: Fault, packing: str) -> None:
    """Whether it was rejected before it was discarded, or only quarantined."""
    yard = Yard(limits=NARROW)
    yard.stream.shards[SHARDS[0]].put(packed([tick(f"t{number}", NOW) for number in range(5)], packing))
    yard.connect(Mapping(maximum_retry_attempts=0))
    yard.outside.decide = lambda name: fault if name == "TransactWriteItems" else Fault.NONE
    yard.drain()
    yard.calm()
    beyond = redrive(yard)
    yard.drain()
    assert not beyond.complete
    yard.deploy()

    summary = redrive(yard)
    yard.drain()
    redrive(yard)
    yard.drain()

    assert summary.complete
    assert [yard.counted(f"tick.seen#t{number}") for number in range(5)] == [1] * 5


def test_an_object_that_is_something_else_is_told_of_and_stops_nothing() -> None:
    yard = once_rejected()
    yard.s3.buckets["failures"]["aws/lambda/x"] = b"{}"
    yard.s3.buckets["quarantine"]["rejected/date=2026-11-21/x"] = b"?"

    summary = redrive(yard)

    assert summary.sent.total() == 12
    assert len(summary.remedies) == 2
    assert not summary.complete


def test_the_largest_event_fits_a_record() -> None:
    limits = Limits(max_event_bytes=256 * 1024)
    yard = Yard([TICK], limits)
    event = deal("d", NOW, "1")
    yard.stream.shards[SHARDS[0]].put(_padded(event, 256 * 1024))
    yard.connect(Mapping())
    yard.drain()
    yard.deploy(limits=limits)

    assert redrive(yard).sent == {"unknown_type": 1}
    yard.drain()
    assert yard.counted("deal.deals") == 1


def _padded(event: bytes, size: int) -> bytes:
    return event.replace(b',"', b"," + b" " * (size - len(event)) + b'"', 1)


def test_no_record_holds_more_events_than_the_limits_take() -> None:
    yard = Yard([TICK], NARROW)
    for number in range(10):
        yard.stream.shards[SHARDS[0]].put(deal(f"d{number}", NOW, "1"))
    yard.connect(Mapping())
    yard.drain()
    yard.deploy(limits=NARROW)

    redrive(yard)
    yard.drain()

    assert yard.counted("deal.deals") == 10


def test_the_rate_is_kept() -> None:
    yard = Yard([TICK])
    for number in range(25):
        yard.stream.shards[SHARDS[0]].put(deal(f"d{number}", NOW, "1"))
    yard.connect(Mapping())
    yard.drain()
    now = [0.0]
    pace = Pace(5, clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    sent: list[tuple[float, int]] = []
    put = yard.stream.put_records

    def noted(**call: Any) -> Any:
        sent.append((now[0], sum(each["Data"].count(b"\n") + 1 for each in call["Records"])))
        return put(**call)

    yard.stream.put_records = noted  # type: ignore[method-assign]

    redrive(yard, pace=pace)

    assert sum(count for _, count in sent) == 25
    for start, _ in sent:
        assert sum(count for at, count in sent if start <= at < start + 1) <= 10  # a full bucket, and a second's refill
    assert now[0] == pytest.approx(4)


def test_a_redriven_event_that_is_rejected_again_keeps_its_origin() -> None:
    yard = Yard([TICK])
    yard.stream.shards[SHARDS[0]].put(deal("d", NOW, "1"))
    yard.connect(Mapping())
    for _ in range(3):
        yard.drain()
        assert redrive(yard).sent == {"unknown_type": 1}
    yard.drain()
    assert len(yard.quarantined()) == 1
    yard.deploy()
    redrive(yard)
    yard.drain()
    assert yard.counted("deal.deals") == 1
