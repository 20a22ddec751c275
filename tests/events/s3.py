"""S3 event notifications in the structure that AWS documents.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus


def record(
    name: str,
    bucket: str,
    key: str,
    *,
    sequencer: str,
    version_id: str | None = None,
    time: str = "2026-11-21T12:00:00.000Z",
    size: int = 1024,
) -> dict[str, Any]:
    """One record; ``name`` without the ``s3:`` prefix, ``key`` as it stands in the bucket."""
    item: dict[str, Any] = {"key": quote_plus(key), "sequencer": sequencer}
    if name.startswith("ObjectCreated:"):
        item |= {"size": size, "eTag": "d41d8cd98f00b204e9800998ecf8427e"}
    if version_id is not None:
        item["versionId"] = version_id
    return {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": "us-west-2",
        "eventTime": time,
        "eventName": name,
        "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": "C3D13FE58DE4C810",
            "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "testConfigRule",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": item,
        },
    }


def notification(*records: dict[str, Any]) -> dict[str, Any]:
    """The event that S3 invokes a function with; in practice it carries one record."""
    return {"Records": list(records)}
