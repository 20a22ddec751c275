"""The real functions that drive the release controller over fakes of AWS, with a fault at any call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from lambdas.common.calls import Patience
from lambdas.iot_backend import advance, api, press, skill
from lambdas.iot_backend.adapters.buttons import DynamoEnrolments, IotReports
from lambdas.iot_backend.adapters.devices import DynamoDevices
from lambdas.iot_backend.adapters.entries import attributes, key
from lambdas.iot_backend.adapters.quarantine import S3Quarantine
from lambdas.iot_backend.contract import ENTRY, Canary, ReleaseWiring, Target
from lambdas.iot_backend.contract.devices import DEVICE_ID, ENROLMENT, Enrolment, Kind
from lambdas.iot_backend.contract.releases import PARTITION
from lambdas.iot_backend.runtime import controlling
from lambdas.iot_backend.workflow.operating import Operations
from lambdas.iot_backend.workflow.pressing import Buttons
from lambdas.iot_backend.workflow.releasing import Controller
from lambdas.iot_backend.workflow.talking import Voice
from tests.events import alexa
from tests.events.api_gateway import USER_ID, http_api_event
from tests.events.iot import CERTIFICATE_ID, RECEIVED_AT, event
from tests.iot_backend.fake_target import (
    ALARM,
    ALIAS,
    FUNCTION,
    FakeCloudWatch,
    FakeIot,
    FakeLambda,
    FakeScheduler,
    FakeTables,
)
from tests.iot_backend.release_records import BUTTON, Records
from tests.iot_backend.telemetry_world import Logged
from tests.support.fake_aws import FakeS3, Outside
from tests.support.schedule import scheduled
from tests.support.silent import Silent

SENSOR = "sensor-1"
ADVANCE_ARN = "arn:aws:lambda:us-east-1:123456789012:function:advance"
WIRING = ReleaseWiring(
    target=Target(function_name=FUNCTION, alias_name=ALIAS, alarm_name=ALARM),
    canary=Canary(percent=10, seconds=600, max_extensions=2),
    release_table_name="releases",
    schedule_group_name="steps",
    schedule_role_arn="arn:aws:iam::123456789012:role/steps",
    schedule_dead_letter_arn="arn:aws:sqs:us-east-1:123456789012:steps",
)


class Context:
    aws_request_id = "request-1"
    invoked_function_arn = ADVANCE_ARN


@dataclass(frozen=True)
class Reply:
    """What a client gets."""

    status: int
    body: Any


class Stepped(Outside):
    """Calls wait for their turn where several workers run."""

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        return scheduled(lambda: super(Stepped, self).call(name, effect))


@dataclass
class World(Records):
    """One stack with one button, and a target of which version 2 is published while the alias is on version 1."""

    outside: Outside = field(default_factory=Stepped)
    now: datetime = datetime.fromtimestamp(RECEIVED_AT / 1000, UTC)

    def __post_init__(self) -> None:
        keys = {"releases": (PARTITION, ENTRY), "devices": (DEVICE_ID, ENTRY)}
        self.is_wired = False
        self.dynamodb: Any = FakeTables(self.outside, keys)
        self.dynamodb.tables["releases"] = self.table = Logged()
        self.function = FakeLambda(self.outside)
        self.function.publish()
        self.cloudwatch = FakeCloudWatch(self.outside)
        self.scheduler = FakeScheduler(self.outside, lambda: self.now)
        self.iot = FakeIot(self.outside)
        self.s3: Any = FakeS3(self.outside)
        self.enrol(BUTTON, Kind.BUTTON)
        self.enrol(SENSOR, Kind.SENSOR)
        self.runtimes = self._runtimes()

    def enrol(self, device_id: str, kind: Kind, principal: str = CERTIFICATE_ID) -> None:
        """As the tool does."""
        at = "2026-11-25T10:00:00.000Z"
        enrolment = Enrolment(
            kind=kind, principal=principal, client_id=device_id, enrolled_at=at, enrolled_by="somebody"
        )
        self.dynamodb.tables["devices"][device_id, ENROLMENT] = key(device_id, ENROLMENT) | attributes(enrolment)

    def _runtimes(self) -> dict[Any, Any]:
        silent: Any = Silent()
        controller = self._controller()
        enrolments, dynamodb = DynamoEnrolments(self.dynamodb, "devices"), self.dynamodb
        iot: Any = self.iot
        buttons = Buttons(
            enrolments=enrolments,
            controller=controller,
            reports=IotReports(iot),
            quarantine=S3Quarantine(self.s3, "quarantine"),
            max_age=timedelta(minutes=5),
            now=self.tick,
        )
        devices = DynamoDevices(dynamodb, "devices", Patience(lambda _: None))
        operations = Operations(controller, controller.releases, devices, self.tick)
        return {
            press: press.Runtime(silent, buttons),
            advance: advance.Runtime(silent, controller),
            skill: skill.Runtime(silent, Voice(controller), alexa.SKILL_ID),
            api: api.Runtime(silent, api.make_api(operations, 16 * 1024)),
        }

    def _controller(self) -> Controller:
        silent: Any = Silent()
        clients = {
            "dynamodb": self.dynamodb,
            "lambda": self.function,
            "cloudwatch": self.cloudwatch,
            "scheduler": self.scheduler,
        }
        with patch.object(controlling, "now", self.tick):
            return controlling.controller(WIRING, ADVANCE_ARN, clients.__getitem__, silent)

    def tick(self) -> datetime:
        """Time passes while functions run."""
        self.now += timedelta(milliseconds=1)
        return self.now

    # --- what the outside world does ---

    def press(self, click: str, press_id: str = "press-0001", **more: Any) -> None:
        """Somebody presses a button."""
        self.deliver(self.pressed(click, press_id, **more))

    def pressed(self, click: str, press_id: str = "press-0001", **more: Any) -> dict[str, Any]:
        """The event of a press."""
        payload = json.dumps({"click": click, "press_id": press_id, "battery": 1.5}).encode()
        received_at = int(self.now.timestamp() * 1000)
        return event(payload, **{"device_id": BUTTON, "received_at": received_at, **more})

    def deliver(self, what: Mapping[str, Any]) -> None:
        """The rule hands a message to the Press function."""
        self._run(press, what)

    def say(self, what: Mapping[str, Any]) -> Any:
        """Somebody talks to the skill: what it answers."""
        return self._run(skill, what)["response"]

    def call(self, route_key: str, body: Any = None, *, groups: str | None = "[releasers]", **more: Any) -> Reply:
        """A request to the API."""
        claims = {"cognito:groups": groups} if groups else {}
        text = None if body is None else json.dumps(body)
        found = self._run(api, http_api_event(route_key, body=text, user_id=USER_ID, claims=claims, **more))
        return Reply(found["statusCode"], json.loads(found["body"]) if found["body"] else None)

    def advance(self, what: Mapping[str, Any] = {}) -> None:
        """The regular schedule comes by."""
        self._run(advance, what)

    def wait(self, seconds: float) -> None:
        """Time passes, and schedules invoke what they were made for: the regular one last."""
        self.now += timedelta(seconds=seconds)
        while (due := self.scheduler.due()) is not None:
            self.advance(due)
        self.advance()

    @contextmanager
    def wired(self) -> Iterator[None]:
        """The functions are those of this world; around several threads, none of which may do it for itself."""
        with ExitStack() as patches:
            for function, found in self.runtimes.items():
                patches.enter_context(patch.object(function, "runtime", lambda *_, found=found: found))
            self.is_wired = True
            try:
                yield
            finally:
                self.is_wired = False

    def _run(self, function: Any, what: Mapping[str, Any]) -> Any:
        with nullcontext() if self.is_wired else self.wired():
            return function.handler(what, Context())
