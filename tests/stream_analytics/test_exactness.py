"""Every event counts exactly once, whatever fails, and what does not count is kept with its payload.

The real handler runs over fakes of AWS under the model of Lambda's event source mapping: batches are cut and cut again,
calls are killed before and after they take effect, throttled, done in part, and other invocations come in between.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.stream_analytics.contract import Position, ReasonCode, RedrivenEvent
from lambdas.stream_analytics.domain import pieces
from lambdas.stream_analytics.workflow import counting
from tests.stream_analytics.world import World, deal, payloads, tick
from tests.support import kpl
from tests.support.event_source import Clock, EventSource, KinesisShard, Mapping, Script
from tests.support.fake_aws import Fault
from tests.support.schedules import SCHEDULES, scripts, under_schedules

START = 1_795_262_400.0
NOW = datetime.fromtimestamp(START - 30, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
LATE = datetime.fromtimestamp(START - 2 * 24 * 60 * 60, UTC).isoformat()
SHARDS = ("shardId-000000000000", "shardId-000000000001")
ELSEWHERE = "shardId-000000000009"

BAD = {
    b"{": ReasonCode.BAD_JSON,
    b'{"type":"tick","amount":NaN}': ReasonCode.BAD_JSON,
    b'{"type":"tock"}': ReasonCode.UNKNOWN_TYPE,
    b'{"type":"tick"}': ReasonCode.WRONG_SCHEMA,
    tick("late", LATE): ReasonCode.TOO_LATE,
    tick("twice", NOW)[:-1] + b',"id":"again"}': ReasonCode.DUPLICATE_KEYS,
    tick("long" * 600, NOW): ReasonCode.TOO_BIG,
}


@dataclass(frozen=True)
class Put:
    """One event that a producer put, where it came to stand."""

    shard_id: str
    position: Position
    payload: bytes
    sequence_number: str

    @property
    def origin(self) -> str:
        return f"{self.shard_id}#{self.position}"


@dataclass
class Stream:
    """What producers put into two shards."""

    clock: Clock = field(default_factory=lambda: Clock(START))
    puts: list[Put] = field(default_factory=list)

    def __post_init__(self) -> None:
        # The first shard's sequence numbers grow by a digit on the way.
        self.shards = {
            SHARDS[0]: KinesisShard(self.clock, shard_id=SHARDS[0], first_sequence_number=10**54 - 2**80),
            SHARDS[1]: KinesisShard(self.clock, shard_id=SHARDS[1]),
        }

    def put(self, shard_id: str, events: list[bytes], packing: str) -> None:
        match packing:
            case "gzip":
                data = gzip.compress(b"\n".join(events))
            case "kpl":
                data = kpl.aggregate([("key", event) for event in events])
            case _:
                data = b"\n".join(events)
        record = self.shards[shard_id].put(data)
        for index, event in enumerate(events):
            position = Position(record.sequence_number.zfill(56), index)
            self.puts.append(Put(shard_id, position, event, record.sequence_number))


def redriven(number: int) -> bytes:
    """A tick that stood in another shard at first."""
    return msgspec.json.encode(
        RedrivenEvent(
            shard_id=ELSEWHERE,
            sequence_number=str(number).zfill(56),
            index=0,
            arrived=START - 10,
            payload=tick(f"redriven{number}", NOW),
        )
    )


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """Records of one to four events: unique ticks, deals that repeat or conflict, redriven ticks, and bad ones."""
    stream = Stream()
    kinds = st.sampled_from(["tick"] * 6 + ["deal", "redriven", "bad"])
    number = 0
    for _ in range(draw(st.integers(1, 14))):
        events = []
        for kind in draw(st.lists(kinds, min_size=1, max_size=4)):
            number += 1
            match kind:
                case "tick":
                    events.append(tick(f"t{number}", NOW))
                case "deal":
                    events.append(
                        deal(draw(st.sampled_from("ab")), NOW, draw(st.sampled_from(["1.10", "1.10", "2.20"])))
                    )
                case "redriven":
                    events.append(redriven(draw(st.integers(1, 2))))
                case _:
                    events.append(draw(st.sampled_from(list(BAD))))
        stream.put(draw(st.sampled_from(SHARDS)), events, draw(st.sampled_from(["plain", "plain", "gzip", "kpl"])))
        stream.clock.advance(draw(st.sampled_from([0.0, 0.0, 45.0])))
    return stream


mappings = st.builds(
    Mapping,
    batch_size=st.integers(1, 10),
    maximum_retry_attempts=st.sampled_from([0, 1, 3, 50]),
    maximum_record_age_in_seconds=st.sampled_from([None, None, 60]),
    bisect_batch_on_function_error=st.booleans(),
)
OTHER_SHARD, SAME_BATCH, HALF_OF_IT = "other shard", "same batch", "half of the batch"
"""Another invocation comes in between: of the other shard, or of this one, by a poller that does not know of ours."""
faults = st.lists(
    st.sampled_from(
        [Fault.NONE] * 6
        + [fault for fault in Fault if fault is not Fault.NONE]
        + [OTHER_SHARD] * 3
        + [SAME_BATCH, HALF_OF_IT]
    ),
    min_size=10,
    max_size=60,
)


class Run:
    """Two event sources over one world; what the script says happens at each call that the function makes."""

    def __init__(self, world: World, schedule: Schedule) -> None:
        self.world = world
        self.plan = iter(schedule.plan)
        self.inside = False
        self.event: dict[str, Any] = {}
        self.sources = [
            EventSource(shard, schedule.mapping, self.invoke, script)
            for shard, script in zip(schedule.stream.shards.values(), schedule.timing, strict=True)
        ]
        world.outside.decide = self.decide

    def invoke(self, event: dict[str, Any]) -> object:
        self.event = event
        response = self.world.invoke(event)
        assert set(response) == {"batchItemFailures"}
        return response

    def decide(self, _: str) -> Fault:
        """The next fault; or first, another invocation runs from beginning to end."""
        if self.inside:
            return Fault.NONE
        what = next(self.plan, Fault.NONE)
        if isinstance(what, Fault):
            return what
        self.inside, event = True, self.event
        if what == SAME_BATCH:
            self.world.invoke(event)
        elif what == HALF_OF_IT:
            self.world.invoke({"Records": event["Records"][: (len(event["Records"]) + 1) // 2]})
        else:
            shard_id = event["Records"][0]["eventID"].partition(":")[0]
            self.sources[shard_id == SHARDS[0]].step()
        self.inside, self.event = False, event
        return Fault.NONE

    def drain(self) -> dict[str, bytes]:
        """Runs both shards to their ends; what was discarded."""
        while sum(source.step() for source in self.sources):
            pass
        self.world.outside.decide = lambda _: Fault.NONE
        unexpected = [error for source in self.sources for error in source.errors if isinstance(error, Exception)]
        assert not unexpected, unexpected
        return self.sources[0].discarded | {f"1/{key}": body for key, body in self.sources[1].discarded.items()}


def assert_exact(world: World, stream: Stream, discarded: dict[str, bytes]) -> None:
    """Counted once, or rejected and in quarantine, or never done and in the failure bucket; each with its payload."""
    archived, quarantined = world.archived(), world.quarantined()
    given_up = {(number, data) for number, data in payloads(discarded)}
    records = {
        (record["kinesis"]["sequenceNumber"], record["kinesis"]["data"])
        for shard in stream.shards.values()
        for record in (json.loads(each.text) for each in shard.records)
    }
    assert given_up <= records, "a discarded record was changed"
    counted, rejected, again = Counter[str](), Counter[str](), set[str]()
    deals: dict[str, list[Put]] = {}
    for put in stream.puts:
        status = world.status(put.shard_id, put.position)
        if status == "open":
            assert put.sequence_number in {number for number, _ in given_up}, f"{put} is lost"
            continue
        event = json.loads(put.payload) if put.payload not in BAD else {"type": "bad"}
        match event["type"]:
            case "bad":
                [kept] = {(each.payload, each.reason) for each in quarantined[put.origin]}
                assert (put.payload, BAD[put.payload]) == kept
                assert status == "rejected"
                rejected[kept[1]] += 1
            case "tick":
                assert status == "counted"
                assert [json.loads(each)["id"] for each in archived[put.origin]] == [event["id"]]
                counted[event["id"]] += 1
            case "redriven":
                assert status == "counted"
                again.add(json.loads(base64.b64decode(event["payload"]))["id"])
            case _:
                deals.setdefault(event["deal_id"], []).append(put)
    assert {name: world.counted(f"tick.seen#{name}") for name in counted} == counted
    assert {name: world.counted(f"tick.seen#{name}") for name in again} == dict.fromkeys(again, 1)
    assert world.summed("tick.amount") == Decimal("1.5") * (counted.total() + len(again))
    assert_deals_stored_once(world, deals, rejected)
    assert {name: world.counted(f"stream.rejected#{name}") for name in rejected} == rejected


def assert_index_holds_what_counts(world: World, stream: Stream) -> None:
    """Every tick under its id, once."""
    indexed = Counter(item["entity"]["S"] for item in world.dynamodb.items("index"))
    for put in stream.puts:
        if put.payload not in BAD and json.loads(put.payload)["type"] == "tick":
            entity = f"id#{json.loads(put.payload)['id']}"
            assert indexed[entity] == 1 or world.status(put.shard_id, put.position) == "open", entity


def assert_deals_stored_once(world: World, deals: dict[str, list[Put]], rejected: Counter[str]) -> None:
    """One of each; equal ones are repeats, others are in quarantine."""
    stored = {item["order_id"]["S"]: json.loads(item["event"]["S"]) for item in world.dynamodb.items("orders")}
    quarantined = world.quarantined()
    assert set(stored) == set(deals)
    assert world.counted("deal.deals") == len(deals)
    assert world.summed("deal.revenue") == sum((Decimal(each["amount"]) for each in stored.values()), Decimal(0))
    repeats = 0
    for name, puts in deals.items():
        conflicts = [put for put in puts if json.loads(put.payload)["amount"] != stored[name]["amount"]]
        for put in conflicts:
            assert {each.payload for each in quarantined[put.origin]} == {put.payload}
            assert world.status(put.shard_id, put.position) == "rejected"
        rejected.update({ReasonCode.CONFLICT: len(conflicts)} if conflicts else {})
        repeats += len(puts) - len(conflicts) - 1
        for shard_id in SHARDS:
            first = next((put for put in puts if put.shard_id == shard_id), None)
            same = [put for put in puts if put.shard_id == shard_id]
            if len({json.loads(put.payload)["amount"] for put in same}) > 1 and len(same) == len(puts):
                assert first is not None
                assert json.loads(first.payload)["amount"] == stored[name]["amount"], "a later deal won"
    assert world.counted("stream.repeated#deal") == repeats


@dataclass(frozen=True)
class Schedule:
    """Everything that chance decides."""

    stream: Stream
    mapping: Mapping
    plan: list[Any]
    timing: tuple[Script, Script]
    most_items: int
    """Of a transaction."""
    most_bytes: int
    """Taken apart at a time."""


schedules = st.builds(
    Schedule,
    streams(),
    mappings,
    faults,
    st.tuples(scripts, scripts),
    st.sampled_from([7, 9, 14, 98]),
    st.sampled_from([150, 10**9]),
)


def check(schedule: Schedule) -> None:
    """Runs a schedule and looks at what is left behind."""
    world = World()
    most_items = patch.object(counting, "MOST_ITEMS", schedule.most_items)
    with most_items, patch.object(pieces, "MOST_BYTES", schedule.most_bytes):
        discarded = Run(world, schedule).drain()
    assert world.dynamodb.most_written <= schedule.most_items + 2
    assert_exact(world, schedule.stream, discarded)
    assert_index_holds_what_counts(world, schedule.stream)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_every_event_counts_once_or_is_kept(schedule: Schedule) -> None:
    check(schedule)
