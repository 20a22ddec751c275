"""What is known of devices, in DynamoDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec.structs import replace

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.common.ids import new_token
from lambdas.iot_backend.adapters.entries import attributes, content_of, key
from lambdas.iot_backend.contract import ENTRY
from lambdas.iot_backend.contract.devices import DEVICE_ID, ENROLMENT, STATE, DeviceState, Enrolment
from lambdas.iot_backend.ports import Known

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_REVISION = "revision"


@dataclass(frozen=True)
class DynamoStates:
    """The `States` in the device table."""

    client: DynamoDBClient
    table_name: str

    def known(self, device_id: str) -> Known:
        """Both entries of a device by one read."""
        with aws_call("read a device"):
            answer = self.client.query(
                TableName=self.table_name,
                KeyConditionExpression="#device = :device",
                ExpressionAttributeNames={"#device": DEVICE_ID},
                ExpressionAttributeValues={":device": {"S": device_id}},
                ConsistentRead=True,
            )
        entries = {item[ENTRY]["S"]: item for item in answer["Items"]}
        return Known(
            enrolment=content_of(entries[ENROLMENT], Enrolment) if ENROLMENT in entries else None,
            state=content_of(entries[STATE], DeviceState) if STATE in entries else None,
        )

    def write(self, device_id: str, state: DeviceState, before: DeviceState | None) -> DeviceState | None:
        """Writes a state over the one with the revision of ``before``."""
        written = replace(state, revision=new_token())
        try:
            self.client.put_item(
                TableName=self.table_name,
                Item=key(device_id, STATE) | attributes(written),
                **_as_read(before),
            )
        except ClientError as error:
            if has_code(error, {"ConditionalCheckFailedException"}):
                return None
            raise UnavailableError(f"write a device's state: {error}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"write a device's state: {error}") from error
        return written


def _as_read(before: DeviceState | None) -> dict[str, Any]:
    if before is None:
        return {"ConditionExpression": f"attribute_not_exists({DEVICE_ID})"}
    return {
        "ConditionExpression": "#revision = :revision",
        "ExpressionAttributeNames": {"#revision": _REVISION},
        "ExpressionAttributeValues": {":revision": {"S": before.revision}},
    }
