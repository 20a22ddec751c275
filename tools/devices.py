"""Enrols and retires devices: things, certificates and entries in the device table of an IoT backend.

Both may end anywhere and be run again. A device is enrolled when its key has been written: whatever certificate its
thing has beside that one nobody holds the key of, and it is removed. What can be left of a run that ended is an
inactive certificate of no thing and without any rights, since AWS makes and deletes certificates by calls of their own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.common.errors import has_code
from lambdas.iot_backend.adapters.buttons import DynamoEnrolments
from lambdas.iot_backend.adapters.entries import attributes, key
from lambdas.iot_backend.contract.devices import ENROLMENT, STATE, Enrolment, Kind
from lambdas.iot_backend.contract.messages import DEVICE_ID_PATTERN
from tools.keyring import Kept, Keyring
from tools.stack import ToolError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iot import IoTClient

ATTEMPTS = 20
"""Of a deletion that AWS refuses because a detachment has not got round: "it might take several seconds"
(DetachThingPrincipal in the AWS IoT API Reference)."""
_NOT_YET = {"DeleteConflictException", "CertificateStateException", "InvalidRequestException"}


@dataclass(frozen=True, kw_only=True)
class Devices:
    """The devices of one stack."""

    iot: IoTClient
    dynamodb: DynamoDBClient
    table_name: str
    policy_name: str
    types: Mapping[Kind, str]
    """Names of thing types."""
    sleep: Callable[[float], None] = time.sleep

    def enrol(self, device_id: str, kind: Kind, keyring: Keyring, by: str) -> Kept:
        """Makes a device one of the stack's; where it is already, its files are found again.

        Raises:
            ToolError: it was enrolled as something else, or its key is elsewhere.
        """
        if not re.fullmatch(DEVICE_ID_PATTERN, device_id):
            raise ToolError(f"{device_id!r} is no device id: up to 64 of a-z, 0-9 and -.")
        present = DynamoEnrolments(self.dynamodb, self.table_name).of(device_id)
        if present and present.kind is not kind:
            raise ToolError(f"{device_id} is enrolled as {present.kind}: `retire` it first.")
        self._make_thing(device_id, kind)
        attached = self._certificates(device_id)
        kept = keyring.find(device_id)
        if kept is None:
            kept, arn = self._new_certificate(device_id, present, attached, keyring)
            attached[kept.certificate_id] = arn
        mine = kept.certificate_id
        if mine not in attached:
            raise ToolError(
                f"{kept.certificate} is no certificate of {device_id} here: move its folder away, or name another one "
                f"by --out."
            )
        self.iot.attach_policy(policyName=self.policy_name, target=attached[mine])
        self.iot.update_certificate(certificateId=mine, newStatus="ACTIVE")
        if present is None or present.principal != mine:
            self._put(
                device_id, Enrolment(kind=kind, principal=mine, client_id=device_id, enrolled_at=_now(), enrolled_by=by)
            )
        for certificate_id, arn in attached.items():
            if certificate_id != mine:
                self._remove_certificate(device_id, certificate_id, arn)
        return kept

    def retire(self, device_id: str) -> None:
        """Forgets a device: nothing that it says is taken from the first step on. Its files stay where they are."""
        for entry in (ENROLMENT, STATE):
            self.dynamodb.delete_item(TableName=self.table_name, Key=key(device_id, entry))
        for certificate_id, arn in self._certificates(device_id).items():
            self._remove_certificate(device_id, certificate_id, arn)
        self._until_it_may(lambda: self.iot.delete_thing(thingName=device_id))

    def _make_thing(self, device_id: str, kind: Kind) -> None:
        try:
            self.iot.create_thing(thingName=device_id, thingTypeName=self.types[kind])
        except ClientError as error:
            if not has_code(error, {"ResourceAlreadyExistsException"}):
                raise
            found = self.iot.describe_thing(thingName=device_id).get("thingTypeName")
            if found != self.types[kind]:
                raise ToolError(
                    f"There is a thing {device_id} of the type {found}, not {self.types[kind]}: delete it, or give the "
                    f"device another id."
                ) from error

    def _new_certificate(
        self, device_id: str, present: Enrolment | None, attached: Mapping[str, str], keyring: Keyring
    ) -> tuple[Kept, str]:
        """Not active before its key is written. It is attached first, so that another run finds it."""
        if present and present.principal in attached:
            raise ToolError(
                f"{device_id} is enrolled, by {present.enrolled_by}, and its key is not in {keyring.folder}: name the "
                f"folder by --out, or `retire` the device and enrol it anew."
            )
        made = self.iot.create_keys_and_certificate(setAsActive=False)
        self.iot.attach_thing_principal(thingName=device_id, principal=made["certificateArn"])
        return keyring.keep(device_id, made["certificatePem"], made["keyPair"]["PrivateKey"]), made["certificateArn"]

    def _put(self, device_id: str, enrolment: Enrolment) -> None:
        self.dynamodb.put_item(TableName=self.table_name, Item=key(device_id, ENROLMENT) | attributes(enrolment))

    def _certificates(self, device_id: str) -> dict[str, str]:
        """ARNs of a thing's certificates by their ids; none where there is no thing."""
        try:
            pages = self.iot.get_paginator("list_thing_principals").paginate(thingName=device_id)
            arns = [arn for page in pages for arn in page["principals"]]
        except ClientError as error:
            if has_code(error, {"ResourceNotFoundException"}):
                return {}
            raise
        return {arn.partition(":cert/")[2]: arn for arn in arns}

    def _remove_certificate(self, device_id: str, certificate_id: str, arn: str) -> None:
        self.iot.update_certificate(certificateId=certificate_id, newStatus="INACTIVE")
        for policy in self.iot.list_attached_policies(target=arn)["policies"]:
            self.iot.detach_policy(policyName=policy["policyName"], target=arn)
        self.iot.detach_thing_principal(thingName=device_id, principal=arn)
        self._until_it_may(lambda: self.iot.delete_certificate(certificateId=certificate_id))

    def _until_it_may(self, delete: Callable[[], object]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                delete()
            except ClientError as error:
                if has_code(error, {"ResourceNotFoundException"}):
                    return
                if not has_code(error, _NOT_YET) or attempt == ATTEMPTS:
                    raise
                self.sleep(1)
            else:
                return


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
