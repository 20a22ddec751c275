"""Copies objects into the vault, whatever their size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.backups.adapters.locks import Locks
from lambdas.backups.adapters.multipart import LARGEST_COPY, MultipartCopy, unchanged
from lambdas.backups.contract import copy_key
from lambdas.backups.contract.records import Copied
from lambdas.backups.ports import MoreTime, Version
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

_GONE = {"NoSuchKey", "NoSuchVersion", "404"}
_CHANGED = {"PreconditionFailed", "412"}
_ARCHIVED = {"InvalidObjectState", "ObjectNotInActiveTierError"}
"""S3 documents the second one for copies, and the first one for reads."""
_LOOKS = 3
"""At an object of a bucket without versions that is written again and again."""
_UNVERSIONED = "null"


@dataclass(frozen=True)
class CopyOutcome:
    """What came of an object."""

    copied: Copied | None = None
    archived: bool = False
    """It is in an archive, and cannot be read."""
    unfinished: bool = False
    """There was no time for all of it."""


@dataclass(frozen=True)
class Copier:
    """Copies versions of objects, each under a key that its version has for good."""

    client: S3Client
    vault: str
    locks: Locks
    multipart: MultipartCopy
    largest: int = LARGEST_COPY
    """Bytes that CopyObject takes."""

    def copy(self, bucket: str, version: Version, until: datetime | None, more: MoreTime) -> CopyOutcome:
        """Copies a version unless the vault has it. Neither copy nor manifest line if it was deleted meanwhile."""
        for _ in range(_LOOKS):
            key = copy_key(bucket, version.key, _name(version))
            with aws_call(f"copy {bucket}/{version.key}"):
                try:
                    if not self._held(key, until) and not self._copied(bucket, version, key, until, more):
                        return CopyOutcome(unfinished=True)
                except ClientError as error:
                    if has_code(error, _GONE):
                        return CopyOutcome()
                    if has_code(error, _ARCHIVED):
                        return CopyOutcome(archived=True)
                    if not has_code(error, _CHANGED):
                        raise
                    found = self._found(bucket, version.key)
                    if found is None:
                        return CopyOutcome()
                    version = found
                    continue
            return CopyOutcome(_line(version, key))
        raise UnavailableError(f"copy {bucket}/{version.key}: it is written again and again, and has no versions")

    def _held(self, key: str, until: datetime | None) -> bool:
        """Whether the vault has it; then it is locked anew."""
        try:
            head = self.client.head_object(Bucket=self.vault, Key=key)
        except ClientError as error:
            if has_code(error, _GONE):
                return False
            raise
        if until and head.get("ObjectLockRetainUntilDate", until) <= until:
            self.locks.extend(key, until)
        return True

    def _copied(self, bucket: str, version: Version, key: str, until: datetime | None, more: MoreTime) -> bool:
        source: Any = {"Bucket": bucket, "Key": version.key}
        if version.version != _UNVERSIONED:
            source["VersionId"] = version.version
        if version.size > self.largest:
            return self.multipart.copy(source, version, key, until, more)
        self.client.copy_object(Bucket=self.vault, Key=key, CopySource=source, **unchanged(source, version))
        if until:
            # By itself: what S3 asks of a copy that is to be locked is not said, of an upload it is a checksum.
            self.locks.extend(key, until)
        return True

    def _found(self, bucket: str, key: str) -> Version | None:
        """The version that is there now, of an object without versions; None if it is deleted."""
        try:
            head = self.client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if has_code(error, _GONE):
                return None
            raise
        etag = head["ETag"].strip('"')
        return Version(key, _UNVERSIONED, head["ContentLength"], etag, head["LastModified"])


def _name(version: Version) -> str:
    """Where there are no versions, what was written when tells them apart."""
    if version.version != _UNVERSIONED:
        return version.version
    return f"{_UNVERSIONED}-{version.etag}-{int(version.modified.timestamp())}"


def _line(version: Version, key: str) -> Copied:
    return Copied(
        key=version.key,
        version=version.version,
        size=version.size,
        etag=version.etag,
        modified=version.modified,
        copy=key,
    )
