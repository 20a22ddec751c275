"""The index's objects in S3: one manifest, and files that are written once and never changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.index.manifest import Manifest, decode, encode
from lambdas.file_processing.contract import INDEX_PREFIX
from lambdas.file_processing.ports import GoneError, OvertakenError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST = f"{INDEX_PREFIX}manifest.json"
FILES = f"{INDEX_PREFIX}files/"
_MAX_DELETED = 1000
"""Keys of a DeleteObjects."""
_OVERTAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
"""Another writer was faster, or is at it, or the object has been deleted ("How to prevent object overwrites with
conditional writes", Amazon S3 User Guide)."""


@dataclass(frozen=True)
class Written:
    """A manifest as it stands in the bucket."""

    manifest: Manifest
    etag: str


@dataclass(frozen=True)
class IndexObjects:
    """The part of the products bucket that holds the index."""

    client: S3Client
    bucket: str

    def manifest(self, known: Written | None) -> Written | None:
        """As it is now, ``known`` if that is still it; None where there is no index yet."""
        condition: Any = {"IfNoneMatch": known.etag} if known else {}
        with aws_call(f"read {MANIFEST}"):
            try:
                answer = self.client.get_object(Bucket=self.bucket, Key=MANIFEST, **condition)
            except ClientError as error:
                if has_code(error, {"304", "NotModified"}):
                    return known
                if has_code(error, {"NoSuchKey"}):
                    return None
                raise
            return Written(decode(answer["Body"].read()), answer["ETag"])

    def replace_manifest(self, old: Written | None, new: Manifest) -> Written:
        """Writes what the index is from now on. Raises OvertakenError if it is not ``old`` any more."""
        condition: Any = {"IfMatch": old.etag} if old else {"IfNoneMatch": "*"}
        body = encode(new)
        with aws_call(f"replace {MANIFEST}"):
            try:
                answer = self.client.put_object(
                    Bucket=self.bucket, Key=MANIFEST, Body=body, ContentType="application/json", **condition
                )
            except ClientError as error:
                if has_code(error, _OVERTAKEN):
                    raise OvertakenError(str(error)) from error
                raise
        return Written(new, answer["ETag"])

    def upload(self, path: Path) -> str:
        """Writes a file under a key that nothing else ever has, and returns it."""
        key = f"{FILES}{uuid4().hex}"
        with aws_call(f"upload {key}"), path.open("rb") as file:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=file, ContentType="application/octet-stream")
        return key

    def download(self, key: str, files: Iterable[tuple[str, int]], folder: Path) -> None:
        """Takes an object apart into files of these sizes. Raises GoneError if it has been swept."""
        with aws_call(f"download {key}"):
            try:
                body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            except ClientError as error:
                if has_code(error, {"NoSuchKey"}):
                    raise GoneError(f"{key} is gone") from error
                raise
            for name, size in files:
                with (folder / name).open("wb") as file:
                    _copy(body, file, size)

    def unneeded(self, needed: set[str], before: float) -> Iterator[str]:
        """Keys of files that were written before a time (Unix seconds) and are not needed."""
        more: dict[str, Any] = {}
        while True:
            with aws_call(f"list {FILES}"):
                page = self.client.list_objects_v2(Bucket=self.bucket, Prefix=FILES, **more)
            for each in page.get("Contents", []):
                if each["Key"] not in needed and each["LastModified"].timestamp() < before:
                    yield each["Key"]
            if not page["IsTruncated"]:
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, keys: Iterable[str]) -> None:
        """1,000 objects at a time."""
        left = iter(keys)
        while batch := [{"Key": key} for key in islice(left, _MAX_DELETED)]:
            with aws_call(f"remove from {FILES}"):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})  # type: ignore[typeddict-item]
            if errors := answer.get("Errors"):
                raise UnavailableError(f"remove from {FILES}: {len(errors)} are left, the first for {errors[0]}")


def _copy(body: Any, file: Any, size: int) -> None:
    while size:
        piece = body.read(min(size, 1024 * 1024))
        if not piece:
            raise UnavailableError(f"an object of the index ended {size} bytes early: it is read again")
        file.write(piece)
        size -= len(piece)


def packed(files: Iterable[Path], path: Path) -> Path:
    """One file of many, one after the other."""
    with path.open("wb") as pack:
        for each in files:
            with each.open("rb") as file:
                shutil.copyfileobj(file, pack, 1024 * 1024)
    return path
