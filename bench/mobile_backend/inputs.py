"""Requests to the REST API, and notifications as queues hand them over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec

from bench.web_backend.inputs import CLAIMS
from lambdas.common.ids import new_id
from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.contract.models import Channel

DEVICES, DIGEST = 2, 40
"""Of a user; and messages of a digest's batch, each for another user."""
HOST: Final = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
TITLE, TEXT = (
    "Your order is on its way",
    "Two prints of Harbour at dusk left our house today, and should be with you soon.",
)
QUEUE: Final = "arn:aws:sqs:us-east-1:123456789012:MobileBackend-Queue-1ABCDEFGHIJKL"


def request(resource_key: str, body: object = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An event of a REST API, of a signed-in user with the app's key."""
    method, _, resource = resource_key.partition(" ")
    sent = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Host": HOST,
        "User-Agent": "Gallery/1.0 (iOS 19.1)",
        "X-Amzn-Trace-Id": "Root=1-6920a1b2-0123456789abcdef01234567",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        **(headers or {}),
    }
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "authorizer": {"claims": CLAIMS},
            "domainName": HOST,
            "httpMethod": method,
            "identity": {"apiKeyId": "k1l2m3n4o5", "sourceIp": "192.0.2.1", "userAgent": sent["User-Agent"]},
            "path": f"/v1{resource}",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "requestTime": "21/Nov/2026:10:00:00 +0000",
            "requestTimeEpoch": 1795255200000,
            "resourcePath": resource,
            "stage": "v1",
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def message(recipient: str = CLAIMS["sub"]) -> Message:
    """A notification on both channels."""
    now = datetime.now(UTC)
    return Message(
        notification_id=new_id(now),
        recipient=recipient,
        sender=CLAIMS["sub"],
        title=TITLE,
        text=TEXT,
        channels=(Channel.PUSH, Channel.EMAIL),
        sent_at=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def batch(messages: Iterable[Message]) -> dict[str, Any]:
    """An event of a queue."""
    return {"Records": [_record(each) for each in messages]}


def _record(each: Message) -> dict[str, Any]:
    return {
        "messageId": str(uuid4()),
        "receiptHandle": "A" * 360,
        "body": msgspec.json.encode(each).decode(),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795255200000"},
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        "awsRegion": "us-east-1",
    }
