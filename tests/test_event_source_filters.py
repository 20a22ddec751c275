"""Event filters, rule by rule of AWS's documentation."""

from __future__ import annotations

import json

import pytest

from tests.events import dynamodb
from tests.support.event_source import DynamoDBShard, EventSource, KinesisShard, Mapping
from tests.support.event_source.letters import Function, names


def test_filtered_out_records_count_as_processed_and_take_no_place_in_a_batch() -> None:
    shard = KinesisShard()
    for number in range(8):
        shard.put(json.dumps({"n": number, "odd": number % 2 == 1}).encode())
    batches: list[list[int]] = []
    mapping = Mapping(batch_size=3, filters=('{"data": {"odd": [true]}}',))
    source = EventSource(shard, mapping, lambda event: batches.append([json.loads(name)["n"] for name in names(event)]))
    source.step()
    assert source.processed == 6
    source.drain()
    assert batches == [[1, 3, 5], [7]]
    assert source.processed == 8
    shard.put(b'{"odd": false}')
    assert not source.step()
    assert source.processed == 9
    assert source.invocations == 2
    source.rewind(0)
    source.drain()
    assert batches == [[1, 3, 5], [7]] * 2


def test_a_record_passes_if_one_of_the_filters_matches() -> None:
    shard = KinesisShard()
    for kind in "abc":
        shard.put(json.dumps({"kind": kind}).encode())
    seen: list[str] = []
    mapping = Mapping(filters=('{"data": {"kind": ["a"]}}', '{"data": {"kind": ["c"]}}'))
    EventSource(shard, mapping, lambda event: seen.extend(names(event))).drain()
    assert seen == ['{"kind": "a"}', '{"kind": "c"}']


@pytest.mark.parametrize("data", [b"plain text", b"\xff\xfe\x00", b'{"a": ', b"", b"[" * 100_000])
def test_data_that_is_not_json_is_dropped_by_a_filter(data: bytes) -> None:
    shard = KinesisShard()
    shard.put(data)
    source = EventSource(shard, Mapping(filters=('{"data": {"a": [{"exists": false}]}}',)), Function())
    source.drain()
    assert (source.invocations, source.processed, source.discarded) == (0, 1, {})


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ({"a": [None]}, [{"a": None}], [{"a": ""}, {}]),
        ({"a": [""]}, [{"a": ""}], [{"a": None}, {"a": "x"}]),
        ({"a": ["x"]}, [{"a": "x"}, {"a": ["y", "x"]}], [{"a": "X"}, {"a": ["y"]}, {"a": {"x": 1}}, {"a": []}]),
        ({"a": ["x", "y"]}, [{"a": "x"}, {"a": "y"}], [{"a": "z"}]),
        ({"a": ["x"], "b": ["y"]}, [{"a": "x", "b": "y"}], [{"a": "x"}, {"a": "x", "b": "x"}]),
        ({"a": {"b": ["x"]}}, [{"a": {"b": "x"}}, {"a": [{}, {"b": "x"}]}], [{"a": "x"}, {"b": "x"}, {"a": {}}]),
        ({"$or": [{"a": ["x"]}, {"b": ["y"]}]}, [{"a": "x"}, {"b": "y"}], [{"a": "y", "b": "x"}]),
        ({"a": [300]}, [{"a": 300}], [{"a": 300.0}, {"a": "300"}]),
        ({"a": [True]}, [{"a": True}], [{"a": 1}, {"a": False}]),
        ({"a": [{"equals-ignore-case": "alice"}]}, [{"a": "Alice"}], [{"a": "Bob"}, {"a": 1}]),
        ({"a": [{"anything-but": ["x", "y"]}]}, [{"a": "z"}, {"a": 1}], [{"a": "x"}, {"a": "y"}, {}]),
        ({"a": [{"anything-but": "xy"}]}, [{"a": "x"}], [{"a": "xy"}]),
        ({"a": [{"numeric": ["=", 100]}]}, [{"a": 100}, {"a": 1e2}], [{"a": 101}, {"a": "100"}]),
        ({"a": [{"numeric": [">", 10, "<=", 20]}]}, [{"a": 10.5}, {"a": 20}], [{"a": 10}, {"a": 21}, {"a": True}]),
        ({"a": [{"numeric": [">=", 0, "<", 1]}]}, [{"a": 0}], [{"a": 1}, {"a": False}]),
        ({"a": [{"exists": True}]}, [{"a": 1}, {"a": None}], [{}, {"b": 1}, {"a": {"b": 1}}]),
        ({"a": [{"exists": False}]}, [{}, {"b": 1}], [{"a": 1}, {"a": None}]),
        ({"a": {"b": [{"exists": False}]}}, [{}, {"a": {"c": 1}}, {"a": []}], [{"a": {"b": 1}}]),
        ({"a": [{"prefix": "us-"}]}, [{"a": "us-east-1"}], [{"a": "eu-us-"}, {"a": 1}]),
        ({"a": [{"suffix": ".png"}]}, [{"a": "x.png"}], [{"a": ".png.gz"}]),
        ({"a": [{"prefix": "x"}, "y"]}, [{"a": "xx"}, {"a": "y"}], [{"a": "yx"}]),
    ],
)
def test_filter_rules(pattern: object, matching: list[object], others: list[object]) -> None:
    shard = KinesisShard()
    for data in [*matching, *others]:
        shard.put(json.dumps(data).encode())
    seen: list[object] = []
    mapping = Mapping(filters=(json.dumps({"data": pattern}),))
    EventSource(shard, mapping, lambda event: seen.extend(json.loads(name) for name in names(event))).drain()
    assert seen == matching


@pytest.mark.parametrize(
    "pattern",
    [
        "not json",
        "[]",
        "{}",
        '{"data": "text"}',
        '{"data": {"a": "x"}}',
        '{"data": {"a": []}}',
        '{"data": {"a": [{"regex": "x"}]}}',
        '{"data": {"a": [{"prefix": "x", "suffix": "y"}]}}',
        '{"data": {"$or": [{"a": "x"}]}}',
        '{"partitionKey": ["1"]}',
    ],
)
def test_a_pattern_that_aws_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"filter"):
        EventSource(KinesisShard(), Mapping(filters=(pattern,)), Function())


def test_a_dynamodb_stream_is_filtered_by_event_name_and_images() -> None:
    shard = DynamoDBShard()
    a: dynamodb.Image = {"id": {"S": "a"}}
    b: dynamodb.Image = {"id": {"S": "b"}, "tags": {"L": [{"S": "x"}]}}
    shard.put(a, new_image=a)
    shard.put(b, new_image=b)
    shard.put(b, old_image=b, expired=True)
    seen: list[str] = []
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"tags": {"L": {"S": [{"exists": True}]}}}}}
    mapping = Mapping(filters=(json.dumps(pattern),))
    EventSource(
        shard, mapping, lambda event: seen.extend(r["dynamodb"]["Keys"]["id"]["S"] for r in event["Records"])
    ).drain()
    assert seen == ["b"]
