"""Locks of single objects in the vault.

The vault has object lock, but no retention by default: with it S3 asks whoever writes for a checksum ("Object Lock
considerations", Amazon S3 User Guide), and what DynamoDB's export sends is not said; and copies that many runs share
would be locked from the first of them on, not from the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Locks:
    """Sets locks, in one mode."""

    client: S3Client
    vault: str
    mode: Literal["GOVERNANCE", "COMPLIANCE"]

    def arguments(self, until: datetime | None) -> dict[str, Any]:
        """For calls that write an object."""
        return {"ObjectLockMode": self.mode, "ObjectLockRetainUntilDate": until} if until else {}

    def extend(self, key: str, until: datetime) -> None:
        """Locks an object that is there, and not locked for longer. Raises ClientError."""
        self.client.put_object_retention(
            Bucket=self.vault, Key=key, Retention={"Mode": self.mode, "RetainUntilDate": until}
        )
