"""The event source mapping model delivers as AWS documents, and loses nothing whatever a function does."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.events import dynamodb, kinesis
from tests.support.event_source import Clock, DynamoDBShard, EventSource, KinesisShard, Mapping, Script, Shard
from tests.support.event_source.letters import Function, run, shard_of
from tests.support.schedule import Killed


def test_events_have_the_documented_shape() -> None:
    number = "49590338271490256608559692538361571095921575989136588898"
    assert kinesis.event(kinesis.record(b"Hello, this is a test.", sequence_number=number)) == {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "1",
                    "sequenceNumber": number,
                    "data": "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
                    "approximateArrivalTimestamp": 1545084650.987,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"shardId-000000000000:{number}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
                "awsRegion": "us-east-2",
                "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
            }
        ]
    }
    key: dynamodb.Image = {"Id": {"N": "101"}}
    insert = dynamodb.record(key, sequence_number="111", new_image=key)
    modify = dynamodb.record(key, sequence_number="222", new_image=key, old_image=key)
    remove = dynamodb.record(key, sequence_number="333", old_image=key, expired=True)
    assert [record["eventName"] for record in (insert, modify, remove)] == ["INSERT", "MODIFY", "REMOVE"]
    assert insert.keys() == {
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN"
    }  # fmt: skip
    assert insert["dynamodb"].keys() == {
        "ApproximateCreationDateTime", "Keys", "NewImage", "SequenceNumber", "SizeBytes", "StreamViewType"
    }  # fmt: skip
    assert modify["dynamodb"].keys() - insert["dynamodb"].keys() == {"OldImage"}
    assert remove["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    views = {
        view: dynamodb.record(key, sequence_number="1", new_image=key, old_image=key, view_type=view)["dynamodb"].keys()
        & {"NewImage", "OldImage"}
        for view in ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
    }
    assert list(views.values()) == [set(), {"NewImage"}, {"OldImage"}, {"NewImage", "OldImage"}]


def test_sequence_numbers_rise_by_uneven_steps_and_gain_digits() -> None:
    shard = KinesisShard(first_sequence_number=10**55 - 1)
    numbers = [shard.put(b"x").sequence_number for _ in range(20)]
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    assert min(steps) > 1
    assert len(steps) == 19
    assert {len(number) for number in numbers} == {55, 56}


def test_a_batch_holds_at_most_batch_size_records_in_order() -> None:
    function = Function()
    run("abcdefg", function, batch_size=3)
    assert function.batches == ["abc", "def", "g"]


def test_a_poll_may_find_fewer_records_than_the_batch_size() -> None:
    function = Function()
    run("abcdefg", function, Script(takes=[1, 9, 2]), batch_size=3)
    assert function.batches == ["a", "bcd", "ef", "g"]


def test_a_batch_holds_at_most_6_megabytes() -> None:
    shard = KinesisShard()
    for letter in b"abcdefgh":
        shard.put(bytes([letter]) * 1_000_000)
    events: list[dict[str, Any]] = []
    EventSource(shard, Mapping(), events.append).drain()
    sizes = [len(json.dumps(event, separators=(",", ":"))) for event in events]
    assert [len(event["Records"]) for event in events] == [4, 4]
    assert max(sizes) <= 6 * 1024 * 1024 < max(sizes) * 5 / 4


@pytest.mark.parametrize(("beyond", "batches"), [(0, [5]), (1, [4, 1])])
def test_6_megabytes_count_to_the_byte(beyond: int, batches: list[int]) -> None:
    shard = KinesisShard()
    for _ in range(4):
        shard.put(bytes(1_000_000))
    around = len(json.dumps(kinesis.event(), separators=(",", ":"))) + len(KinesisShard().put(b"").text)
    left = 6 * 1024 * 1024 - around - sum(len(record.text) + 1 for record in shard.records)
    shard.put(bytes(left // 4 * 3), "k" * (1 + left % 4 + beyond))
    sizes: list[int] = []
    EventSource(shard, Mapping(), lambda event: sizes.append(len(event["Records"]))).drain()
    assert sizes == batches


def test_records_are_delivered_as_they_were_put() -> None:
    clock = Clock(1545084650.987)
    stream = KinesisShard(clock, shard_id="shardId-000000000006")
    number = stream.put(b"x", "key").sequence_number
    assert json.loads(stream.records[0].text) == kinesis.record(
        b"x", sequence_number=number, partition_key="key", arrival=1545084650.987, shard_id="shardId-000000000006"
    )
    key, old, new = ({"id": {"S": name}} for name in ("key", "old", "new"))
    table = DynamoDBShard(clock)
    table.put(key, new_image=new, old_image=old, expired=True)
    assert json.loads(table.records[0].text) == dynamodb.record(
        key,
        sequence_number=table.records[0].sequence_number,
        new_image=new,
        old_image=old,
        created=1545084650.0,
        expired=True,
    )


def test_time_does_not_run_back() -> None:
    with pytest.raises(ValueError, match="run back"):
        Clock().advance(-1)


def test_records_above_the_maximum_size_are_refused() -> None:
    with pytest.raises(ValueError, match="1 MiB"):
        KinesisShard().put(bytes(1024 * 1024))
    KinesisShard().put(bytes(1024 * 1024 - 1))
    with pytest.raises(ValueError, match="does not fit"):
        DynamoDBShard().put({"id": {"S": "x" * 7_000_000}})


@pytest.mark.parametrize("settings", [{"batch_size": 0}, {"batch_size": 10_001}, {"maximum_retry_attempts": -1},
                                      {"maximum_record_age_in_seconds": 59}])  # fmt: skip
def test_settings_that_aws_refuses_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"is|are"):
        Mapping(**settings)  # type: ignore[arg-type]


def test_a_restarted_poller_delivers_processed_records_again() -> None:
    function = Function()
    source = run("abcd", function, Script(takes=[3], restarts=[None, 2, 99]), batch_size=4)
    assert function.batches == ["abc", "bcd", "abcd"]
    assert source.processed == 4


def test_a_restart_cuts_a_failing_batch_anew() -> None:
    function = Function("b")
    run("abc", function, Script(takes=[2, 1, 0], restarts=[None, 0]), maximum_retry_attempts=0)
    assert function.batches == ["ab", "a", "bc", "b", "c"]


def test_a_poller_does_not_skip_ahead_nor_take_what_is_not_there() -> None:
    source = EventSource(shard_of("ab"), Mapping(), Function())
    with pytest.raises(ValueError, match="0 records are processed"):
        source.rewind(1)

    class Greedy(Script):
        def records_to_take(self, available: int) -> int:
            return available + 1

    with pytest.raises(ValueError, match="cannot take 3"):
        EventSource(shard_of("ab"), Mapping(), Function(), Greedy()).step()


MAPPINGS = st.builds(
    Mapping,
    batch_size=st.integers(1, 6),
    maximum_retry_attempts=st.integers(0, 2),
    maximum_record_age_in_seconds=st.sampled_from([None, 60]),
    bisect_batch_on_function_error=st.booleans(),
    report_batch_item_failures=st.booleans(),
)
SCRIPTS = st.builds(
    Script,
    takes=st.lists(st.integers(0, 4), max_size=6),
    restarts=st.lists(st.none() | st.integers(0, 8), max_size=6),
    waits=st.lists(st.sampled_from([0.0, 25.0, 61.0]), max_size=6),
)
OUTCOMES = st.lists(
    st.sampled_from(["succeed", "raise", "die", "bad identifier"])
    | st.sets(st.integers(0, 5), min_size=1).map(frozenset),
    max_size=25,
)
"""What the function does at each invocation; a set stands for the records that it reports, by their place."""


class Recorder:
    """A function that follows a list of outcomes, and what is known to have been processed by it."""

    def __init__(self, outcomes: list[str | frozenset[int]], *, partial: bool) -> None:
        self._outcomes = iter(outcomes)
        self._last: str | frozenset[int] = outcomes[-1] if outcomes else "succeed"
        self._partial = partial
        self.first_deliveries: list[str] = []
        self.processed: set[str] = set()

    def __call__(self, event: dict[str, Any]) -> object:
        numbers = [_number(record) for record in event["Records"]]
        self.first_deliveries += [number for number in numbers if number not in self.first_deliveries]
        outcome = next(self._outcomes, self._last)
        if outcome == "raise":
            raise ValueError
        if outcome == "die":
            raise Killed
        reported: list[str] = []
        if outcome == "bad identifier":
            reported = ["?"]
        elif not isinstance(outcome, str):
            reported = [numbers[place] for place in sorted(outcome, reverse=True) if place < len(numbers)]
        if not reported or not self._partial:
            self.processed |= set(numbers)
        elif reported != ["?"]:
            self.processed |= {number for number in numbers if int(number) < min(map(int, reported))}
        return {"batchItemFailures": [{"itemIdentifier": number} for number in reported]}


def _number(record: dict[str, Any]) -> str:
    return str(record["kinesis"]["sequenceNumber"] if "kinesis" in record else record["dynamodb"]["SequenceNumber"])


def _filled(kind: str, count: int) -> Shard:
    if kind == "kinesis":
        shard = KinesisShard(first_sequence_number=10**55 - 2**78)
        for number in range(count):
            shard.put(b"%d" % number)
        return shard
    table = DynamoDBShard()
    for number in range(count):
        table.put({"id": {"N": str(number)}}, new_image={"id": {"N": str(number)}})
    return table


@given(
    kind=st.sampled_from(["kinesis", "dynamodb"]),
    count=st.integers(0, 12),
    mapping=MAPPINGS,
    script=SCRIPTS,
    outcomes=OUTCOMES,
)
def test_nothing_is_lost_whatever_the_function_does(
    kind: str, count: int, mapping: Mapping, script: Script, outcomes: list[str | frozenset[int]]
) -> None:
    shard = _filled(kind, count)
    function = Recorder(outcomes, partial=mapping.report_batch_item_failures)
    source = EventSource(shard, mapping, function, script)
    source.drain()

    put = {record.sequence_number: json.loads(record.text) for record in shard.records}
    discarded: dict[str, Any] = {}
    for body in source.discarded.values():
        batch = json.loads(json.loads(body)["payload"])["Records"]
        numbers = [_number(record) for record in batch]
        assert numbers == sorted(numbers, key=int)
        discarded |= dict(zip(numbers, batch, strict=True))

    assert function.processed | discarded.keys() == put.keys()
    assert all(put[number] == record for number, record in discarded.items())
    assert function.first_deliveries == sorted(function.first_deliveries, key=int)
    assert source.processed == count
