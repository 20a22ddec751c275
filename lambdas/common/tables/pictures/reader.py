"""Answers what image processing made of an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.common.tables.pictures import layout
from lambdas.common.tables.pictures.layout import Manifest, ReasonCode, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_s3 import S3Client

READS = 3
"""Of the catalog; each that is in vain means that the picture was replaced or deleted between it and its manifest."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an upload."""

    status: Status
    updated_at: str
    """When the object changed in S3, ISO 8601 in UTC."""
    reason_code: ReasonCode | None = None
    reason_message: str | None = None
    """Code and message of a rejected picture; that a picture is blocked is reason enough."""
    manifest: Manifest | None = None
    """Of a picture that is ready."""


class PicturesReader(msgspec.Struct, frozen=True):
    """Reads the catalog, and the manifests in the renditions bucket.

    It needs ``dynamodb:GetItem``, ``s3:GetObject``, and ``s3:ListBucket`` on the bucket: without the last, S3 answers
    403 and not 404 for a manifest that is gone.
    """

    dynamodb: DynamoDBClient
    table_name: str
    s3: S3Client
    renditions_bucket_name: str

    def find(self, bucket: str, key: str) -> Picture | None:
        """The picture as it is now (a consistent read); None while image processing has not handled the upload.

        Raises:
            UnavailableError: an AWS call failed, or the picture changed again and again.
        """
        for _ in range(READS):
            item = self._item(bucket, key)
            if item is None:
                return None
            manifest_key = _text(item, layout.MANIFEST_KEY)
            if manifest_key is None:
                return _picture(item, None)
            manifest = self._manifest(manifest_key)
            if manifest:
                return _picture(item, manifest)
        raise UnavailableError(
            f"read the manifest of {key!r} in {bucket}: it was gone {READS} times; if it stays so, somebody deleted "
            f"renditions by hand, and uploading the picture again brings them back"
        )

    def _item(self, bucket: str, key: str) -> Mapping[str, AttributeValueTypeDef] | None:
        with aws_call(f"read the catalog's item of {key!r} in {bucket}"):
            answer = self.dynamodb.get_item(
                TableName=self.table_name,
                Key={layout.PICTURE_ID: {"S": layout.picture_id(bucket, key)}},
                ConsistentRead=True,
            )
        return answer.get("Item")

    def _manifest(self, key: str) -> Manifest | None:
        with aws_call(f"read {key}"):
            try:
                data = self.s3.get_object(Bucket=self.renditions_bucket_name, Key=key)["Body"].read()
            except ClientError as error:
                if has_code(error, {"NoSuchKey"}):
                    return None
                raise
        return msgspec.json.decode(data, type=Manifest)


def _text(item: Mapping[str, AttributeValueTypeDef], name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _picture(item: Mapping[str, AttributeValueTypeDef], manifest: Manifest | None) -> Picture:
    code = _text(item, layout.REASON_CODE)
    return Picture(
        status=Status(item[layout.STATUS]["S"]),
        updated_at=item[layout.UPDATED_AT]["S"],
        reason_code=ReasonCode(code) if code else None,
        reason_message=_text(item, layout.REASON_MESSAGE),
        manifest=manifest,
    )
