"""The slice's resources in an in-memory AWS, and the function wired to them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from PIL import Image

from lambdas.common.tables.pictures import layout
from lambdas.image_processing import render
from lambdas.image_processing.contract import Encoding, Limits, RenderSettings, RenditionSpec
from tests.support.aws import Calls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

SETTINGS = RenderSettings(
    service="ImageProcessing",
    metrics_namespace="Test",
    renditions_bucket_name="renditions",
    quarantine_bucket_name="quarantine",
    catalog_table_name="catalog",
    renditions=(
        RenditionSpec(name="phone", width=48, height=48),
        RenditionSpec(name="thumbnail", width=16, height=16, mode="cover"),
    ),
    encodings=(Encoding(format="jpeg"), Encoding(format="webp")),
    limits=Limits(max_bytes=1_000_000, max_pixels=1_000_000),
    max_memory_mb=4_000,
    background="#ffffff",
    recognition=False,
    max_labels=5,
    blocking_confidence=80,
)


@dataclass
class Cloud:
    """The buckets and the table, with what tests ask of them."""

    s3: S3Client
    dynamodb: DynamoDBClient
    calls: Calls

    def put(self, key: str, data: bytes) -> str:
        """Uploads and returns the version id."""
        return self.s3.put_object(Bucket="uploads", Key=key, Body=data)["VersionId"]

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """Every object of a bucket whose key starts with ``prefix``."""
        listed = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed}

    def item(self, picture_id: str) -> dict[str, Any]:
        """The catalog's item as it is stored, without DynamoDB's type letters."""
        answer = self.dynamodb.get_item(TableName="catalog", Key={layout.PICTURE_ID: {"S": picture_id}})
        return {name: next(iter(value.values())) for name, value in answer["Item"].items()}


def picture(color: str = "red", size: tuple[int, int] = (64, 40)) -> bytes:
    """A small PNG of one colour with a stripe, so that it has a hash."""
    image = Image.new("RGB", size, color)
    image.paste("white", (0, 0, size[0] // 3, size[1]))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="session")
def wired() -> Iterator[tuple[S3Client, DynamoDBClient, Calls]]:
    """Clients and function, made once: making them takes longer than most tests."""
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        with mock_aws():
            workflow = render.runtime().workflow
            clients = boto3.client("s3"), boto3.client("dynamodb")
        calls = Calls()
        calls.watch(workflow.uploads.client.meta.events)  # type: ignore[attr-defined]
        calls.watch(workflow.catalog.client.meta.events)  # type: ignore[attr-defined]
        yield *clients, calls
    render.runtime.cache_clear()


@pytest.fixture
def cloud(wired: tuple[S3Client, DynamoDBClient, Calls]) -> Iterator[Cloud]:
    """Empty buckets and an empty table."""
    s3, dynamodb, calls = wired
    with mock_aws():
        for bucket in ("uploads", "renditions", "quarantine"):
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
        _create_catalog(dynamodb)
        yield Cloud(s3, dynamodb, calls)


def _create_catalog(dynamodb: DynamoDBClient) -> None:
    names = [layout.PICTURE_ID, layout.UPDATED_AT, *layout.INDEXES.values()]
    dynamodb.create_table(
        TableName="catalog",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": layout.PICTURE_ID, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": partition, "KeyType": "HASH"},
                    {"AttributeName": layout.UPDATED_AT, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(layout.LISTED)},
            }
            for index, partition in layout.INDEXES.items()
        ],
    )
