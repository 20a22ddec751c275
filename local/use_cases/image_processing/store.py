"""The stack's buckets and its catalog, as the demo uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.common.tables.pictures.layout import PICTURE_ID, picture_id

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

    from local.cloud import Cloud

STACK = "ImageProcessing"


@dataclass(frozen=True)
class Store:
    """Clients, and the names that the stack put out."""

    s3: S3Client
    dynamodb: DynamoDBClient
    uploads: str
    renditions: str
    quarantine: str
    catalog: str

    @classmethod
    def of(cls, cloud: Cloud) -> Store:
        """The deployed stack's."""
        outputs = cloud.outputs[STACK]
        return cls(
            s3=cloud.client("s3"),
            dynamodb=cloud.client("dynamodb"),
            uploads=outputs["UploadsBucketName"],
            renditions=outputs["RenditionsBucketName"],
            quarantine=outputs["QuarantineBucketName"],
            catalog=outputs["CatalogTableName"],
        )

    def picture_id(self, key: str) -> str:
        """Identity of an upload."""
        return picture_id(self.uploads, key)

    def upload(self, key: str, data: bytes) -> str:
        """Puts an object as a browser would, without saying what it is; returns the version's id."""
        return self.s3.put_object(Bucket=self.uploads, Key=key, Body=data)["VersionId"]

    def entry(self, key: str) -> dict[str, str]:
        """The catalog's item of an upload, its strings only; empty where there is none."""
        found = self.dynamodb.get_item(
            TableName=self.catalog, Key={PICTURE_ID: {"S": self.picture_id(key)}}, ConsistentRead=True
        )
        return {name: value["S"] for name, value in found.get("Item", {}).items() if "S" in value}

    def under(self, bucket: str, prefix: str) -> set[str]:
        """Keys of the objects under a prefix; of one picture there are never more than one answer holds."""
        return {each["Key"] for each in self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])}

    def get(self, bucket: str, key: str) -> GetObjectOutputTypeDef:
        """One object, headers and body."""
        return self.s3.get_object(Bucket=bucket, Key=key)
