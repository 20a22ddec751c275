"""A small run of the ETL demo through the real functions' code, over fakes of AWS."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

import boto3
from moto import mock_aws

from lambdas.common.calls import Patience
from lambdas.common.side_by_side import side_by_side
from lambdas.common.tables.read_model import layout
from lambdas.table_etl.adapters.files import S3Files
from lambdas.table_etl.adapters.lake import S3Lake
from lambdas.table_etl.adapters.lake_objects import S3LakeObjects
from lambdas.table_etl.adapters.merger import DuckMerger
from lambdas.table_etl.adapters.outlet import EventBridgeOutlet
from lambdas.table_etl.adapters.quarantine import S3Quarantine
from lambdas.table_etl.adapters.read_model import DynamoReadModel
from lambdas.table_etl.contract import Limits, Task, event_source
from lambdas.table_etl.domain.changes import StreamChange
from lambdas.table_etl.domain.history.files import Dropped
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.pipelines.orders import PIPELINE
from lambdas.table_etl.workflow.backfilling import Backfiller
from lambdas.table_etl.workflow.compacting import Compactor
from lambdas.table_etl.workflow.loading import Loader
from lambdas.table_etl.workflow.planning import Planner
from local.use_cases.table_etl.journey import Found, numbered, plan
from local.use_cases.table_etl.lake import Lake
from local.use_cases.table_etl.producers import drop, write
from local.use_cases.table_etl.shop import Key, plain
from local.use_cases.table_etl.store import Store
from local.use_cases.table_etl.subscriber import Subscriber
from local.use_cases.table_etl.tally import Tally
from tests.support.fake_aws import FakeDynamoDB, FakeEvents, FakeS3, Outside

TODAY = date(2026, 11, 25)
_FEW = 600
_CREDENTIALS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
_BATCH = 200
_ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/shop/stream/2026-11-25T10:00:00.000"


class Ran(NamedTuple):
    """What was put, and what is in the targets; not to be changed."""

    told: Tally
    found: Found
    lake: Lake
    store: Store
    copies: TemporaryDirectory[str]
    """Of the lake; they are there as long as this."""


@cache
def ran() -> Ran:
    """One run, its history loaded after half of the changes."""
    outside, source = Outside(), Source()
    dynamodb, s3, events = ReadModel(outside), PagedS3(outside), FakeEvents(outside)
    store = _store(dynamodb, s3)
    changes, history = plan(TODAY, _FEW)
    write(source, "source", changes, sleep=lambda _: None)  # type: ignore[arg-type]
    loader = _loader(dynamodb, s3, events)
    with patch.dict(os.environ, _CREDENTIALS), mock_aws():
        files: Any = boto3.client("s3")
        files.create_bucket(Bucket="backfill")
        files.put_bucket_versioning(Bucket="backfill", VersioningConfiguration={"Status": "Enabled"})
        dropped = drop(boto3.client("dynamodb"), files, "backfill", history)
        loading = [StreamChange.of(record) for record in source.records]
        half = len(loading) // 2
        _load(loader, loading[:half])
        _backfill(files, loader, s3)
        _load(loader, loading[half:])
    objects = S3LakeObjects(s3, "lake")  # type: ignore[arg-type]
    hour, now = timedelta(hours=1), datetime(2026, 11, 25, tzinfo=UTC)
    assert not Compactor(PIPELINE.flows, objects, DuckMerger(256), 10**6, hour, lambda: now).run(lambda: 900.0).errors
    copies = TemporaryDirectory()
    lake = Lake.copied(s3, "lake", Path(copies.name))  # type: ignore[arg-type]
    told = Tally(changes, list(numbered(changes, source.stream())), history, dropped)
    return Ran(told, Found.of(store, lake, _subscriber(events)), lake, store, copies)


def _loader(dynamodb: Any, s3: Any, events: Any) -> Loader:
    patience = Patience(lambda _: None)
    targets: list[Any] = [
        S3Lake(s3, "lake"),
        DynamoReadModel(dynamodb, "read-model", patience, side_by_side),
        EventBridgeOutlet(events, "bus", event_source("orders"), patience, side_by_side),
    ]
    return Loader(Transformer(PIPELINE, Limits()), targets, S3Quarantine(s3, "quarantine"))


def _load(loader: Loader, changes: Sequence[StreamChange]) -> None:
    for at in range(0, len(changes), _BATCH):
        loader.load(changes[at : at + _BATCH], TODAY)


def _backfill(client: Any, loader: Loader, s3: Any) -> None:
    files, tasks = S3Files(client), list[Task]()
    planner = Planner(files, SimpleNamespace(send=tasks.extend), S3Quarantine(s3, "quarantine"))
    for each in client.list_object_versions(Bucket="backfill")["Versions"]:
        planner.plan(Dropped("backfill", each["Key"], each["VersionId"], each["LastModified"], each["Size"]))
    for task in tasks:
        Backfiller(files, loader).load(task)


def _subscriber(events: FakeEvents) -> Subscriber:
    """Who has got every event, as the bus delivers it."""
    subscriber = Subscriber(None, "queue")  # type: ignore[arg-type]  # never asked
    for each in events.events:
        subscriber.keep({"detail-type": each["DetailType"], "detail": json.loads(each["Detail"])})
    return subscriber


def _store(dynamodb: Any, s3: Any) -> Store:
    nobody: Any = None
    queue = {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}
    sqs: Any = SimpleNamespace(get_queue_attributes=lambda **_: {"Attributes": queue})
    return Store(
        dynamodb=dynamodb,
        streams=nobody,
        s3=s3,
        sqs=sqs,
        functions=nobody,
        source="source",
        read_model="read-model",
        lake="lake",
        backfill="backfill",
        quarantine="quarantine",
        failures="failures",
        bus="bus",
        compact_function="compact",
        queues={"files that wait to be loaded": "tasks"},
    )


class Source:
    """The source table: takes batches, at first only in part, and tells each change in its stream."""

    def __init__(self) -> None:
        self.items: dict[Key, Any] = {}
        self.records: list[Any] = []
        self._throttles = True

    def batch_write_item(self, *, RequestItems: Any) -> Any:  # noqa: N803  boto3's names
        ((table, requests),) = RequestItems.items()
        keys = [_key_of(each) for each in requests]
        assert 1 <= len(requests) <= 25
        assert len(set(keys)) == len(keys), "DynamoDB refuses repeated keys"
        taken = len(requests) // 2 if self._throttles else len(requests)
        self._throttles = not self._throttles and len(self.records) < 100
        for key, request in zip(keys[:taken], requests, strict=False):
            self._write(key, request.get("PutRequest", {}).get("Item"))
        left = requests[taken:]
        return {"UnprocessedItems": {table: left} if left else {}}

    def _write(self, key: Key, item: Any) -> None:
        old = self.items.pop(key, None)
        change: dict[str, Any] = {
            "Keys": {"pk": {"S": key[0]}, "sk": {"S": key[1]}},
            "SequenceNumber": str(10**20 + len(self.records)),
        }
        if item:
            self.items[key] = item
        for name, image in (("OldImage", old), ("NewImage", item)):
            if image:
                change[name] = _streamed({"M": image})["M"]
        kind = "REMOVE" if not item else "MODIFY" if old else "INSERT"
        self.records.append({"eventName": kind, "eventSourceARN": _ARN, "dynamodb": change})

    def stream(self) -> Iterator[tuple[Key, str]]:
        """Key and sequence number of each change."""
        for record in self.records:
            change = record["dynamodb"]
            yield (change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]), change["SequenceNumber"]


def _key_of(request: Any) -> Key:
    ((kind, content),) = request.items()
    key = content["Item" if kind == "PutRequest" else "Key"]
    return key["pk"]["S"], key["sk"]["S"]


def _streamed(typed: Any) -> Any:
    """As Lambda hands it over: binary values in base64, numbers without needless zeros."""
    ((kind, value),) = typed.items()
    of: dict[str, Callable[[Any], Any]] = {
        "B": lambda each: b64encode(each).decode(),
        "N": lambda each: plain(Decimal(each)),
    }
    match kind:
        case "M":
            return {kind: {name: _streamed(each) for name, each in value.items()}}
        case "L":
            return {kind: [_streamed(each) for each in value]}
        case "BS" | "NS":
            return {kind: [of[kind[0]](each) for each in value]}
    return {kind: of.get(kind, lambda each: each)(value)}


class ReadModel(FakeDynamoDB):
    """The read model, with its index and with paginators."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside, {"read-model": (layout.PARTITION, layout.SORT)})

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **question: [getattr(self, name)(**question)])

    def scan(self, **_: Any) -> Any:
        return {"Items": self.items("read-model")}

    def query(self, **question: Any) -> Any:
        if "IndexName" not in question:
            return super().query(**question)
        view = question["ExpressionAttributeValues"][":view"]
        found = [item for item in self.items("read-model") if item.get(layout.VIEW) == view]
        found.sort(key=lambda item: item[layout.VIEW_SORT]["S"], reverse=not question["ScanIndexForward"])
        return {"Items": found[: question["PaginationConfig"]["MaxItems"]]}


class PagedS3(FakeS3):
    """Buckets with paginators."""

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **question: [getattr(self, name)(**question)])
