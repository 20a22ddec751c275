"""What is retried, split and discarded after a failed invocation, rule by rule of AWS's documentation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.events import dynamodb
from tests.support.event_source import Clock, DynamoDBShard, EventSource, KinesisShard, Mapping, Script
from tests.support.event_source.letters import Function, failing_on, names, payloads, run, shard_of
from tests.support.schedule import Killed


@pytest.mark.parametrize(
    "response",
    [None, {}, "", [], {"batchItemFailures": []}, {"batchItemFailures": None}, {"statusCode": 200}, "done"],
)
def test_complete_success(response: object) -> None:
    source = EventSource(shard_of("abc"), Mapping(), lambda _: response)
    source.drain()
    assert (source.invocations, source.processed, source.discarded) == (1, 3, {})


@pytest.mark.parametrize(
    "item",
    [
        {"itemIdentifier": ""},
        {"itemIdentifier": None},
        {"itemIdentifier": "49590338271490256608559692538361571095921575989136588897"},
        {"itemIdentifier": 123},
        {"itemIdentifier": []},
        {"item": "x"},
        {},
        "x",
    ],
)
@pytest.mark.parametrize("good_one_too", [False, True])
def test_a_bad_identifier_fails_the_whole_batch(item: object, good_one_too: bool) -> None:  # noqa: FBT001
    batches = []

    def function(event: dict[str, Any]) -> object:
        batches.append("".join(names(event)))
        good = failing_on("c", event)["batchItemFailures"] if good_one_too else []
        return {"batchItemFailures": [*good, item]} if len(batches) == 1 else None

    EventSource(shard_of("abc"), Mapping(bisect_batch_on_function_error=False), function).drain()
    assert batches == ["abc", "abc"]


@pytest.mark.parametrize("failures", [7, "x", {"itemIdentifier": "x"}])
def test_failures_that_are_no_list_fail_the_whole_batch(failures: object) -> None:
    mapping = Mapping(maximum_retry_attempts=0, bisect_batch_on_function_error=False)
    source = EventSource(shard_of("abc"), mapping, lambda _: {"batchItemFailures": failures})
    source.drain()
    assert payloads(source) == ["abc"]


def test_sequence_numbers_without_their_key_fail_the_whole_batch() -> None:
    shard = shard_of("abc")
    mapping = Mapping(maximum_retry_attempts=0, bisect_batch_on_function_error=False)
    source = EventSource(shard, mapping, lambda _: {"batchItemFailures": [shard.records[2].sequence_number]})
    source.drain()
    assert payloads(source) == ["abc"]


@pytest.mark.parametrize("error", [ValueError("x"), TimeoutError("Task timed out after 3.00 seconds"), Killed()])
def test_an_exception_a_timeout_or_a_crash_fails_the_whole_batch(error: Exception | Killed) -> None:
    def function(_: object) -> None:
        raise error

    mapping = Mapping(maximum_retry_attempts=1, bisect_batch_on_function_error=False)
    source = EventSource(shard_of("ab"), mapping, function)
    source.drain()
    assert source.errors == [error, error]
    assert payloads(source) == ["ab"]


def test_the_lowest_sequence_number_is_the_checkpoint() -> None:
    """As a number: the digits grow in this batch, so that text would compare otherwise."""
    shard = KinesisShard(first_sequence_number=10**55 - 1)
    for letter in "abcd":
        shard.put(letter.encode())
    batches = []

    def function(event: dict[str, Any]) -> object:
        batches.append("".join(names(event)))
        numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
        return (
            {"batchItemFailures": [{"itemIdentifier": n} for n in (numbers[3], numbers[1])]}
            if len(batches) == 1
            else None
        )

    source = EventSource(shard, Mapping(), function)
    source.step()
    assert source.processed == 1
    source.drain()
    assert batches == ["abcd", "bcd"]


def test_a_partial_response_counts_for_nothing_unless_the_mapping_asks_for_it() -> None:
    function = Function("b", partial=True)
    source = run("abc", function, report_batch_item_failures=False)
    assert function.batches == ["abc"]
    assert source.processed == 3


def test_a_failed_batch_is_retried_as_often_as_configured_and_then_discarded() -> None:
    function = Function("b")
    source = run("abcd", function, batch_size=2, maximum_retry_attempts=2, bisect_batch_on_function_error=False)
    assert function.batches == ["ab", "ab", "ab", "cd"]
    assert payloads(source) == ["ab"]


def test_without_bisect_a_partial_response_is_a_retry_from_the_checkpoint_on() -> None:
    function = Function("b", partial=True)
    source = run("abcd", function, maximum_retry_attempts=2, bisect_batch_on_function_error=False)
    assert function.batches == ["abcd", "bcd", "bcd"]
    assert payloads(source) == ["bcd"]
    assert payloads(run("abcd", Function("c", partial=True), maximum_retry_attempts=0,
                        bisect_batch_on_function_error=False)) == ["cd"]  # fmt: skip


def test_a_batch_is_bisected_in_order_and_that_is_no_retry() -> None:
    function = Function("c")
    source = run("abcdefgh", function, batch_size=7, maximum_retry_attempts=1)
    assert function.batches == ["abcdefg", "abc", "a", "bc", "b", "c", "c", "defg", "h"]
    assert payloads(source) == ["c"]


def test_with_partial_responses_a_batch_is_bisected_at_the_returned_sequence_number() -> None:
    function = Function("c", partial=True)
    source = run("abcdefg", function, maximum_retry_attempts=1)
    assert function.batches == ["abcdefg", "cdefg", "cd", "c", "c", "d", "efg"]
    assert payloads(source) == ["c"]


def test_a_cut_at_the_returned_sequence_number_is_no_retry() -> None:
    function = Function("c", partial=True)
    run("abc", function, maximum_retry_attempts=1)
    assert function.batches == ["abc", "c", "c"]


def test_a_batch_is_bisected_whatever_the_setting_of_partial_responses() -> None:
    function = Function("a")
    source = run("abcd", function, maximum_retry_attempts=0, report_batch_item_failures=False)
    assert function.batches == ["abcd", "ab", "a", "b", "cd"]
    assert payloads(source) == ["a"]


def test_records_above_the_maximum_age_are_discarded_and_the_others_delivered() -> None:
    clock = Clock()
    shard = shard_of("ab", clock)
    clock.advance(61)
    shard.put(b"c")
    function = Function()
    source = run("", function, Script(waits=[0.0]), shard, maximum_record_age_in_seconds=60)
    assert function.batches == ["c"]
    assert payloads(source) == ["ab"]
    (body,) = source.discarded.values()
    assert json.loads(body)["requestContext"]["condition"] == "RecordAgeExceeded"
    assert "responseContext" not in json.loads(body)


def test_a_record_that_ages_between_retries_is_discarded() -> None:
    function = Function("ab")
    waits = Script(waits=[0.0, 60.0, 0.5])
    source = run("ab", function, waits, maximum_record_age_in_seconds=60, bisect_batch_on_function_error=False)
    assert function.batches == ["ab", "ab"]
    assert payloads(source) == ["ab"]
    (body,) = source.discarded.values()
    assert json.loads(body)["requestContext"]["approximateInvokeCount"] == 2


def test_a_batch_that_loses_expired_records_keeps_its_count_of_retries() -> None:
    clock = Clock()
    shard = shard_of("a", clock)
    clock.advance(30)
    shard.put(b"b")
    function = Function("ab")
    settings = {"maximum_record_age_in_seconds": 60, "maximum_retry_attempts": 1}
    source = run("", function, Script(waits=[0, 40]), shard, **settings, bisect_batch_on_function_error=False)
    assert function.batches == ["ab", "b"]
    assert payloads(source) == ["a", "b"]


def test_records_do_not_age_unless_configured() -> None:
    function = Function()
    source = run("a", function, Script(waits=[1e9]))
    assert function.batches == ["a"]
    assert source.discarded == {}


def test_the_on_failure_object_is_the_documented_invocation_record() -> None:
    shard = KinesisShard(Clock(1573691884.835))
    first = shard.put(b"a", "key").sequence_number
    shard.clock.advance(0.745)
    last = shard.put(b"b").sequence_number
    shard.clock.advance(0.441)
    delivered: list[dict[str, Any]] = []

    def function(event: dict[str, Any]) -> None:
        delivered.append(json.loads(json.dumps(event)))
        event.clear()  # what a function does to its event stays with it
        raise ValueError

    source = EventSource(shard, Mapping(maximum_retry_attempts=0, bisect_batch_on_function_error=False), function)
    source.drain()
    ((key, body),) = source.discarded.items()
    content = json.loads(body)
    assert isinstance(content["payload"], str)
    assert json.loads(content.pop("payload")) == delivered[0]
    assert re.fullmatch("[0-9a-f-]{36}", content["requestContext"].pop("requestId"))
    assert content == {
        "requestContext": {
            "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:myfunction",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2019-11-14T00:38:06.021Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": first,
            "endSequenceNumber": last,
            "approximateArrivalOfFirstRecord": "2019-11-14T00:38:04.835Z",
            "approximateArrivalOfLastRecord": "2019-11-14T00:38:05.580Z",
            "batchSize": 2,
            "streamArn": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
        },
    }
    uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    assert re.fullmatch(rf"aws/lambda/{uuid}/shardId-000000000000/2019/11/14/2019-11-14T00\.38\.06-{uuid}", key)


def test_reported_records_are_discarded_without_a_function_error() -> None:
    source = run("abc", Function("ac", partial=True), maximum_retry_attempts=0)
    assert payloads(source) == ["a", "c"]  # under keys of their own
    for body in source.discarded.values():
        assert json.loads(body)["responseContext"]["functionError"] is None


def test_a_dynamodb_stream_is_delivered_reported_and_discarded_in_its_own_shape() -> None:
    shard = DynamoDBShard(Clock(1573690399.9))
    for name in "abc":
        shard.put({"id": {"S": name}}, new_image={"id": {"S": name}, "n": {"N": "1"}})
    batches: list[str] = []

    def function(event: dict[str, Any]) -> object:
        records = event["Records"]
        batches.append("".join(record["dynamodb"]["Keys"]["id"]["S"] for record in records))
        bad = [r["dynamodb"]["SequenceNumber"] for r in records if r["dynamodb"]["NewImage"]["id"] == {"S": "b"}]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}

    source = EventSource(shard, Mapping(maximum_retry_attempts=0), function)
    source.drain()
    assert batches == ["abc", "bc", "b", "c"]
    (body,) = source.discarded.values()
    content = json.loads(body)
    number = shard.records[1].sequence_number
    assert content["DDBStreamBatchInfo"] == {
        "shardId": "shardId-00000001573689847184-864758bb",
        "startSequenceNumber": number,
        "endSequenceNumber": number,
        "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
        "approximateArrivalOfLastRecord": "2019-11-14T00:13:19Z",
        "batchSize": 1,
        "streamArn": dynamodb.STREAM_ARN,
    }
    assert json.loads(content["payload"])["Records"][0]["dynamodb"]["NewImage"]["id"] == {"S": "b"}
