"""Deliveries that the Analyze function failed on go to it again, whole, and are deleted only then."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Killed
from tests.tools.etl_yard import FakeLambda, FakeSqs
from tools.__main__ import main

EVENTS = [{"awslogs": {"data": f"H4sIAAAA{number}"}} for number in range(4)]


def record(event: Any) -> str:
    """As Lambda keeps an asynchronous invocation that failed for good."""
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": "2026-11-25T10:00:00.000Z",
            "requestContext": {"condition": "RetriesExhausted", "approximateInvokeCount": 3},
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        }
    )


class Amazon:
    """boto3.client, for a stack of log analysis."""

    def __init__(self) -> None:
        self.outside = Outside()
        self.sqs = FakeSqs(self.outside)
        self.sqs.queues["failures"] = []
        self.analyzed: list[Any] = []
        self.functions = FakeLambda(self.outside, {"analyze": self.analyzed.append})
        self.outputs = {"AnalyzerFunctionName": "analyze", "FailureQueueUrl": "failures"}

    def __call__(self, service: str, **_: Any) -> Any:
        return {"sqs": self.sqs, "lambda": self.functions}.get(service, self)

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": it} for key, it in self.outputs.items()]}]}

    def fail(self, *events: Any) -> None:
        self.sqs.put("failures", *map(record, events))


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    found = Amazon()
    monkeypatch.setattr("boto3.client", found)
    return found


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(amazon: Amazon, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001  it stands for AWS
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["redrive", "LogAnalysis", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return call


def numbers(out: str) -> list[str]:
    row = next(line for line in out.splitlines() if "delivery_failed" in line)
    return [each for each in row.replace("│", " ").split() if each.isdecimal()]


def test_the_function_gets_every_delivery_as_it_came_and_the_queue_is_empty_then(amazon: Amazon, run: Run) -> None:
    amazon.fail(*EVENTS)

    code, out, err = run()

    assert (code, err) == (0, "")
    assert amazon.analyzed == EVENTS
    assert amazon.sqs.bodies("failures") == []
    assert numbers(out) == ["4", "4", "0", "0", "0"]


def test_what_the_function_fails_on_again_stays_visible_and_the_error_is_told(amazon: Amazon, run: Run) -> None:
    def analyze(event: Any) -> None:
        if event == EVENTS[1]:
            raise ValueError("the delivery is no gzip")
        amazon.analyzed.append(event)

    amazon.functions.functions["analyze"] = analyze
    amazon.fail(*EVENTS)

    code, out, _ = run()

    assert code == 1
    assert amazon.analyzed == [EVENTS[0], *EVENTS[2:]]
    [left] = amazon.sqs.queues["failures"]
    assert (json.loads(left.body)["requestPayload"], left.visible) == (EVENTS[1], True)
    assert numbers(out) == ["4", "3", "0", "0", "1"]
    assert "ValueError: the delivery is no gzip" in out


def test_a_run_that_is_killed_before_it_deletes_a_delivery_sends_it_again(amazon: Amazon, run: Run) -> None:
    amazon.fail(EVENTS[0])
    amazon.outside.decide = lambda name: Fault.KILL_BEFORE if name == "DeleteMessage" else Fault.NONE
    with pytest.raises(Killed):
        run()
    amazon.outside.decide = lambda _: Fault.NONE
    amazon.sqs.show_all()

    code, _, _ = run()

    assert code == 0
    assert amazon.analyzed == [EVENTS[0], EVENTS[0]]
    assert amazon.sqs.bodies("failures") == []


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--dry-run"], 0),
        (["--rate", "1000"], 1),
        (["--reason", "delivery_failed"], 1),
        (["--since", "2026-11-26"], 0),
        (["--until", "2026-11-26"], 1),
    ],
)
def test_redrive_options(amazon: Amazon, run: Run, options: list[str], sent: int) -> None:
    amazon.fail(EVENTS[0])

    run(*options)

    assert len(amazon.analyzed) == sent
    assert all(message.visible for message in amazon.sqs.queues["failures"])


def test_a_reason_of_another_kind_of_stack_is_refused(run: Run) -> None:
    code, _, err = run("--reason", "too_big")

    assert code == 1
    assert "'LogAnalysis' has no reason too_big, only delivery_failed" in err
