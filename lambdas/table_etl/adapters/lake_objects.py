"""The lake's bucket, as compaction uses it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.table_etl.ports import LakeObject, MergeError, OvertakenError, Pointer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_DELETED = 1000
"""Keys of a DeleteObjects."""
_OVERTAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
"""Another writer was faster, or is at it, or the object has been deleted ("How to prevent object overwrites with
conditional writes", Amazon S3 User Guide)."""


@dataclass(frozen=True)
class S3LakeObjects:
    """The `LakeObjects` in S3. A pointer is a symlink manifest: one line, the address of the object."""

    client: S3Client
    bucket: str

    def list(self, prefix: str) -> Iterator[LakeObject]:
        """A page of 1,000 objects at a time."""
        more: dict[str, Any] = {}
        while True:
            with aws_call(f"list {prefix}"):
                page = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, **more)
            for each in page.get("Contents", []):
                yield LakeObject(each["Key"], each["Size"], each["LastModified"])
            if not page["IsTruncated"]:
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def download(self, key: str, path: Path) -> bool:
        """Piece by piece, whatever its size."""
        with aws_call(f"download {key}"):
            answer = self._get(key)
            if answer is None:
                return False
            with path.open("wb") as file:
                shutil.copyfileobj(answer["Body"], file, 1024 * 1024)
            return True

    def upload(self, path: Path, key: str) -> None:
        """In one request, which takes up to 5 GB."""
        with aws_call(f"upload {key}"), path.open("rb") as file:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=file)

    def pointer(self, key: str) -> Pointer | None:
        """Raises MergeError for an address outside of this bucket."""
        with aws_call(f"read {key}"):
            answer = self._get(key)
            if answer is None:
                return None
            address = answer["Body"].read().decode().strip()
        if not address.startswith(self._root):
            raise MergeError(f"{key} points to {address!r}, which is not in {self._root}: correct its one line")
        return Pointer(address.removeprefix(self._root), answer["ETag"])

    def point(self, key: str, target: str, replaced: Pointer | None) -> None:
        """A conditional write."""
        condition: Any = {"IfMatch": replaced.etag} if replaced else {"IfNoneMatch": "*"}
        body = f"{self._root}{target}\n".encode()
        with aws_call(f"replace {key}"):
            try:
                self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="text/plain", **condition)
            except ClientError as error:
                if has_code(error, _OVERTAKEN):
                    raise OvertakenError(str(error)) from error
                raise

    def delete(self, keys: Iterable[str]) -> None:
        """1,000 objects at a time."""
        left = iter(keys)
        while batch := [{"Key": key} for key in islice(left, MAX_DELETED)]:
            with aws_call("delete objects"):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})  # type: ignore[typeddict-item]
            if errors := answer.get("Errors"):
                raise UnavailableError(f"delete objects: {len(errors)} are left, the first for {errors[0]}")

    @property
    def _root(self) -> str:
        return f"s3://{self.bucket}/"

    def _get(self, key: str) -> Any:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if has_code(error, {"NoSuchKey"}):
                return None
            raise
