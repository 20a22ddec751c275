"""Kinesis records as Lambda's event source mapping hands them to a function.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html ("Using Lambda to process records from Amazon Kinesis
Data Streams", example event).
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

STREAM_ARN = "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"
SHARD_ID = "shardId-000000000000"


def record(
    data: bytes,
    *,
    sequence_number: str,
    partition_key: str = "1",
    arrival: float = 1545084650.987,
    shard_id: str = SHARD_ID,
    stream_arn: str = STREAM_ARN,
) -> dict[str, Any]:
    """One record; ``data`` as the producer put it, ``arrival`` in seconds since 1970."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": partition_key,
            "sequenceNumber": sequence_number,
            "data": b64encode(data).decode("ascii"),
            "approximateArrivalTimestamp": arrival,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
        "awsRegion": stream_arn.split(":")[3],
        "eventSourceARN": stream_arn,
    }


def event(*records: dict[str, Any]) -> dict[str, Any]:
    """The event that one batch is delivered in; all its records are of one shard."""
    return {"Records": list(records)}
