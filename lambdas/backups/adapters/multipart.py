"""Copies objects that are too large for one call, part by part, over as many invocations as it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.backups.adapters.locks import Locks
from lambdas.backups.ports import MoreTime, Version
from lambdas.common.errors import has_code
from lambdas.common.side_by_side import THREADS, Together

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3 import S3Client

LARGEST_COPY = 5 * 1024**3
_PART = 512 * 1024**2
_MOST_PARTS = 10_000
"""With 5 GiB a part the largest objects, of 50 TB, fit ("Amazon S3 multipart upload limits", User Guide)."""
_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
)
"""What a copy in one call keeps by itself."""


@dataclass(frozen=True)
class MultipartCopy:
    """An upload that has begun is found again in the vault by its key, and so are its parts."""

    client: S3Client
    vault: str
    locks: Locks
    together: Together
    part: int = _PART
    """Bytes of a part at the least."""

    def copy(self, source: Any, version: Version, key: str, until: datetime | None, more: MoreTime) -> bool:
        """Whether all of it is copied. Raises ClientError."""
        upload_id = self._upload(key) or self._begun(source, version, key)
        done = dict(self._parts(key, upload_id))
        left = [part for part in self._ranges(version.size) if part[0] not in done]
        while group := left[:THREADS]:
            if not more():
                return False
            left = left[THREADS:]
            done |= self._copied(group, source, version, key, upload_id)
        parts: Any = [{"PartNumber": number, "ETag": etag} for number, etag in sorted(done.items())]
        self.client.complete_multipart_upload(
            Bucket=self.vault, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
        if until:
            self.locks.extend(key, until)
        return True

    def _upload(self, key: str) -> str | None:
        """The upload that has begun."""
        answer = self.client.list_multipart_uploads(Bucket=self.vault, Prefix=key)
        return next((each["UploadId"] for each in answer.get("Uploads", []) if each["Key"] == key), None)

    def _begun(self, source: Any, version: Version, key: str) -> str:
        named = {"VersionId": source["VersionId"]} if "VersionId" in source else {"IfMatch": f'"{version.etag}"'}
        head: Any = self.client.head_object(Bucket=source["Bucket"], Key=source["Key"], **named)
        kept = {name: head[name] for name in _KEPT if head.get(name)}
        return self.client.create_multipart_upload(Bucket=self.vault, Key=key, **kept)["UploadId"]

    def _parts(self, key: str, upload_id: str) -> Iterator[tuple[int, str]]:
        question: Any = {"Bucket": self.vault, "Key": key, "UploadId": upload_id}
        while True:
            answer = self.client.list_parts(**question)
            yield from ((part["PartNumber"], part["ETag"]) for part in answer.get("Parts", []))
            if not answer.get("IsTruncated"):
                return
            question["PartNumberMarker"] = answer["NextPartNumberMarker"]

    def _ranges(self, size: int) -> list[tuple[int, str]]:
        """Numbers and ranges of the parts: the same ones each time."""
        length = max(self.part, -(-size // _MOST_PARTS))
        starts = range(0, size, length)
        return [
            (number, f"bytes={start}-{min(start + length, size) - 1}") for number, start in enumerate(starts, start=1)
        ]

    def _copied(
        self, group: Sequence[tuple[int, str]], source: Any, version: Version, key: str, upload_id: str
    ) -> dict[int, str]:
        def copy(part: tuple[int, str]) -> str:
            answer = self.client.upload_part_copy(
                Bucket=self.vault,
                Key=key,
                UploadId=upload_id,
                PartNumber=part[0],
                CopySource=source,
                CopySourceRange=part[1],
                **unchanged(source, version),
            )
            return answer["CopyPartResult"]["ETag"]

        try:
            etags = self.together(copy, group)
        except ClientError as error:
            if has_code(error, {"NoSuchVersion", "NoSuchKey", "PreconditionFailed"}):
                self.client.abort_multipart_upload(Bucket=self.vault, Key=key, UploadId=upload_id)
            raise
        return {number: etag for (number, _), etag in zip(group, etags, strict=True)}


def unchanged(source: Any, version: Version) -> dict[str, Any]:
    """The condition that an object without versions is as it was listed; a version never changes."""
    return {} if "VersionId" in source else {"CopySourceIfMatch": f'"{version.etag}"'}
