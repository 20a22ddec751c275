"""What was rejected, in S3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from lambdas.common.quarantine import keep_lines
from lambdas.iot_backend.contract.messages import Quarantined, quarantine_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class S3Quarantine:
    """The `Quarantine` in a bucket."""

    client: S3Client
    bucket: str

    def keep(self, lines: Sequence[Quarantined], day: date) -> str:
        """One object, named after its content, so that a message that comes again is kept once."""
        return keep_lines(self.client, self.bucket, quarantine_prefix(day), lines, "a message")
