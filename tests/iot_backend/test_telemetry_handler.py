"""The Telemetry function in an in-memory AWS: messages in, states, alerts, readings and quarantine out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import boto3
import msgspec
import pytest
from moto import mock_aws

from lambdas.common.failures import UnavailableError
from lambdas.iot_backend import telemetry
from lambdas.iot_backend.adapters.entries import attributes, key
from lambdas.iot_backend.adapters.states import DynamoStates
from lambdas.iot_backend.contract import ENTRY, Metric, TelemetryLimits, TelemetrySettings, Threshold
from lambdas.iot_backend.contract.devices import DEVICE_ID, ENROLMENT, DeviceState, Enrolment, Kind
from lambdas.iot_backend.contract.messages import Quarantined, ReasonCode
from tests.events import iot
from tests.stream_analytics.conftest import create_table
from tests.support.fake_aws import client_error

MINUTE = 60_000


class Context:
    aws_request_id = "request-1"


@dataclass
class Cloud:
    """What the stack makes, with what tests ask of it."""

    queue_url: str

    def tell(self, temperature: float, *, at: int = 0, **more: Any) -> None:
        """Hands a message of the sensor, measured so many minutes before it came, to the function."""
        content = {
            "sequence": 1,
            "measured_at": iot.RECEIVED_AT - at * MINUTE,
            "readings": {"temperature": temperature},
        }
        self.hand(json.dumps(content).encode(), **more)

    def hand(self, payload: bytes, *, device_id: str = "dev-1", **more: Any) -> None:
        telemetry.handler(iot.event(payload, device_id=device_id, **more), Context())

    def state(self) -> DeviceState | None:
        return DynamoStates(boto3.client("dynamodb"), "devices").known("dev-1").state

    def alerts(self) -> list[dict[str, Any]]:
        """Those that came since the last look."""
        messages = (
            boto3.client("sqs").receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        )
        return [json.loads(json.loads(each["Body"])["Message"]) for each in messages]

    def forwarded(self) -> list[dict[str, Any]]:
        kinesis = boto3.client("kinesis")
        (shard,) = kinesis.list_shards(StreamName="events")["Shards"]
        iterator = kinesis.get_shard_iterator(
            StreamName="events", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = kinesis.get_records(ShardIterator=iterator)["Records"]
        return [json.loads(line) for record in records for line in record["Data"].split(b"\n")]

    def quarantined(self) -> dict[str, Quarantined]:
        """Lines by key of their object."""
        s3 = boto3.client("s3")
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket="quarantine").get("Contents", [])]
        bodies = {each: s3.get_object(Bucket="quarantine", Key=each)["Body"].read() for each in keys}
        return {each: msgspec.json.decode(body, type=Quarantined) for each, body in bodies.items()}


@pytest.fixture
def analytics() -> str | None:
    return "events"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, analytics: str | None) -> Iterator[Cloud]:
    """One enrolled sensor, and the function as its environment wires it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        dynamodb, sns, sqs = boto3.client("dynamodb"), boto3.client("sns"), boto3.client("sqs")
        create_table(dynamodb, "devices", (DEVICE_ID, ENTRY))
        enrolment = Enrolment(
            kind=Kind.SENSOR,
            principal=iot.CERTIFICATE_ID,
            client_id="dev-1",
            enrolled_at="2026-11-25T00:00:00.000Z",
            enrolled_by="me",
        )
        dynamodb.put_item(TableName="devices", Item=key("dev-1", ENROLMENT) | attributes(enrolment))
        boto3.client("s3").create_bucket(Bucket="quarantine")
        boto3.client("kinesis").create_stream(StreamName="events", ShardCount=1)
        topic_arn = sns.create_topic(Name="alerts")["TopicArn"]
        queue_url = sqs.create_queue(QueueName="alerts")["QueueUrl"]
        queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)
        settings = TelemetrySettings(
            service="telemetry",
            metrics_namespace="test",
            device_table_name="devices",
            quarantine_bucket_name="quarantine",
            alerts_topic_arn=topic_arn,
            analytics_stream_name=analytics,
            thresholds={"temperature": Threshold(above=30, clear=25)},
            limits=TelemetryLimits(),
            lease_seconds=30,
        )
        for name, value in settings.to_env().items():
            monkeypatch.setenv(name, value)
        telemetry.runtime.cache_clear()
        yield Cloud(queue_url)
        telemetry.runtime.cache_clear()


def metrics(output: str) -> dict[str, float]:
    """What the function counted."""
    lines = [json.loads(line) for line in output.splitlines() if "_aws" in line]
    return {name: sum(line.get(name, [0])[0] for line in lines) for name in Metric}


def test_a_message_becomes_its_device_s_latest_state(cloud: Cloud) -> None:
    cloud.tell(21.5)

    state = cloud.state()
    assert state
    assert (state.readings, state.sequence) == ({"temperature": 21.5}, 1)
    assert (state.measured_at, state.received_at) == ("2026-11-25T23:12:26.682Z",) * 2


def test_a_late_message_is_forwarded_and_leaves_the_state_as_it_is(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.tell(21)
    cloud.tell(99, at=1)

    state = cloud.state()
    assert state
    assert state.readings == {"temperature": 21}
    assert [each["value"] for each in cloud.forwarded()] == ["21", "99"]
    assert metrics(capsys.readouterr().out)[Metric.LATE] == 1


def test_the_same_message_delivered_twice_in_a_row_is_forwarded_once(cloud: Cloud) -> None:
    cloud.tell(21)
    cloud.tell(21)

    assert len(cloud.forwarded()) == 1


def test_an_alert_is_sent_when_a_threshold_is_crossed_either_way(cloud: Cloud) -> None:
    for at, temperature in enumerate([31, 32, 24, 23]):
        cloud.tell(temperature, at=9 - at)

    crossed = [(each["reading"], each["value"], each["raised"]) for each in cloud.alerts()]
    assert sorted(crossed) == [("temperature", 24, False), ("temperature", 31, True)]


def test_an_alert_that_could_not_be_sent_is_sent_when_the_message_comes_again(cloud: Cloud) -> None:
    client = telemetry.runtime().measuring.alerts.client  # type: ignore[attr-defined]
    with (
        patch.object(client, "publish", side_effect=client_error("Publish", "Throttling")),
        pytest.raises(UnavailableError),
    ):
        cloud.tell(31)
    found = telemetry.runtime()
    later = replace(found, measuring=replace(found.measuring, now=lambda: datetime.now(UTC) + timedelta(minutes=1)))
    with patch.object(telemetry, "runtime", lambda: later):
        cloud.tell(31)

    assert [each["value"] for each in cloud.alerts()] == [31]


def test_a_malformed_message_is_kept_whole_with_its_reason(cloud: Cloud) -> None:
    cloud.hand(b"\xff\xfe no JSON")

    ((name, line),) = cloud.quarantined().items()
    assert name.startswith("rejected/date=2026-11-25/")
    assert (line.reason, line.where.payload) == (ReasonCode.MALFORMED, b"\xff\xfe no JSON")
    assert (line.where.device_id, line.where.principal) == ("dev-1", iot.CERTIFICATE_ID)
    assert line.message


def test_a_message_that_is_rejected_twice_is_kept_once(cloud: Cloud) -> None:
    cloud.hand(b"")
    cloud.hand(b"")

    assert len(cloud.quarantined()) == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"device_id": "dev-2"}, ReasonCode.UNKNOWN_DEVICE), ({"principal": "0" * 64}, ReasonCode.STRANGER)],
)
def test_a_message_of_somebody_else_goes_to_quarantine_alone(
    cloud: Cloud, more: dict[str, Any], reason: ReasonCode
) -> None:
    cloud.tell(31, **more)

    assert [line.reason for line in cloud.quarantined().values()] == [reason]
    assert (cloud.state(), cloud.alerts(), cloud.forwarded()) == (None, [], [])


@pytest.mark.parametrize("analytics", [None])
def test_without_stream_analytics_nothing_is_forwarded(cloud: Cloud) -> None:
    cloud.tell(31)

    assert cloud.state()
    assert cloud.forwarded() == []


def test_an_outage_is_raised_so_that_lambda_tries_again(cloud: Cloud) -> None:
    client = telemetry.runtime().measuring.states.client  # type: ignore[attr-defined]
    with (
        patch.object(client, "put_item", side_effect=client_error("PutItem", "ThrottlingException")),
        pytest.raises(UnavailableError),
    ):
        cloud.tell(21)


def test_an_event_of_another_shape_is_raised_and_kept_by_the_failure_queue(cloud: Cloud) -> None:
    assert cloud
    with pytest.raises(msgspec.ValidationError):
        telemetry.handler({"temperature": 21}, Context())


def test_what_happened_is_counted(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    cloud.tell(31)
    cloud.hand(b"no JSON")

    counted = metrics(capsys.readouterr().out)
    assert {name: value for name, value in counted.items() if value} == {
        Metric.MESSAGES: 2,
        Metric.ACCEPTED: 1,
        Metric.FORWARDED: 1,
        Metric.ALERTS: 1,
        Metric.REJECTED: 1,
    }
