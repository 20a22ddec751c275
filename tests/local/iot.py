"""The functions that release, for real, behind something like MQTT, Alexa and the API, for the demo's chapters."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from unittest.mock import patch

import msgspec

from lambdas.iot_backend import skill
from lambdas.iot_backend.contract import SkillSettings
from lambdas.iot_backend.contract.devices import Kind
from local.use_cases.clients import Client, Reply
from local.use_cases.iot_backend import asking
from local.use_cases.iot_backend.deployed import Deployed
from local.use_cases.iot_backend.fleet import Fleet
from local.use_cases.iot_backend.mqtt import Broker
from local.use_cases.iot_backend.releasing import Course
from local.use_cases.outcome import UseCaseError
from tests.events import alexa, iot
from tests.iot_backend.fake_target import ALARM, ALIAS, FUNCTION
from tests.iot_backend.release_records import BUTTON
from tests.iot_backend.releasing_world import SENSOR, WIRING, World
from tools.keyring import Kept, Keyring

OTHER_BUTTON, UNKNOWN = "button-2", "nobody"
CERTIFICATES = {BUTTON: iot.CERTIFICATE_ID, OTHER_BUTTON: "b" * 64, SENSOR: "c" * 64, UNKNOWN: "d" * 64}
MEMBER, OTHER = {"authorization": "Bearer member"}, {"authorization": "Bearer other"}


@dataclass
class Cloud:
    """A world of fakes; what tests spoil are its fields."""

    world: World = field(default_factory=World)
    skill_id: str = alexa.SKILL_ID
    """That the demo talks to."""
    everybody_releases: bool = False
    forgetful: bool = False
    """Whether no Idempotency-Key is heard of."""
    deaf: bool = False
    """Whether the button hears nothing."""
    strangers_pass: bool = False

    def __post_init__(self) -> None:
        for device_id, kind in ((BUTTON, Kind.BUTTON), (OTHER_BUTTON, Kind.BUTTON), (SENSOR, Kind.SENSOR)):
            self.world.enrol(device_id, kind, CERTIFICATES[device_id])

    # --- AWS Lambda, as the demo asks it ----------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.function, name)

    def get_function_configuration(self, **_: Any) -> Any:
        settings = SkillSettings(
            skill_id=self.skill_id, releases=WIRING, advance_function_arn="", service="", metrics_namespace=""
        )
        return {"Environment": {"Variables": settings.to_env()}}

    def invoke(self, *, Payload: bytes, **_: Any) -> Any:  # noqa: N803  boto's names
        try:
            said = self.world._run(skill, json.loads(Payload))
        except Exception as error:  # noqa: BLE001  as Lambda does
            said = {"errorMessage": f"{error}", "errorType": "Runtime.HandlerError"}
        return {"Payload": io.BytesIO(msgspec.json.encode(said))}

    # --- and others -------------------------------------------------------------------------------------------------

    def send(self, client: Client, method: str, path: str, body: bytes = b"", headers: Any = None) -> Reply:
        """Instead of `Client.send`."""
        if not client.headers:
            return Reply(status=401, headers={}, body=b"{}")
        path, _, query = path.partition("?")
        groups = "[releasers]" if client.headers == MEMBER or self.everybody_releases else None
        found = self.world.call(
            f"{method} {path}",
            json.loads(body) if body else None,
            groups=groups,
            headers={} if self.forgetful else headers or {},
            query=dict(each.split("=") for each in query.split("&") if each),
        )
        return Reply(status=found.status, headers={}, body=json.dumps(found.body).encode())

    def fleet(self, directory: Path) -> Fleet:
        """Everybody, enrolled."""
        kept = {name: Kept(directory / name, directory / name) for name in CERTIFICATES}
        mine: Any = self
        quiet: Any = SimpleNamespace(admin_add_user_to_group=lambda **_: None)
        outputs = {
            "TargetFunctionName": FUNCTION, "TargetAliasName": ALIAS, "TargetAlarmName": ALARM,
            "ReleaseTableName": "releases", "QuarantineBucketName": "quarantine", "SkillFunctionArn": "skill",
        }  # fmt: skip
        deployed = Deployed(
            directory=directory, outputs=outputs, web={"UserPoolId": "", "UserPoolClientId": ""},
            broker=Broker(0, directory), iot=None, dynamodb=self.world.dynamodb, s3=self.world.s3, sqs=None, sns=None,
            logs=None, functions=mine, cloudwatch=self.world.cloudwatch, cognito=quiet, metrics=mine,
            anybody=Client(address=""), token="-1",
        )  # fmt: skip
        return Fleet(
            deployed, Keyring(directory), BUTTON, OTHER_BUTTON,
            {name: kept[name] for name in (BUTTON, OTHER_BUTTON)}, UNKNOWN, kept[UNKNOWN], {SENSOR: kept[SENSOR]},
        )  # fmt: skip

    def course(self, fleet: Fleet) -> Course:
        """Version 2 is published."""
        return Course(fleet.deployed, 1, 2)

    @contextmanager
    def reached(self) -> Iterator[None]:
        """While inside, devices and clients reach this cloud."""
        cloud = self

        def send(client: Client, *request: Any) -> Reply:
            return cloud.send(client, *request)

        def person(user: Mapping[str, str]) -> Any:
            return lambda *_: SimpleNamespace(authorization=user, password="")

        with (
            patch.object(Client, "send", send),
            patch.object(Fleet, "connection", lambda _, *facts: Connected(cloud, *facts)),
            patch.object(asking, "signed_up", person(OTHER)),
            patch.object(asking, "signed_in", person(MEMBER)),
        ):
            yield


@dataclass
class Connected:
    """Instead of `Connection`; once the button is gone, time passes."""

    cloud: Cloud
    client_id: str
    kept: Kept
    hears: str | None = None

    def __enter__(self) -> Self:
        self.heard = len(self.cloud.world.iot.published)
        return self

    def __exit__(self, *_: object) -> None:
        if self.hears:
            self.cloud.world.wait(601)

    def publish(self, topic: str, payload: bytes) -> None:
        _, device_id, _ = topic.split("/")
        stranger = (self.client_id, self.kept.certificate.name) != (device_id, device_id) or device_id == UNKNOWN
        own = stranger and self.cloud.strangers_pass
        now = int(self.cloud.world.now.timestamp() * 1000)
        self.cloud.world.deliver(
            iot.event(
                payload,
                device_id=BUTTON if own else device_id,
                client_id=BUTTON if own else self.client_id,
                principal=CERTIFICATES[BUTTON if own else self.kept.certificate.name],
                received_at=now,
            )
        )

    def hear(self) -> bytes:
        published = self.cloud.world.iot.published
        while not self.cloud.deaf and self.heard < len(published):
            topic, told = published[self.heard]
            self.heard += 1
            if topic == self.hears:
                return json.dumps(told).encode()
        raise UseCaseError(f"{self.client_id} has heard nothing")
