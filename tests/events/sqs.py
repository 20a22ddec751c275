"""SQS messages as Lambda's event source mapping hands them to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html ("Using Lambda with Amazon SQS", example standard queue
message event).
"""

from __future__ import annotations

from hashlib import md5
from typing import Any
from uuid import NAMESPACE_OID, uuid5

QUEUE_ARN = "arn:aws:sqs:us-east-2:123456789012:my-queue"


def message(body: str, *, receive_count: int = 1, queue_arn: str = QUEUE_ARN) -> dict[str, Any]:
    """One message; ``receive_count`` says how many times it has been handed out."""
    return {
        "messageId": str(uuid5(NAMESPACE_OID, body)),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": str(receive_count),
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
        },
        "messageAttributes": {},
        "md5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def event(*messages: dict[str, Any]) -> dict[str, Any]:
    """The event that one batch is delivered in."""
    return {"Records": list(messages)}
