"""What was rejected, as objects of JSON lines in S3."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from lambdas.common.calls import aws_call

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_JSON = msgspec.json.Encoder()


def keep_lines(client: S3Client, bucket: str, prefix: str, lines: Sequence[msgspec.Struct], what: str) -> str:
    """Writes one object, named after its content, so that what comes again is kept once, and returns its key.

    Raises UnavailableError, which says ``what`` was to be kept.
    """
    body = _JSON.encode_lines(lines)
    key = f"{prefix}{hashlib.sha256(body).hexdigest()[:32]}.jsonl"
    with aws_call(f"quarantine {what}"):
        client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/x-ndjson")
    return key
