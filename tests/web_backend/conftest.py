"""All tables and buckets that the web backend can be wired to in an in-memory AWS, and the function wired to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from lambdas.common import clients as aws
from lambdas.common.tables.metrics import layout as metrics
from lambdas.common.tables.pictures import layout as pictures
from lambdas.common.tables.shop import layout as shop
from lambdas.web_backend import api
from lambdas.web_backend.contract import ENTRY, USER_ID, ApiSettings, Limits, Pictures, Wiring
from tests.stream_analytics.conftest import create_table
from tests.table_etl.conftest import create_read_model
from tests.web_backend.client import Client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

OTHER = "c9a1d7de-8f0b-4c7a-a3b5-6f2e1d0c9b8a"

WIRING = Wiring(
    pictures=Pictures(uploads_bucket_name="uploads", renditions_bucket_name="renditions", catalog_table_name="catalog"),
    metrics_table_name="metrics",
    shop_table_name="shop",
    read_model_table_name="read-model",
)
SETTINGS = ApiSettings(
    service="Web", metrics_namespace="Test", items_table_name="items", limits=Limits(max_points=100), wiring=WIRING
)


@dataclass
class Cloud:
    """Tables and buckets, with what tests ask of them."""

    s3: S3Client
    dynamodb: DynamoDBClient

    def entries(self, prefix: str = "") -> list[dict[str, Any]]:
        """Entries of the items table whose sort key begins so, in DynamoDB's low-level form."""
        found = self.dynamodb.scan(TableName="items")["Items"]
        return [dict(each) for each in found if each[ENTRY]["S"].startswith(prefix)]

    def orders(self) -> list[dict[str, Any]]:
        """Everything in the shop's table."""
        return [dict(each) for each in self.dynamodb.scan(TableName="shop")["Items"]]


@pytest.fixture
def region() -> str:
    """Where all of it is; a test can say otherwise."""
    return "us-east-1"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, region: str) -> Iterator[Cloud]:
    """Empty tables and buckets, and a function that starts anew."""
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    api.runtime.cache_clear()
    with mock_aws():
        cloud = Cloud(boto3.client("s3"), boto3.client("dynamodb"))
        create_table(cloud.dynamodb, "items", (USER_ID, ENTRY))
        create_table(cloud.dynamodb, "shop", (shop.PARTITION_KEY, shop.SORT_KEY))
        create_table(cloud.dynamodb, "catalog", (pictures.PICTURE_ID,))
        create_table(cloud.dynamodb, "metrics", (metrics.METRIC, metrics.PERIOD_AND_SHARD))
        create_read_model(cloud.dynamodb, "read-model")
        yield cloud
    api.runtime.cache_clear()


@pytest.fixture
def clients(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The function's clients of AWS by service, as it makes them."""
    del cloud
    found: dict[str, Any] = {}
    make = aws.client

    def client(service: str, config: Config) -> Any:
        assert service not in found, f"a second client of {service}"
        found[service] = make(service, config)
        return found[service]

    monkeypatch.setattr(aws, "client", client)
    return found


@pytest.fixture
def ann(cloud: Cloud) -> Client:
    """A user."""
    del cloud
    return Client(api.handler)


@pytest.fixture
def bob(cloud: Cloud) -> Client:
    """Another one."""
    del cloud
    return Client(api.handler, OTHER)
