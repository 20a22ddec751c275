"""The bucket of all backups."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from lambdas.backups.adapters.locks import Locks
from lambdas.backups.contract.records import Copied
from lambdas.backups.ports import Keep
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.common.side_by_side import Together

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

_PART = ".jsonl.gz"
_AT_ONCE = 32
"""Parts of manifests, of up to 1,000 lines, that are held in memory."""
_GZIP = 31
_MOST_DELETED = 1000
"""Keys of a DeleteObjects."""
_LINES = msgspec.json.Decoder(Copied)
_LOCKED = "AccessDenied"
"""What S3 answers to who would delete a locked version; also to who may not delete at all."""


@dataclass(frozen=True)
class S3Vault:
    """The `Vault` in S3, with versions or without."""

    client: S3Client
    bucket: str
    locks: Locks
    together: Together

    def write(self, key: str, content: bytes, until: datetime | None) -> None:
        """Where there are versions, what was there before becomes an old one, and goes with the new one."""
        with aws_call(f"write {key}"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=content, **self.locks.arguments(until))

    def read(self, key: str) -> bytes | None:
        """All of it."""
        with aws_call(f"read {key}"):
            try:
                return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except ClientError as error:
                if has_code(error, {"NoSuchKey"}):
                    return None
                raise

    def manifests(self, prefix: str, first: int) -> Iterator[Sequence[Copied]]:
        """Some are read at the same time."""
        parts = [key for key in self._keys(prefix) if key.endswith(_PART)]
        for at in range(first, len(parts), _AT_ONCE):
            yield from self.together(self._lines, parts[at : at + _AT_ONCE])

    def _lines(self, key: str) -> Sequence[Copied]:
        with aws_call(f"read {key}"):
            content = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return _LINES.decode_lines(zlib.decompress(content, _GZIP))

    def lock(self, prefix: str, until: datetime) -> None:
        """Object by object: there is no call for many."""
        self.together(lambda key: self._lock(key, until), list(self._keys(prefix)))

    def _lock(self, key: str, until: datetime) -> None:
        with aws_call(f"lock {key}"):
            self.locks.extend(key, until)

    def _keys(self, prefix: str) -> Iterator[str]:
        question: Any = {"Bucket": self.bucket, "Prefix": prefix}
        while True:
            with aws_call(f"list {prefix}"):
                answer = self.client.list_objects_v2(**question)
            yield from (each["Key"] for each in answer.get("Contents", []))
            if not answer["IsTruncated"]:
                return
            question["ContinuationToken"] = answer["NextContinuationToken"]

    def delete(self, prefix: str) -> bool:
        """After all is listed: where a listing goes on whose last version has been deleted meanwhile is not said.

        Uploads that were never completed are left to the bucket's lifecycle rule.
        """
        doomed = list(self._versions(prefix))
        left = 0
        for at in range(0, len(doomed), _MOST_DELETED):
            left += self._left(doomed[at : at + _MOST_DELETED])
        return left == 0

    def sweep(self, prefix: str, after: str | None, keep: Keep) -> str | None:
        """A page. Further versions of its last key, where it ends amid them, are left to the next sweep."""
        start: Any = {"KeyMarker": after} if after else {}
        with aws_call(f"list versions of {prefix}"):
            answer = self.client.list_object_versions(Bucket=self.bucket, Prefix=prefix, **start)
        if doomed := [version for version in _listed(answer) if not keep(version["Key"])]:
            self._left(doomed)
        return answer["NextKeyMarker"] if answer["IsTruncated"] else None

    def _versions(self, prefix: str) -> Iterator[Any]:
        question: Any = {"Bucket": self.bucket, "Prefix": prefix}
        while True:
            with aws_call(f"list versions of {prefix}"):
                answer = self.client.list_object_versions(**question)
            yield from _listed(answer)
            if not answer["IsTruncated"]:
                return
            question |= {"KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}

    def _left(self, versions: Sequence[Any]) -> int:
        """Deletes versions, and tells how many locks keep."""
        with aws_call("delete objects"):
            answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": versions, "Quiet": True})
        errors = answer.get("Errors", [])
        others = [error for error in errors if error.get("Code") != _LOCKED]
        if others:
            raise UnavailableError(f"delete objects: {len(others)} are left, the first for {others[0]}")
        return len(errors)


def _listed(answer: Any) -> list[Any]:
    """Keys and ids of versions, and of delete markers."""
    listed = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in listed]
