"""The slice's tables, buckets and secret in an in-memory AWS, and the function wired to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.common.tables.metrics import layout
from lambdas.stream_analytics import analyze, contract
from lambdas.stream_analytics.contract import AnalyzeSettings, Limits

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

SETTINGS = AnalyzeSettings(
    service="StreamAnalytics",
    metrics_namespace="Test",
    recipes=("clickstream", "activity", "orders", "telemetry", "mobile", "social", "logs"),
    limits=Limits(),
    progress_table_name="progress",
    metrics_table_name="metrics",
    orders_table_name="orders",
    index_table_name="index",
    archive_bucket_name="archive",
    quarantine_bucket_name="quarantine",
    pseudonym_secret_arn="pseudonyms",
    metrics_days=90,
    index=True,
    index_days=30,
    progress_days=100,
)
KEYS = {
    "progress": (contract.SHARD_ID, contract.ENTRY),
    "metrics": (layout.METRIC, layout.PERIOD_AND_SHARD),
    "orders": (contract.ORDER_ID,),
    "index": (contract.ENTITY, contract.TIME_AND_ORIGIN),
}


@dataclass
class Cloud:
    """Tables and buckets, with what tests ask of them."""

    s3: S3Client
    dynamodb: DynamoDBClient

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Every object of a bucket."""
        listed = self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"]: self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed}

    def items(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table, in DynamoDB's low-level form."""
        return list(self.dynamodb.scan(TableName=table)["Items"])


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Empty tables and buckets, and a function that starts anew."""
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    analyze.runtime.cache_clear()
    with mock_aws():
        cloud = Cloud(boto3.client("s3"), boto3.client("dynamodb"))
        for bucket in ("archive", "quarantine"):
            cloud.s3.create_bucket(Bucket=bucket)
        for table, keys in KEYS.items():
            create_table(cloud.dynamodb, table, keys)
        boto3.client("secretsmanager").create_secret(Name="pseudonyms", SecretString="s" * 64)
        yield cloud
    analyze.runtime.cache_clear()


def create_table(dynamodb: DynamoDBClient, name: str, keys: tuple[str, ...]) -> None:
    """A table with a partition key, or with a sort key, too."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],  # type: ignore[typeddict-item]
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )
