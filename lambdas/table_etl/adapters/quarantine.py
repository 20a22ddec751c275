"""What was rejected, in S3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from lambdas.common.quarantine import keep_lines
from lambdas.table_etl.contract import Quarantined, quarantine_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class S3Quarantine:
    """The `Quarantine` in a bucket."""

    client: S3Client
    bucket: str

    def keep(self, lines: Sequence[Quarantined], day: date) -> str:
        """One object, named after its content: `tools redrive` deletes one whose lines did not come back."""
        return keep_lines(self.client, self.bucket, quarantine_prefix(day), lines, "rows")
