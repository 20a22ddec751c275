"""The Measure function in an in-memory AWS: logs in, metrics that the common reader finds, and bad lines kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from lambdas.common.observability import InvocationContext
from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Aggregate, Count
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.file_processing import measure, recognize
from lambdas.file_processing.contract import Lane, MeasureSettings, RecognizeSettings
from lambdas.file_processing.contract.access_logs import BAD_LINES, AccessMetric
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.tables import PARTITION, SORT
from lambdas.file_processing.runtime.clients import clients
from tests.events import s3, sqs

KEY = "shop/access.log"
START = datetime(2026, 10, 10, 13, tzinfo=UTC)
LINE = b'h - - [10/Oct/2026:13:00:36 +0000] "GET /a HTTP/1.1" 200 10\n'


class Context:
    aws_request_id = "request-1"


class Cloud:
    """Buckets, tables, queues, and two functions."""

    def __init__(self) -> None:
        aws = clients()
        self.s3, self.sqs, self.dynamodb = aws.s3, aws.sqs, aws.dynamodb
        for bucket in ("inbox", "products", "quarantine"):
            self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_versioning(Bucket="inbox", VersioningConfiguration={"Status": "Enabled"})
        self._table("catalog", PARTITION, SORT)
        self._table("metrics", layout.METRIC, layout.PERIOD_AND_SHARD)
        for queue in ("measure", "index.fifo"):
            self.sqs.create_queue(QueueName=queue, Attributes={"FifoQueue": "true"} if "fifo" in queue else {})
        self.uploads = 0

    def _table(self, name: str, partition: str, sort: str) -> None:
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": partition, "KeyType": "HASH"},
                {"AttributeName": sort, "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (partition, sort)],
        )

    def upload(self, content: bytes) -> None:
        """A version of the log arrives and is recognised."""
        self.uploads += 1
        version_id = self.s3.put_object(Bucket="inbox", Key=KEY, Body=content)["VersionId"]
        record = s3.record("ObjectCreated:Put", "inbox", KEY, sequencer=f"{self.uploads:06X}", version_id=version_id)
        answer = recognize.handler(sqs.event(sqs.message(json.dumps(s3.notification(record)))), _CONTEXT)
        assert answer == {"batchItemFailures": []}

    def measure(self, times: int = 1) -> None:
        """The lane's messages are delivered, each as often as that."""
        while messages := self.sqs.receive_message(QueueUrl=QUEUES[Lane.MEASURE]).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=QUEUES[Lane.MEASURE], ReceiptHandle=message["ReceiptHandle"])
                for _ in range(times):
                    answer = measure.handler(sqs.event(sqs.message(message["Body"])), _CONTEXT)
                    assert answer == {"batchItemFailures": []}

    def total(self, metric: AccessMetric) -> Aggregate | None:
        """Of the log's site."""
        return MetricsReader(self.dynamodb, "metrics").total(metric, START, START + timedelta(hours=1), "shop/")

    def keys(self, bucket: str) -> list[str]:
        """Of all objects."""
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


_CONTEXT: InvocationContext = Context()
QUEUES = {lane: f"https://sqs.us-east-1.amazonaws.com/123456789012/{lane}" for lane in Lane}
SHARED: dict[str, Any] = {
    "service": "FileProcessing",
    "metrics_namespace": "FileProcessing",
    "longest_wait_seconds": 4_500,
    "queue_url": "",
    "quarantine_bucket_name": "quarantine",
    "catalog_table_name": "catalog",
    "index_queue_url": "https://sqs.us-east-1.amazonaws.com/123456789012/index.fifo",
    "limits": Limits(),
    "keep_days": 30,
}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    recognizing = RecognizeSettings(lane_queue_urls=QUEUES, **SHARED)
    measuring = MeasureSettings(
        products_bucket_name="products", metrics_table_name="metrics", metrics_days=400, **SHARED
    )
    credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "testing")
    environment = recognizing.to_env() | measuring.to_env() | credentials | {"AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    cached = (clients, measure.runtime, recognize.runtime)
    for each in cached:
        each.cache_clear()
    with mock_aws():
        yield Cloud()
    for each in cached:
        each.cache_clear()


def test_a_log_counts_once_however_often_its_message_comes(cloud: Cloud) -> None:
    cloud.upload(gzip.compress(LINE * 7))
    cloud.measure(times=3)
    assert cloud.total(AccessMetric.REQUESTS) == Count(7)


def test_a_new_version_takes_the_place_of_the_old_one(cloud: Cloud) -> None:
    cloud.upload(LINE * 7)
    cloud.measure()
    cloud.upload(LINE * 2)
    cloud.measure(times=2)
    assert cloud.total(AccessMetric.REQUESTS) == Count(2)


def test_a_version_that_is_no_log_takes_the_metrics_away(cloud: Cloud) -> None:
    cloud.upload(LINE * 7)
    cloud.measure()
    cloud.upload(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    cloud.measure()
    assert cloud.total(AccessMetric.REQUESTS) is None


def test_lines_that_cannot_be_read_are_kept_in_quarantine(cloud: Cloud) -> None:
    cloud.upload(LINE + b"junk\n")
    cloud.measure()
    (key,) = cloud.keys("quarantine")
    assert key.endswith(f"/{BAD_LINES}")
    content = gzip.decompress(cloud.s3.get_object(Bucket="quarantine", Key=key)["Body"].read())
    assert json.loads(content)["raw"] == "junk"
