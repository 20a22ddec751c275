"""What Lambda writes to an S3 on-failure destination.

AWS Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source in Lambda" and
"Retain discarded records for a DynamoDB event source in Lambda" (example Amazon S3 invocation record, naming of the
object). AWS may put several discarded batches into one object (CloudFormation reference, BisectBatchOnFunctionError:
"Lambda consolidates failed messages"); the model writes one for each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tests.support.event_source.shards import Record, Shard

FUNCTION_ARN = "arn:aws:lambda:us-east-2:123456789012:function:myfunction"
MAPPING_UUID = "f89f8514-cdd9-4602-9e1f-01a5b77d449b"


class Condition(StrEnum):
    """Why records were discarded."""

    RETRIES = "RetryAttemptsExhausted"
    AGE = "RecordAgeExceeded"


def event_text(records: Sequence[Record]) -> str:
    """The JSON of the event that delivers the records."""
    return '{"Records":[' + ",".join(record.text for record in records) + "]}"


def key(shard: Shard, number: int) -> str:
    """``aws/lambda/<ESM-UUID>/<shardID>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>``; ``number`` makes the UUID."""
    now = datetime.fromtimestamp(shard.clock.now, UTC)
    return f"aws/lambda/{MAPPING_UUID}/{shard.shard_id}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{UUID(int=number)}"


def invocation_record(
    shard: Shard, records: Sequence[Record], condition: Condition, *, invocations: int, function_error: str | None
) -> bytes:
    """The object's JSON; ``payload`` holds the whole event of the discarded records as a JSON string.

    ``function_error`` is None where the function ran and reported records itself. Records that were too old for the
    next invocation have no response.
    """
    content: dict[str, Any] = {
        "requestContext": {
            "requestId": str(UUID(int=int(records[0].sequence_number) % 2**128)),
            "functionArn": FUNCTION_ARN,
            "condition": condition,
            "approximateInvokeCount": invocations,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": function_error},
        "version": "1.0",
        "timestamp": _time(shard.clock.now, "milliseconds"),
        shard.batch_info: {
            "shardId": shard.shard_id,
            "startSequenceNumber": records[0].sequence_number,
            "endSequenceNumber": records[-1].sequence_number,
            "approximateArrivalOfFirstRecord": _time(records[0].arrival, shard.arrival_precision),
            "approximateArrivalOfLastRecord": _time(records[-1].arrival, shard.arrival_precision),
            "batchSize": len(records),
            "streamArn": shard.stream_arn,
        },
        "payload": event_text(records),
    }
    if condition is Condition.AGE:
        del content["responseContext"]
    return json.dumps(content).encode()


def _time(seconds: float, precision: str) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"
