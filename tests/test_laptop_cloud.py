"""The whole thing for real: the emulator, the CDK CLI, the app, and real input through every use case."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud
from local.use_cases.outcome import UseCase
from local.use_cases.registry import USE_CASES
from tests.events import s3

pytestmark = pytest.mark.xdist_group("laptop cloud")


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda each: each.name)
def test_real_input_comes_out_right(laptop_cloud: Cloud, use_case: UseCase, tmp_path: Path) -> None:
    assert use_case.run(laptop_cloud, tmp_path).problems == ()


def test_an_event_whose_aws_calls_keep_failing_ends_whole_in_the_failure_queue(laptop_cloud: Cloud) -> None:
    event = s3.notification(s3.record("ObjectCreated:Put", "no-such-bucket", "a b.jpg", sequencer="01", version_id="v"))
    handler = "lambdas.image_processing.render.handler"
    functions = laptop_cloud.client("lambda").list_functions()["Functions"]
    name = next(each["FunctionName"] for each in functions if each["Handler"] == handler)
    laptop_cloud.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    message = receive(laptop_cloud, laptop_cloud.outputs["ImageProcessing"]["FailureQueueUrl"])
    assert message["requestPayload"] == event
    assert message["requestContext"]["approximateInvokeCount"] == 3
    assert "NoSuchBucket" in message["responsePayload"]["errorMessage"]


def receive(cloud: Cloud, queue: str, seconds: float = 60) -> dict[str, Any]:
    """The first message that arrives."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        messages = cloud.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages", [])
        if messages:
            body: dict[str, Any] = json.loads(messages[0]["Body"])
            return body
    pytest.fail(f"nothing arrived in {queue} within {seconds} s")
