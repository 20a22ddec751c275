"""A small run of the sample producers through the real workflow, over fakes of AWS."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, reduce
from importlib import import_module
from threading import Lock
from typing import Any
from unittest.mock import patch

import msgspec

from lambdas.common.calls import Patience
from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Aggregate, from_attributes
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.stream_analytics import contract
from lambdas.stream_analytics.adapters.ledger import DynamoLedger, Tables
from lambdas.stream_analytics.adapters.objects import S3Archive, S3Quarantine
from lambdas.stream_analytics.contract import ArchivedEvent, Limits, QuarantinedEvent
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.records import Batch, Record
from lambdas.stream_analytics.workflow.handling import Workflow
from local.use_cases.stream_analytics import producers
from local.use_cases.stream_analytics.journey import Found
from local.use_cases.stream_analytics.producers import EVENTS, MINUTES, Produced, produce
from tests.support.fake_aws import FakeDynamoDB, FakeS3, Outside
from tools.samples.base import Item

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
_FEW = 150
_TABLES = {
    "progress": (contract.SHARD_ID, contract.ENTRY),
    "metrics": (layout.METRIC, layout.PERIOD_AND_SHARD),
    "orders": (contract.ORDER_ID,),
}


class FakeKinesis:
    """A stream of two shards that throttles a part of the first call."""

    def __init__(self) -> None:
        self.shards: dict[str, list[Record]] = defaultdict(list)
        self._numbers = itertools.count(1)
        self._lock = Lock()
        self._throttles = True

    def put_records(self, *, Records: Sequence[Any], StreamName: str) -> Any:  # noqa: N803  boto's names
        assert StreamName == "events"
        with self._lock:
            throttled, self._throttles = self._throttles, False
            return {"Records": [self._put(each, throttled and at == 0) for at, each in enumerate(Records)]}

    def _put(self, record: Any, throttled: bool) -> Any:  # noqa: FBT001
        if throttled:
            return {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}
        shard_id = f"shardId-{zlib.crc32(record['PartitionKey'].encode()) % 2:012d}"
        number, arrived = str(next(self._numbers)), START.timestamp() + MINUTES * 60
        self.shards[shard_id].append(Record(number, record["Data"], arrived))
        return {"ShardId": shard_id, "SequenceNumber": number}


@cache
def ran() -> tuple[Produced, Found]:
    """What was put, and what the function has kept of it; not to be changed."""
    kinesis: Any = FakeKinesis()
    with patch.object(producers, "EVENTS", dict.fromkeys(EVENTS, _FEW)):
        produced = produce(kinesis, "events", START)
    outside = Outside()
    dynamodb: Any = FakeDynamoDB(outside, _TABLES)
    s3: Any = FakeS3(outside)
    recipes = [import_module(f"lambdas.stream_analytics.recipes.{name}").RECIPE for name in EVENTS]
    workflow = Workflow(
        analyzer=Analyzer(recipes, Limits(), b"key"),
        limits=Limits(),
        ledger=DynamoLedger(dynamodb, Tables("progress", "metrics", "orders"), 30, 100, Patience(lambda _: None)),
        archive=S3Archive(s3, "archive"),
        quarantine=S3Quarantine(s3, "quarantine"),
        index=None,
    )
    for shard_id, records in kinesis.shards.items():
        assert workflow.handle(Batch(shard_id, records)).failed is None
    return produced, _found(dynamodb, s3)


def _found(dynamodb: Any, s3: Any) -> Found:
    values: dict[Item, list[Aggregate]] = defaultdict(list)
    for each in dynamodb.items("metrics"):
        metric, _, dimension = each[layout.METRIC]["S"].partition("#")
        start = layout.period_start(each[layout.PERIOD_AND_SHARD]["S"])
        values[Item(metric, dimension, start)].append(from_attributes(each))
    archive, quarantine = msgspec.json.Decoder(ArchivedEvent), msgspec.json.Decoder(QuarantinedEvent)
    return Found(
        counted={item: reduce(lambda one, other: one.merge(other), each) for item, each in values.items()},
        archived=[
            line for body in s3.buckets["archive"].values() for line in archive.decode_lines(gzip.decompress(body))
        ],
        quarantined=[line for body in s3.buckets["quarantine"].values() for line in quarantine.decode_lines(body)],
        orders=[(each[contract.ORDER_ID]["S"], each["event"]["S"].encode()) for each in dynamodb.items("orders")],
        given_up=0,
    )


class Reader(MetricsReader):
    """Answers out of what was counted, instead of out of the table."""

    def __init__(self, counted: Mapping[Item, Aggregate]) -> None:
        super().__init__(None, "metrics")  # type: ignore[arg-type]  # never called
        self.counted = counted

    def _values(self, metric: str, dimension: str, start: datetime, end: datetime) -> Iterator[tuple[int, Aggregate]]:
        for item, value in sorted(self.counted.items(), key=lambda each: each[0].start):
            if item[:2] == (metric, dimension) and start.timestamp() <= item.start < end.timestamp():
                yield item.start, value
