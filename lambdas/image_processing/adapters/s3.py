"""The three buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.errors import has_code
from lambdas.common.side_by_side import side_by_side
from lambdas.common.tables.pictures.layout import ReasonCode, Source
from lambdas.image_processing import contract
from lambdas.image_processing.contract import Reason
from lambdas.image_processing.domain.rejection import Rejected
from lambdas.image_processing.ports import NewObject, VersionGoneError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE = {"NoSuchKey", "NoSuchVersion", "404"}
_GB = 1024**3


@dataclass(frozen=True)
class S3Uploads:
    """The versioned bucket that users write to."""

    client: S3Client

    def fetch(self, source: Source, max_bytes: int) -> bytes:
        """Content of one version; the size is known before the body is read."""
        try:
            answer = self.client.get_object(Bucket=source.bucket, Key=source.key, VersionId=source.version_id)
        except ClientError as error:
            if has_code(error, _GONE):
                raise VersionGoneError(source) from error
            raise
        with answer["Body"] as body:
            if answer["ContentLength"] > max_bytes:
                raise Rejected(
                    ReasonCode.TOO_MANY_BYTES, f"{answer['ContentLength']} bytes; at most {max_bytes} are accepted"
                )
            return body.read()

    def visible_version(self, bucket: str, key: str) -> str | None:
        """Id of the version that a plain GET shows."""
        try:
            return self.client.head_object(Bucket=bucket, Key=key).get("VersionId", "null")
        except ClientError as error:
            if has_code(error, _GONE):
                return None
            raise


@dataclass(frozen=True)
class S3Renditions:
    """The bucket that readers read from."""

    client: S3Client
    bucket: str

    def put(self, objects: list[NewObject]) -> None:
        """Writes all objects."""
        side_by_side(self._put, objects)

    def _put(self, item: NewObject) -> None:
        self.client.put_object(
            Bucket=self.bucket,
            Key=item.key,
            Body=item.data,
            ContentType=item.content_type,
            CacheControl=contract.IMMUTABLE,
        )

    def discard(self, prefix: str, keep: str | None) -> None:
        """Deletes every object under ``prefix``, but for those under ``keep``."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        gone = [key for key in keys if not (keep and key.startswith(keep))]
        side_by_side(lambda key: self.client.delete_object(Bucket=self.bucket, Key=key), gone)


@dataclass(frozen=True)
class S3Quarantine:
    """The bucket of rejected originals."""

    client: S3Client
    bucket: str

    def keep(self, prefix: str, reason: Reason) -> None:
        """Copies the original inside S3, whatever its size, and writes the reason beside it."""
        from boto3.s3.transfer import S3Transfer, TransferConfig  # only rejected uploads pay for this import

        source = reason.source
        # A rejected file must never be served as what it pretends to be; and copying the tags and annotations that an
        # uploader may have set would need rights to read and write those.
        directives = {"MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE", "AnnotationDirective": "EXCLUDE"}
        # Annotations are new: a runtime whose boto3 does not know them yet cannot leave them out.
        known = {name: value for name, value in directives.items() if name in S3Transfer.ALLOWED_COPY_ARGS}
        try:
            self.client.copy(
                {"Bucket": source.bucket, "Key": source.key, "VersionId": source.version_id},
                self.bucket,
                prefix + contract.QUARANTINED_ORIGINAL,
                ExtraArgs={"ContentType": "application/octet-stream", **known},
                # One request copies up to 5 GB; above that it takes parts. boto3 would begin with parts at 8 MB.
                Config=TransferConfig(multipart_threshold=5 * _GB, multipart_chunksize=_GB),
            )
        except ClientError as error:
            if has_code(error, _GONE):
                raise VersionGoneError(source) from error
            raise
        self.client.put_object(
            Bucket=self.bucket,
            Key=prefix + contract.QUARANTINE_REASON,
            Body=msgspec.json.encode(reason),
            ContentType="application/json",
        )
