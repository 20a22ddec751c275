"""Metrics in a table that moto answers for, as the common reader finds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from lambdas.common.calls import Patience
from lambdas.common.side_by_side import side_by_side
from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Count, Sum
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.common.tables.metrics.sketches import Quantiles, Top
from lambdas.file_processing.adapters.metrics import DynamoMetrics
from lambdas.file_processing.domain.processing import Measurement

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "metrics"
START = datetime(2026, 2, 6, 12, tzinfo=UTC)
MINUTES = 70
"""So many that they take several calls."""
DAYS = 400


def measurements(factor: int) -> list[Measurement]:
    """Values of each kind, minute by minute."""
    first = int(START.timestamp())
    found = []
    for minute in range(MINUTES):
        start = first + 60 * minute
        found += [
            Measurement("access.requests", "shop/", start, Count(factor * minute)),
            Measurement("access.bytes", "shop/", start, Sum(Decimal(minute), factor)),
            Measurement("access.latency", "shop/", start, Quantiles.of([minute] * factor)),
            Measurement("access.paths", "shop/", start, Top.of({"/a": factor})),
        ]
    return found


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBClient]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        keys = (layout.METRIC, "HASH"), (layout.PERIOD_AND_SHARD, "RANGE")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        )
        yield client


def table(client: DynamoDBClient) -> DynamoMetrics:
    return DynamoMetrics(client, TABLE, DAYS, Patience(lambda _: None), side_by_side)


def total(client: DynamoDBClient, metric: str) -> object:
    return MetricsReader(client, TABLE).total(metric, START, START + timedelta(minutes=MINUTES), "shop/")


def test_shards_add_up_however_often_each_is_written(client: DynamoDBClient) -> None:
    for shard, factor in [("one-1", 1), ("two-1", 2), ("one-1", 1)]:
        table(client).write(shard, measurements(factor))
    minutes = sum(range(MINUTES))
    assert total(client, "access.requests") == Count(3 * minutes)
    assert total(client, "access.bytes") == Sum(Decimal(2 * minutes), 3 * MINUTES)
    assert total(client, "access.latency") == Quantiles.of([*range(MINUTES)] * 3)
    assert total(client, "access.paths") == Top.of({"/a": 3 * MINUTES})


def test_deleting_a_shard_leaves_the_others(client: DynamoDBClient) -> None:
    metrics, found = table(client), measurements(1)
    metrics.write("one-1", found)
    metrics.write("two-1", found)
    keys = [(each.metric, each.dimension, each.start) for each in found]
    for _ in range(2):
        metrics.delete("one-1", keys)
    assert total(client, "access.requests") == Count(sum(range(MINUTES)))


def test_items_expire_some_days_after_the_minute_that_they_tell_of(client: DynamoDBClient) -> None:
    table(client).write("one-1", measurements(1)[:1])
    (item,) = client.scan(TableName=TABLE)["Items"]
    assert item[layout.EXPIRES_AT]["N"] == str(int((START + timedelta(days=DAYS)).timestamp()))
