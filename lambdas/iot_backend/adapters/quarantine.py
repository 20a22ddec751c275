"""What was rejected, in S3."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from lambdas.common.calls import aws_call
from lambdas.iot_backend.contract.messages import Quarantined, quarantine_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_JSON = msgspec.json.Encoder()


@dataclass(frozen=True)
class S3Quarantine:
    """The `Quarantine` in a bucket."""

    client: S3Client
    bucket: str

    def keep(self, lines: Sequence[Quarantined], day: date) -> str:
        """One object, named after its content, so that a message that comes again is kept once."""
        body = _JSON.encode_lines(lines)
        key = f"{quarantine_prefix(day)}{hashlib.sha256(body).hexdigest()[:32]}.jsonl"
        with aws_call("quarantine a message"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/x-ndjson")
        return key
