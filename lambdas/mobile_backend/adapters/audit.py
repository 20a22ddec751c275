"""The audit trail in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.mobile_backend.contract import NOTIFICATION_ID, RECIPIENT, Message

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_CHANNELS = "channels"


@dataclass(frozen=True)
class DynamoAuditTrail:
    """The `AuditTrail` in DynamoDB."""

    client: DynamoDBClient
    table_name: str

    def record(self, message: Message) -> None:
        """Writes an item once; whoever comes again changes nothing."""
        with aws_call("record a notification"):
            try:
                self.client.put_item(
                    TableName=self.table_name,
                    Item=_item(message),
                    ConditionExpression=f"attribute_not_exists({NOTIFICATION_ID})",
                )
            except ClientError as error:
                if not has_code(error, {"ConditionalCheckFailedException"}):
                    raise

    def newest(self, recipient: str, limit: int) -> Sequence[Message]:
        """Up to ``limit`` of a user's notifications; at most 100 fit in one answer of DynamoDB."""
        with aws_call("read the audit trail"):
            items = self.client.query(
                TableName=self.table_name,
                KeyConditionExpression="#recipient = :recipient",
                ExpressionAttributeNames={"#recipient": RECIPIENT},
                ExpressionAttributeValues={":recipient": {"S": recipient}},
                ScanIndexForward=False,
                Limit=limit,
            )["Items"]
        return [_message(item) for item in items]


def _item(message: Message) -> dict[str, Any]:
    """All fields as strings, so that people read them in the console."""
    fields = msgspec.to_builtins(message)
    channels = fields.pop(_CHANNELS)
    return {name: {"S": value} for name, value in fields.items()} | {
        _CHANNELS: {"L": [{"S": each} for each in channels]}
    }


def _message(item: Mapping[str, Any]) -> Message:
    fields: dict[str, Any] = {name: value["S"] for name, value in item.items() if name != _CHANNELS}
    return msgspec.convert(fields | {_CHANNELS: [each["S"] for each in item[_CHANNELS]["L"]]}, Message)
