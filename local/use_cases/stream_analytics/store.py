"""The stack's stream, tables and buckets, as the demo uses them."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.common.calls import Patience
from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.stream_analytics.adapters.ledger import DynamoLedger, Tables
from lambdas.stream_analytics.contract import ORDER_ID, QUARANTINE_PREFIX, ArchivedEvent, QuarantinedEvent
from tools.samples.base import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_s3 import S3Client

    from local.cloud import Cloud

STACK = "StreamAnalytics"
_MINUTE = timedelta(seconds=layout.MINUTE)


@dataclass(frozen=True)
class Store:
    """Clients, and the names that the stack put out."""

    kinesis: KinesisClient
    dynamodb: DynamoDBClient
    s3: S3Client
    events: str
    metrics: str
    progress: str
    orders: str
    archive: str
    quarantine: str
    failures: str

    @classmethod
    def of(cls, cloud: Cloud) -> Store:
        """The deployed stack's."""
        outputs = cloud.outputs[STACK]
        return cls(
            kinesis=cloud.client("kinesis"),
            dynamodb=cloud.client("dynamodb"),
            s3=cloud.client("s3"),
            events=outputs["EventsStreamName"],
            metrics=outputs["MetricsTableName"],
            progress=outputs["ProgressTableName"],
            orders=outputs["OrdersTableName"],
            archive=outputs["ArchiveBucketName"],
            quarantine=outputs["QuarantineBucketName"],
            failures=outputs["FailureBucketName"],
        )

    @property
    def ledger(self) -> DynamoLedger:
        """The function's own view of its tables; here it is only read."""
        return DynamoLedger(self.dynamodb, Tables(self.progress, self.metrics, self.orders), 0, 0, Patience(time.sleep))

    @property
    def reader(self) -> MetricsReader:
        """Of the metrics table."""
        return MetricsReader(self.dynamodb, self.metrics)

    def counted(self) -> dict[Item, Aggregate]:
        """Every metric that there is, each period merged over the shards as users read it."""
        periods: dict[str, list[int]] = {}
        for each in self._scan(self.metrics, ProjectionExpression=f"{layout.METRIC}, {layout.PERIOD_AND_SHARD}"):
            start = layout.period_start(each[layout.PERIOD_AND_SHARD]["S"])
            periods.setdefault(each[layout.METRIC]["S"], []).append(start)
        found: dict[Item, Aggregate] = {}
        for key, starts in periods.items():
            metric, _, dimension = key.partition("#")
            first, last = (datetime.fromtimestamp(each, UTC) for each in (min(starts), max(starts)))
            points = self.reader.series(metric, dimension=dimension, start=first, end=last + _MINUTE, step=_MINUTE)
            found |= {Item(metric, dimension, int(each.start.timestamp())): each.value for each in points}
        return found

    def stored_orders(self) -> list[tuple[str, bytes]]:
        """Id and content of each order."""
        return [(each[ORDER_ID]["S"], each["event"]["S"].encode()) for each in self._scan(self.orders)]

    def archived(self) -> Iterator[ArchivedEvent]:
        """Every line of the archive, repeated ones included."""
        decoder = msgspec.json.Decoder(ArchivedEvent)
        for body in self._objects(self.archive, ""):
            yield from decoder.decode_lines(gzip.decompress(body))

    def quarantined(self) -> Iterator[QuarantinedEvent]:
        """Every line of the quarantine, repeated ones included."""
        decoder = msgspec.json.Decoder(QuarantinedEvent)
        for body in self._objects(self.quarantine, QUARANTINE_PREFIX):
            yield from decoder.decode_lines(body)

    def given_up(self) -> int:
        """Objects in the failure bucket."""
        return len(list(self._objects(self.failures, "")))

    def _scan(self, table: str, **question: Any) -> Iterator[dict[str, Any]]:
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **question):
            yield from page["Items"]

    def _objects(self, bucket: str, prefix: str) -> Iterator[bytes]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for each in page.get("Contents", []):
                yield self.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
