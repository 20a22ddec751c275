"""The three buckets: originals, products, quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import Patience, aws_call
from lambdas.common.errors import has_code
from lambdas.file_processing.contract import QUARANTINE_REASON, QUARANTINED_ORIGINAL, Reason
from lambdas.file_processing.domain.catalog import Current, Source
from lambdas.file_processing.domain.processing import HEAD_BYTES, Rejected
from lambdas.file_processing.domain.recognition import read_head
from lambdas.file_processing.ports import Content, GoneError, Seen

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

_GONE = {"NoSuchKey", "NoSuchVersion", "404"}
_ARCHIVED = {"InvalidObjectState"}
"""Other refusals are outages, as is AccessDenied for want of a right to somebody's KMS key: rights can be mended."""
_CHUNK = 1024 * 1024
_GB = 1024**3
_WHOLE: Mapping[str, Any] = {}


@dataclass(frozen=True)
class S3Originals:
    """The versioned bucket of uploads, and the members of archives in the products bucket."""

    client: S3Client

    def visible_version(self, bucket: str, key: str) -> str | None:
        """Id of the version that a plain GET shows."""
        with aws_call(f"ask for what is visible of {key!r}"):
            try:
                return self.client.head_object(Bucket=bucket, Key=key).get("VersionId", "null")
            except ClientError as error:
                if has_code(error, _GONE):
                    return None
                raise

    def look(self, source: Source, max_bytes: int) -> Seen:
        """Reads the file once, a megabyte at a time. What is too big costs no more than its headers."""
        with aws_call(f"read {source.key!r}"):
            try:
                answer = self._get(source)
            except ClientError as error:
                if has_code(error, _ARCHIVED):
                    return self._archived(source)
                raise
            # Entered by itself, a body gives the connection under it, which knows neither chunks nor its length.
            with closing(answer["Body"]) as body:
                size, modified = answer["ContentLength"], answer["LastModified"]
                if size > max_bytes:
                    return Seen(size, modified, None)
                digest, first = hashlib.sha256(), b""
                for chunk in body.iter_chunks(_CHUNK):
                    digest.update(chunk)
                    first += chunk[: HEAD_BYTES - len(first)]
            head = read_head(first, size, lambda start, length: self._range(source, start, min(length, size - start)))
        return Seen(size, modified, Content(head, digest.hexdigest()))

    def download(self, source: Source, path: Path) -> None:
        """Writes the content to local disk, large ones in parts that are fetched side by side."""
        with aws_call(f"download {source.key!r}"), path.open("wb") as file:
            try:
                self.client.download_fileobj(source.bucket, source.key, file, ExtraArgs=_version(source))
            except ClientError as error:
                raise _gone(error, source) from error

    def _range(self, source: Source, start: int, length: int) -> bytes:
        if length <= 0:
            return b""
        with closing(self._get(source, {"Range": f"bytes={start}-{start + length - 1}"})["Body"]) as body:
            return body.read()

    def _archived(self, source: Source) -> Seen:
        """Of what is archived S3 tells the headers, as of anything else."""
        answer = self.client.head_object(Bucket=source.bucket, Key=source.key, **_version(source))
        return Seen(answer["ContentLength"], answer["LastModified"], None, archived=True)

    def _get(self, source: Source, more: Mapping[str, Any] = _WHOLE) -> GetObjectOutputTypeDef:
        try:
            return self.client.get_object(Bucket=source.bucket, Key=source.key, **_version(source), **more)
        except ClientError as error:
            raise _gone(error, source) from error


def _version(source: Source) -> dict[str, Any]:
    return {"VersionId": source.version_id} if source.version_id else {}


def _gone(error: ClientError, source: Source) -> Exception:
    """What an error says of an object."""
    return GoneError(source) if has_code(error, _GONE) else error


@dataclass(frozen=True)
class S3Products:
    """The bucket that readers read from."""

    client: S3Client
    bucket: str
    patience: Patience

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Writes one object, a large one in parts."""
        _upload(self.client, self.bucket, key, path, content_type)

    def write(self, key: str, data: bytes, content_type: str) -> None:
        """Writes one small object."""
        with aws_call(f"write {key}"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=data, ContentType=content_type)

    def read(self, key: str) -> bytes | None:
        """Content of one small object, None where there is none."""
        with aws_call(f"read {key}"):
            try:
                with closing(self.client.get_object(Bucket=self.bucket, Key=key)["Body"]) as body:
                    return body.read()
            except ClientError as error:
                if has_code(error, _GONE):
                    return None
                raise

    def listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Keys under ``prefix`` and the bytes that they have."""
        more: dict[str, str] = {}
        while True:
            with aws_call(f"list {prefix}"):
                answer = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, **more)  # type: ignore[arg-type]
            yield from ((each["Key"], each["Size"]) for each in answer.get("Contents", []))
            if not answer["IsTruncated"]:
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def discard(self, prefix: str) -> None:
        """Deletes every object under ``prefix``, a listing's page at a time until it lists none."""
        while True:
            with aws_call(f"list {prefix}"):
                answer = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
            keys = [each["Key"] for each in answer.get("Contents", [])]
            if not keys:
                return
            self.patience.until_done(f"delete {prefix}", keys, self._delete)

    def uri(self, key: str) -> str:
        """How other services of AWS name an object."""
        return f"s3://{self.bucket}/{key}"

    def _delete(self, keys: list[str]) -> list[str]:
        objects = [{"Key": key} for key in keys]
        answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]
        return [each["Key"] for each in answer.get("Errors", [])]


@dataclass(frozen=True)
class S3Quarantine:
    """The bucket of what was bad."""

    client: S3Client
    bucket: str

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Writes one object."""
        _upload(self.client, self.bucket, key, path, content_type)

    def keep(self, prefix: str, file: Current, verdict: Rejected) -> None:
        """Copies the original inside S3, whatever its size, and writes the reason beside it. Raises GoneError."""
        from boto3.s3.transfer import S3Transfer, TransferConfig  # only rejected files pay for this import

        source = file.source
        # A rejected file must never be served as what it pretends to be; and copying the tags and annotations that an
        # uploader may have set would need rights to read and write those.
        directives = {"MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE", "AnnotationDirective": "EXCLUDE"}
        # Annotations are new: a runtime whose boto3 does not know them yet cannot leave them out.
        known = {name: value for name, value in directives.items() if name in S3Transfer.ALLOWED_COPY_ARGS}
        with aws_call(f"quarantine {source.key!r}"):
            try:
                self.client.copy(
                    {"Bucket": source.bucket, "Key": source.key, **_version(source)},  # type: ignore[typeddict-item]
                    self.bucket,
                    prefix + QUARANTINED_ORIGINAL,
                    ExtraArgs={"ContentType": "application/octet-stream", **known},
                    # One request copies up to 5 GB; above that it takes parts. boto3 would begin with parts at 8 MB.
                    Config=TransferConfig(multipart_threshold=5 * _GB, multipart_chunksize=_GB),
                )
            except ClientError as error:
                raise _gone(error, source) from error
        self.note(prefix, file, verdict)

    def note(self, prefix: str, file: Current, verdict: Rejected) -> None:
        """Writes the reason, and leaves the original where it is."""
        with aws_call(f"note why {file.object_key!r} is rejected"):
            self.client.put_object(
                Bucket=self.bucket,
                Key=prefix + QUARANTINE_REASON,
                Body=msgspec.json.encode(_reason(file, verdict)),
                ContentType="application/json",
            )


def _reason(file: Current, verdict: Rejected) -> Reason:
    return Reason(
        code=verdict.code,
        message=verdict.message,
        file_id=file.file_id,
        name=file.name,
        kind=file.kind or "",
        bucket=file.bucket,
        key=file.object_key,
        version_id=file.version_id or "",
    )


def _upload(client: S3Client, bucket: str, key: str, path: Path, content_type: str) -> None:
    with aws_call(f"write {key}"), path.open("rb") as file:
        client.upload_fileobj(file, bucket, key, ExtraArgs={"ContentType": content_type})
