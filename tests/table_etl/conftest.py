"""The slice's read model, buckets and event bus in an in-memory AWS, and the function wired to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.common.tables.read_model import layout
from lambdas.table_etl import load
from lambdas.table_etl.contract import Limits, LoadSettings, Targets

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

SETTINGS = LoadSettings(
    service="TableEtl",
    metrics_namespace="Test",
    pipeline="orders",
    limits=Limits(),
    targets=Targets(read_model_table_name="read-model", lake_bucket_name="lake", event_bus_name="outlet"),
    quarantine_bucket_name="quarantine",
)
KEYS = [layout.PARTITION, layout.SORT, layout.VIEW, layout.VIEW_SORT]


@dataclass
class Cloud:
    """Table and buckets, with what tests ask of them."""

    s3: S3Client
    dynamodb: DynamoDBClient

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Every object of a bucket."""
        listed = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed}

    def items(self) -> list[dict[str, Any]]:
        """Every item of the read model, in DynamoDB's low-level form."""
        return list(self.dynamodb.scan(TableName="read-model")["Items"])


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Empty targets, and a function that starts anew."""
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    load.runtime.cache_clear()
    with mock_aws():
        cloud = Cloud(boto3.client("s3"), boto3.client("dynamodb"))
        for bucket in ("lake", "quarantine"):
            cloud.s3.create_bucket(Bucket=bucket)
        create_read_model(cloud.dynamodb, "read-model")
        boto3.client("events").create_event_bus(Name="outlet")
        yield cloud
    load.runtime.cache_clear()


def create_read_model(dynamodb: DynamoDBClient, name: str) -> None:
    """A table with the index that views are."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema(layout.PARTITION, layout.SORT),
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in KEYS],
        GlobalSecondaryIndexes=[
            {
                "IndexName": layout.VIEW_INDEX,
                "KeySchema": _schema(layout.VIEW, layout.VIEW_SORT),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _schema(partition: str, sort: str) -> Any:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
