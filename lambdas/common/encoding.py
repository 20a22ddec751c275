"""Encodes large requests to DynamoDB with msgspec instead of botocore's serializer.

botocore visits every attribute of every item in Python: for a transaction of a hundred items that takes five times as
long as making them. Items in low-level form are the request's JSON already, but for binary values, which msgspec writes
as base64, too. The body is exchanged by two of the events that botocore emits for each call, before it is signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BODY = "encoded_body"
_JSON = msgspec.json.Encoder()


def encode_writes(client: DynamoDBClient) -> DynamoDBClient:
    """Lets a client encode its TransactWriteItems so; it has to be one without parameter validation.

    A client that does not speak JSON with DynamoDB is left as it is.
    """
    if client.meta.service_model.metadata["protocol"] == "json":
        events = client.meta.events
        events.register("provide-client-params.dynamodb.TransactWriteItems", _encode)  # type: ignore[arg-type]
        events.register("before-call.dynamodb.TransactWriteItems", _exchange)
    return client


def _encode(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Keeps the body for `_exchange`, and leaves botocore little to serialize."""
    context[_BODY] = _JSON.encode(params)
    return {**params, "TransactItems": []}


def _exchange(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    params["body"] = context.pop(_BODY)
