"""Tasks and announcements of files that failed go back, and are deleted only then."""

from __future__ import annotations

import json
from typing import Any

from tests.support.fake_aws import Fault
from tests.tools.etl_yard import EtlYard
from tools.failed import Summary
from tools.redrive import Wanted
from tools.redrive_table_etl import RedriveTableEtl

RECORD = {
    "version": "1.0",
    "timestamp": "2026-11-25T10:00:00.000Z",
    "requestContext": {
        "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
        "functionArn": "arn:aws:lambda:us-east-2:123456789012:function:plan:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": {"Records": [{"s3": {"object": {"key": "old/orders.csv"}}}]},
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "RequestId: e4b46cbf-b738-xmpl-8880-a18cdf61200e Process exited"},
}
"""Capturing records of Lambda asynchronous invocations (AWS Lambda Developer Guide), example for a queue."""


def redrive(yard: EtlYard, **options: Any) -> Summary:
    return RedriveTableEtl(yard.etl, Wanted(), **options).run()


def test_tasks_go_back_into_their_queue() -> None:
    yard = EtlYard()
    yard.sqs.put("dead", *(f"task {number}" for number in range(10)))

    summary = redrive(yard)

    assert yard.sqs.bodies("tasks") == [f"task {number}" for number in range(10)]
    assert not yard.sqs.bodies("dead")
    assert summary.sent == {"task_failed": 10}
    assert summary.complete


def test_the_plan_function_gets_what_it_failed_on() -> None:
    yard = EtlYard()
    yard.sqs.put("plan-failures", json.dumps(RECORD))

    summary = redrive(yard)

    assert yard.planned == [RECORD["requestPayload"]]
    assert not yard.sqs.bodies("plan-failures")
    assert summary.complete


def test_what_the_plan_function_fails_on_again_stays_visible_and_the_error_is_told() -> None:
    yard = EtlYard()
    yard.functions.functions["plan"] = {}.__getitem__
    yard.sqs.put("plan-failures", json.dumps(RECORD | {"requestPayload": "x"}))

    summary = redrive(yard)

    [message] = yard.sqs.queues["plan-failures"]
    assert message.visible
    assert summary.left == {"plan_failed": 1}
    assert "KeyError: 'x'" in summary.remedies[0]
    assert not summary.complete


def test_a_message_of_something_else_stays_and_is_told() -> None:
    yard = EtlYard()
    yard.sqs.put("plan-failures", "hello")

    summary = redrive(yard)

    assert yard.sqs.bodies("plan-failures") == ["hello"]
    assert "plan-failures-0" in summary.remedies[0]


def test_a_dry_run_leaves_every_message_visible() -> None:
    yard = EtlYard()
    yard.sqs.put("dead", *(f"task {number}" for number in range(10)))

    summary = redrive(yard, dry_run=True)

    assert summary.sent == {"task_failed": 10}
    assert all(message.visible for message in yard.sqs.queues["dead"])
    assert not yard.sqs.bodies("tasks")


def test_messages_that_a_killed_run_has_received_are_told_to_be_in_flight() -> None:
    yard = EtlYard()
    yard.sqs.put("dead", "task")
    yard.sqs.queues["dead"][0].visible = False

    summary = redrive(yard)

    assert summary.in_flight.total() == 1
    assert not summary.complete


def test_a_message_that_comes_again_while_the_run_lasts_is_handled_once() -> None:
    yard = EtlYard()
    yard.functions.functions["plan"] = {}.__getitem__
    yard.sqs.put("plan-failures", *(json.dumps(RECORD | {"requestPayload": f"{number}"}) for number in range(4)))
    late = iter([1, 2])

    def decide(name: str) -> Fault:
        if name == "ReceiveMessage" and next(late, 0) == 2:
            yard.sqs.show_all()
        return Fault.NONE

    yard.desk.decide = decide

    summary = redrive(yard)

    assert summary.found == {"plan_failed": 4}
    assert all(message.visible for message in yard.sqs.queues["plan-failures"])


def test_messages_whose_time_was_over_are_left_as_they_are() -> None:
    yard = EtlYard()
    yard.sqs.put("plan-failures", json.dumps(RECORD))

    def plan(_: Any) -> Any:
        yard.sqs.show_all()
        yard.sqs.receive_message = lambda **_: {}  # type: ignore[method-assign]
        raise ValueError("no such file")

    yard.functions.functions["plan"] = plan

    summary = redrive(yard)

    assert summary.left == {"plan_failed": 1}
    assert "ValueError: no such file" in summary.remedies[0]
