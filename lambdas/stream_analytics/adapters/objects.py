"""Archive and quarantine: JSON Lines in S3, under keys that tell their content, so that none is ever overwritten."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from isal import isal_zlib

from lambdas.common.calls import aws_call
from lambdas.stream_analytics.contract import ArchivedEvent, Origin, QuarantinedEvent, archive_prefix, quarantine_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GZIP = 31
"""The ``wbits`` that ask for a gzip header; it holds no time, so that equal events give equal bytes."""
_LEVEL = 1
_JSON = msgspec.json.Encoder()


@dataclass(frozen=True)
class S3Archive:
    """The `Archive` in a bucket."""

    client: S3Client
    bucket: str

    def keep(self, event_type: str, hour: datetime, events: Sequence[ArchivedEvent]) -> None:
        """One gzip-compressed object."""
        body = isal_zlib.compress(_JSON.encode_lines(events), _LEVEL, _GZIP)
        key = f"{archive_prefix(event_type, hour)}{_name(events[0], body)}.jsonl.gz"
        with aws_call("archive events"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/gzip")


@dataclass(frozen=True)
class S3Quarantine:
    """The `Quarantine` in a bucket."""

    client: S3Client
    bucket: str

    def keep(self, events: Sequence[QuarantinedEvent]) -> None:
        """One object, under the day on which the first of the events arrived."""
        body = _JSON.encode_lines(events)
        day = datetime.fromtimestamp(events[0].arrived, UTC)
        key = f"{quarantine_prefix(day)}{_name(events[0], body)}.jsonl"
        with aws_call("quarantine events"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/x-ndjson")


def _name(first: Origin, body: bytes) -> str:
    """Of an object: where its first event stood, and a digest, since batches that are cut anew may begin alike."""
    digest = hashlib.sha256(body).hexdigest()[:16]
    return f"{first.shard_id}-{first.sequence_number}-{first.index}-{digest}"
