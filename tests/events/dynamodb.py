"""DynamoDB stream records as Lambda's event source mapping hands them to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html ("Using AWS Lambda with Amazon DynamoDB", example event);
field by field in the DynamoDB Streams API reference: Record, StreamRecord, Identity.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import NAMESPACE_OID, uuid5

STREAM_ARN = "arn:aws:dynamodb:us-east-2:123456789012:table/my-table/stream/2024-06-10T19:26:16.525"

Image = dict[str, dict[str, Any]]
"""Attributes by name, each tagged with its type: ``{"id": {"S": "a"}, "size": {"N": "3"}}``."""


def record(
    keys: Image,
    *,
    sequence_number: str,
    new_image: Image | None = None,
    old_image: Image | None = None,
    view_type: str = "NEW_AND_OLD_IMAGES",
    created: float = 1479499740.0,
    expired: bool = False,
    stream_arn: str = STREAM_ARN,
) -> dict[str, Any]:
    """One change: without an old image INSERT, without a new one REMOVE, with both MODIFY.

    ``view_type`` leaves out the images that such a stream does not carry. ``created`` is in seconds since 1970.
    ``expired`` marks a removal by Time to Live, which DynamoDB tells from a user's by ``userIdentity``.
    """
    images = {
        "NewImage": new_image if view_type in {"NEW_IMAGE", "NEW_AND_OLD_IMAGES"} else None,
        "OldImage": old_image if view_type in {"OLD_IMAGE", "NEW_AND_OLD_IMAGES"} else None,
    }
    content = {"Keys": keys} | {key: image for key, image in images.items() if image is not None}
    item: dict[str, Any] = {
        "eventID": uuid5(NAMESPACE_OID, stream_arn + sequence_number).hex,
        "eventName": _name(new_image, old_image),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream_arn.split(":")[3],
        "dynamodb": {
            "ApproximateCreationDateTime": created,
            **content,
            "SequenceNumber": sequence_number,
            "SizeBytes": len(json.dumps(content)),
            "StreamViewType": view_type,
        },
        "eventSourceARN": stream_arn,
    }
    if expired:
        item["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    return item


def _name(new_image: Image | None, old_image: Image | None) -> str:
    if new_image is None:
        return "REMOVE"
    return "INSERT" if old_image is None else "MODIFY"


def event(*records: dict[str, Any]) -> dict[str, Any]:
    """The event that one batch is delivered in; all its records are of one shard."""
    return {"Records": list(records)}
