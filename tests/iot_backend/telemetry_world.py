"""The real Telemetry function over fakes of AWS, for schedules: any call can fail, be repeated, or wait for others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.ids import new_token
from lambdas.common.producer import Producer
from lambdas.iot_backend import telemetry
from lambdas.iot_backend.adapters.alerts import SnsAlerts
from lambdas.iot_backend.adapters.analytics import KinesisAnalytics
from lambdas.iot_backend.adapters.entries import attributes, content_of, key
from lambdas.iot_backend.adapters.quarantine import S3Quarantine
from lambdas.iot_backend.adapters.states import DynamoStates
from lambdas.iot_backend.contract import ENTRY, TelemetryLimits, Threshold
from lambdas.iot_backend.contract.devices import DEVICE_ID, ENROLMENT, STATE, Alert, DeviceState, Enrolment, Kind
from lambdas.iot_backend.contract.messages import Quarantined
from lambdas.iot_backend.workflow.measuring import Measuring
from tests.events.iot import CERTIFICATE_ID, RECEIVED_AT
from tests.support.fake_aws import FakeDynamoDB, FakeS3, Outside
from tests.support.silent import Silent

LEASE_SECONDS = 30
THRESHOLDS = {"temperature": Threshold(above=30, clear=25)}
QUARANTINE = "quarantine"


class Logged(dict[Any, Any]):
    """A table that remembers every write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[Any] = []

    def __setitem__(self, place: Any, item: Any) -> None:
        self.writes.append(item)
        super().__setitem__(place, item)


@dataclass
class FakeStream:
    """A Kinesis stream; ``lines`` are its records' events."""

    outside: Outside
    lines: list[bytes] = field(default_factory=list)

    def put_records(self, *, Records: Any, StreamName: str) -> Any:  # noqa: N803
        assert StreamName == "events"

        def effect(_: bool) -> Any:  # noqa: FBT001
            self.lines += [line for record in Records for line in record["Data"].split(b"\n")]
            return {"Records": [{"SequenceNumber": "1"} for _ in Records]}

        return self.outside.call("PutRecords", effect)


@dataclass
class FakeTopic:
    """An SNS topic."""

    outside: Outside
    published: list[Alert] = field(default_factory=list)

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Any:  # noqa: N803
        assert TopicArn == "alerts"
        assert len(Subject) <= 100
        alert = msgspec.json.decode(Message, type=Alert)
        return self.outside.call("Publish", lambda _: self.published.append(alert))


@dataclass
class Repeating:
    """A client whose every call boto3 may make a second time, because the first one's answer was lost."""

    client: Any
    repeats: Callable[[], bool]

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.client, name)

        def made(**request: Any) -> Any:
            if self.repeats():
                with suppress(ClientError, BotoCoreError):
                    call(**request)
            return call(**request)

        return made


@dataclass
class World:
    """One stack; of the ``enrolled`` devices some have told something."""

    enrolled: tuple[str, ...] = ("dev-1",)
    repeats: Callable[[], bool] = lambda: False
    outside: Outside = field(default_factory=Outside)
    now: datetime = datetime.fromtimestamp(RECEIVED_AT / 1000, UTC)

    def __post_init__(self) -> None:
        self.dynamodb: Any = FakeDynamoDB(self.outside, {"devices": (DEVICE_ID, ENTRY)})
        self.dynamodb.tables["devices"] = self.table = Logged()
        self.s3: Any = FakeS3(self.outside)
        self.stream = FakeStream(self.outside)
        self.topic = FakeTopic(self.outside)
        for device_id in self.enrolled:
            self.enrol(device_id)

    def enrol(self, device_id: str, principal: str = CERTIFICATE_ID) -> None:
        enrolment = Enrolment(
            kind=Kind.SENSOR, principal=principal, client_id=device_id, enrolled_at="", enrolled_by="me"
        )
        self.table[device_id, ENROLMENT] = key(device_id, ENROLMENT) | attributes(enrolment)

    @contextmanager
    def function(self) -> Iterator[None]:
        """The Telemetry function is wired to this world."""
        silent: Any = Silent()
        found = telemetry.Runtime(silent, self._measuring())
        with patch.object(telemetry, "runtime", lambda: found):
            yield

    def _measuring(self) -> Measuring:
        dynamodb, topic, stream = (Repeating(each, self.repeats) for each in (self.dynamodb, self.topic, self.stream))
        return Measuring(
            states=DynamoStates(dynamodb, "devices"),  # type: ignore[arg-type]
            quarantine=S3Quarantine(self.s3, QUARANTINE),
            analytics=KinesisAnalytics(Producer(stream, "events", sleep=lambda _: None)),
            alerts=SnsAlerts(topic, "alerts"),  # type: ignore[arg-type]
            thresholds=THRESHOLDS,
            limits=TelemetryLimits(),
            lease_seconds=LEASE_SECONDS,
            now=lambda: self.now,
            new_token=new_token,
        )

    def invoke(self, event: dict[str, Any]) -> None:
        """Hands an event to the function."""
        telemetry.handler(event, SimpleNamespace(aws_request_id="request-1"))

    def wait(self, seconds: float) -> None:
        """Lets time pass."""
        self.now += timedelta(seconds=seconds)

    def state(self, device_id: str) -> DeviceState | None:
        """A device's latest state."""
        item = self.table.get((device_id, STATE))
        return content_of(item, DeviceState) if item else None

    def states(self, device_id: str) -> list[DeviceState]:
        """All states that a device ever had."""
        mine = [item for item in self.table.writes if item[DEVICE_ID]["S"] == device_id]
        return [content_of(item, DeviceState) for item in mine if item[ENTRY]["S"] == STATE]

    def quarantined(self) -> list[Quarantined]:
        """All lines in quarantine."""
        objects = self.s3.buckets[QUARANTINE].values()
        return [msgspec.json.decode(line, type=Quarantined) for each in objects for line in each.splitlines()]
