"""Events by which subscription filters of CloudWatch Logs invoke a function.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html ("Example 2: Subscription filters with
AWS Lambda") and https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html (the event).
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

LOG_GROUP = "/aws/lambda/checkout"
LOG_STREAM = "2026/11/21/[$LATEST]0f3a4c9d5e6b4d1f8a2b7c6d5e4f3a2b"


def event_id(number: int) -> str:
    """Of 56 decimal digits, as CloudWatch Logs has them."""
    return f"{31953106606966983378809025079804211143289615424298221568 + number:056d}"


def log_event(number: int, timestamp: int, message: str) -> dict[str, Any]:
    """One log event; ``timestamp`` in milliseconds."""
    return {"id": event_id(number), "timestamp": timestamp, "message": message}


def payload(
    log_events: Sequence[dict[str, Any]],
    *,
    log_group: str = LOG_GROUP,
    log_stream: str = LOG_STREAM,
    message_type: str = "DATA_MESSAGE",
    filters: Sequence[str] = ("Analysis",),
) -> dict[str, Any]:
    """What a delivery unpacks to."""
    return {
        "messageType": message_type,
        "owner": "123456789012",
        "logGroup": log_group,
        "logStream": log_stream,
        "subscriptionFilters": list(filters),
        "logEvents": list(log_events),
    }


def packed(content: bytes) -> dict[str, Any]:
    """The event whose data unpacks to these bytes."""
    return {"awslogs": {"data": base64.b64encode(gzip.compress(content, mtime=0)).decode()}}


def event(log_events: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The event that a delivery comes as."""
    return packed(json.dumps(payload(log_events, **more)).encode())


def control() -> dict[str, Any]:
    """By which CloudWatch Logs asks whether the function may be invoked."""
    message = "CWL CONTROL MESSAGE: Checking health of destination Lambda function."
    probe = {"id": "", "timestamp": 1_795_262_400_000, "message": message}
    return event([probe], message_type="CONTROL_MESSAGE", log_group="", log_stream="", filters=[])
