"""A stack's devices in an in-memory AWS, as the tools see them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from lambdas.iot_backend.adapters.buttons import DynamoEnrolments
from lambdas.iot_backend.contract import ENTRY
from lambdas.iot_backend.contract.devices import DEVICE_ID, Enrolment, Kind
from tests.stream_analytics.conftest import create_table
from tests.support.aws import Calls
from tools.devices import Devices
from tools.keyring import Kept, Keyring

REGION = "us-east-1"
REAL_CERTIFICATES: Any = {"iot": {"use_valid_cert": True}}
"""Whose ids are their fingerprints."""
TYPES = {Kind.SENSOR: "sensors", Kind.BUTTON: "buttons"}


@dataclass
class Fleet:
    """A stack's devices in an in-memory AWS."""

    devices: Devices
    keyring: Keyring
    calls: Calls = field(default_factory=Calls)

    def __post_init__(self) -> None:
        for client in (self.devices.iot, self.devices.dynamodb):
            self.calls.watch(client.meta.events)  # type: ignore[arg-type]

    def enrol(self, device_id: str = "dev-1", kind: Kind = Kind.SENSOR, keyring: Keyring | None = None) -> Kept:
        return self.devices.enrol(device_id, kind, keyring or self.keyring, "me")

    def enrolment(self) -> Enrolment | None:
        return DynamoEnrolments(self.devices.dynamodb, "devices").of("dev-1")

    def certificates(self) -> dict[str, dict[str, Any]]:
        """All of the account: whether they are active, whose they are, and what they may."""
        iot = self.devices.iot
        return {
            each["certificateId"]: {
                "status": each["status"],
                "things": iot.list_principal_things(principal=each["certificateArn"])["things"],
                "policies": [
                    policy["policyName"]
                    for policy in iot.list_attached_policies(target=each["certificateArn"])["policies"]
                ],
            }
            for each in iot.list_certificates()["certificates"]
        }

    def things(self) -> dict[str, str]:
        return {each["thingName"]: each["thingTypeName"] for each in self.devices.iot.list_things()["things"]}


@contextmanager
def new_fleet(folder: Path) -> Iterator[Fleet]:
    """Keys are kept in the folder."""
    with mock_aws(config=REAL_CERTIFICATES):
        iot, dynamodb = boto3.client("iot", REGION), boto3.client("dynamodb", REGION)
        create_table(dynamodb, "devices", (DEVICE_ID, ENTRY))
        iot.create_policy(policyName="policy", policyDocument='{"Version": "2012-10-17", "Statement": []}')
        for name in TYPES.values():
            iot.create_thing_type(thingTypeName=name)
        devices = Devices(
            iot=iot, dynamodb=dynamodb, table_name="devices", policy_name="policy", types=TYPES, sleep=lambda _: None
        )
        yield Fleet(devices, Keyring(folder / "keys"))


def assert_enrolled(fleet: Fleet, kept: Kept) -> None:
    """One certificate is good for the device, and for nothing else; its files are there."""
    mine = kept.certificate_id
    usable = {name: each for name, each in fleet.certificates().items() if each["status"] == "ACTIVE"}
    assert usable == {mine: {"status": "ACTIVE", "things": ["dev-1"], "policies": ["policy"]}}
    assert fleet.things() == {"dev-1": "sensors"}
    enrolment = fleet.enrolment()
    assert enrolment
    assert (enrolment.kind, enrolment.principal, enrolment.client_id) == (Kind.SENSOR, mine, "dev-1")
    assert_pair(kept)


def assert_pair(kept: Kept) -> None:
    """Raises ssl.SSLError if the key is not the certificate's."""
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(kept.certificate, kept.private_key)
