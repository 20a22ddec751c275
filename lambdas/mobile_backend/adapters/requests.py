"""Requests with an Idempotency-Key, in the table of devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.http.exchange import IdempotencyKey
from lambdas.mobile_backend.contract import ENTRY, EXPIRES_AT, IDEMPOTENCY_HOURS, NOTIFICATION, USER_ID, Message
from lambdas.mobile_backend.ports import KeyReusedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DIGEST, _MESSAGE = "digest", "message"


@dataclass(frozen=True)
class DynamoRequests:
    """The `Requests` in DynamoDB."""

    client: DynamoDBClient
    table_name: str

    def first(self, user_id: str, key: IdempotencyKey, message: Message, now: datetime) -> Message:
        """Writes the whole message under the key, unless one that has not expired is there, which is returned."""
        expires = now + timedelta(hours=IDEMPOTENCY_HOURS)
        item = {
            USER_ID: {"S": user_id},
            ENTRY: {"S": NOTIFICATION + key.key},
            _DIGEST: {"S": key.digest},
            _MESSAGE: {"S": msgspec.json.encode(message).decode()},
            EXPIRES_AT: {"N": str(int(expires.timestamp()))},
        }
        with aws_call("keep a request"):
            earlier = self._put(item, now)
        if earlier is None:
            return message
        if earlier[_DIGEST]["S"] != key.digest:
            raise KeyReusedError
        return msgspec.json.decode(earlier[_MESSAGE]["S"], type=Message)

    def _put(self, item: Any, now: datetime) -> Any:
        """The item that is there already, None if there is none. DynamoDB deletes late what has expired."""
        try:
            self.client.put_item(
                TableName=self.table_name,
                Item=item,
                ConditionExpression="attribute_not_exists(#entry) OR #expires < :now",
                ExpressionAttributeNames={"#entry": ENTRY, "#expires": EXPIRES_AT},
                ExpressionAttributeValues={":now": {"N": str(int(now.timestamp()))}},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if has_code(error, {"ConditionalCheckFailedException"}):
                response: Any = error.response
                return response["Item"]
            raise
        return None
