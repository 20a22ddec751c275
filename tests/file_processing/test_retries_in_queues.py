"""The functions behind an in-memory SQS whose time passes as tests say: what failed comes soon, or is a dead letter."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.sqs import models

from lambdas.file_processing import extract, index, recognize
from lambdas.file_processing.contract import IndexSettings, Lane, LaneSettings, QueueSettings, RecognizeSettings
from lambdas.file_processing.contract.limits import IndexLimits, Limits
from lambdas.file_processing.runtime.clients import clients
from tests.events import s3, sqs
from tests.file_processing.conftest import Cloud

LONGEST = 4_500
HIDDEN = 5_400
WAITS = (20, 100, 500, 2_500)
"""At the most, each after the one before."""


class Context:
    aws_request_id = "request-1"


class Source:
    """Lambda's event source: hands messages of a queue to a function, and deletes what the answer does not name."""

    def __init__(self, cloud: Cloud, handler: Callable[[Any, Any], dict[str, Any]], *, fifo: bool) -> None:
        self.cloud, self.handler, self.now = cloud, handler, time.time()
        kind = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
        suffix = ".fifo" if fifo else ""
        dead = cloud.sqs.create_queue(QueueName=f"dead{suffix}", Attributes=kind)["QueueUrl"]  # type: ignore[arg-type]
        arn = cloud.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        work = {"VisibilityTimeout": str(HIDDEN), "RedrivePolicy": redrive, **kind}
        created = cloud.sqs.create_queue(QueueName=f"work{suffix}", Attributes=work)  # type: ignore[arg-type]
        self.url, cloud.queues["dead"] = created["QueueUrl"], dead
        self._group = {"MessageGroupId": "index"} if fifo else {}

    def send(self, body: str) -> None:
        self.cloud.sqs.send_message(QueueUrl=self.url, MessageBody=body, **self._group)  # type: ignore[arg-type]

    def deliver(self) -> list[str]:
        """Bodies of one batch, whatever became of them."""
        answer = self.cloud.sqs.receive_message(QueueUrl=self.url, AttributeNames=["All"], MaxNumberOfMessages=10)
        records = []
        for given in answer.get("Messages", []):
            count = int(given["Attributes"]["ApproximateReceiveCount"])
            handed = {"messageId": given["MessageId"], "receiptHandle": given["ReceiptHandle"]}
            records.append(sqs.message(given["Body"], receive_count=count) | handed)
        if records:
            named = self.handler(sqs.event(*records), Context())["batchItemFailures"]
            for each in records:
                if {"itemIdentifier": each["messageId"]} not in named:
                    self.cloud.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=each["receiptHandle"])
        return [each["body"] for each in records]


ARRIVAL = json.dumps(s3.notification(s3.record("ObjectCreated:Put", "inbox", "a", sequencer="1", version_id="v")))
WORK = json.dumps({"file_id": "f", "generation": "1-0"})
CHANGED = json.dumps({"file_id": "f"})
FUNCTIONS: dict[str, tuple[Any, str]] = {
    "recognize": (recognize, ARRIVAL),
    "lane": (extract, WORK),
    "index": (index, CHANGED),
}


def settings(name: str, cloud: Cloud, queue_url: str) -> QueueSettings:
    common: dict[str, Any] = {"service": name, "metrics_namespace": "Test", "catalog_table_name": "catalog"}
    common |= {"queue_url": queue_url, "longest_wait_seconds": LONGEST}
    if name == "index":
        return IndexSettings(products_bucket_name="products", limits=IndexLimits(), **common)
    common |= {"quarantine_bucket_name": "quarantine", "limits": Limits(), "keep_days": 30}
    common |= {"index_queue_url": cloud.queues["index"]}
    if name == "lane":
        return LaneSettings(products_bucket_name="products", **common)
    return RecognizeSettings(lane_queue_urls=dict.fromkeys(Lane, cloud.queues["lane"]), **common)


Start = Callable[..., Source]


@pytest.fixture
def start(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a function, with another queue's URL if that is given."""
    caches = (clients, *(module.runtime for module, _ in FUNCTIONS.values()))

    def started(name: str, queue_url: str | None = None) -> Source:
        source = Source(cloud, FUNCTIONS[name][0].handler, fifo=name == "index")
        for variable, value in settings(name, cloud, queue_url or source.url).to_env().items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(models, "unix_time_millis", lambda: source.now * 1_000)
        return source

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for cached in caches:
        cached.cache_clear()
    yield started
    for cached in caches:
        cached.cache_clear()


def outage(cloud: Cloud) -> None:
    cloud.dynamodb.delete_table(TableName="catalog")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_an_outage_kept_from_being_handled_comes_again_after_waits_that_grow(
    cloud: Cloud, start: Start, name: str
) -> None:
    source, body = start(name), FUNCTIONS[name][1]
    outage(cloud)
    source.send(body)
    assert source.deliver() == [body]
    for seconds in WAITS:
        source.now += 0.7 * seconds
        assert source.deliver() == [], f"it came before its {seconds} seconds were over"
        source.now += 0.4 * seconds
        assert source.deliver() == [body], f"it did not come after {seconds} seconds"
    source.now += HIDDEN
    assert source.deliver() == []
    assert cloud.messages("dead") == [body]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_can_never_be_handled_is_a_dead_letter_after_five_attempts(cloud: Cloud, start: Start, name: str) -> None:
    source, attempts = start(name), 0
    source.send("{}")
    while source.deliver():
        attempts += 1
        source.now += max(WAITS) + 1
    assert (attempts, cloud.messages("dead")) == (5, ["{}"])


def test_the_index_waits_no_longer_for_what_came_later(cloud: Cloud, start: Start) -> None:
    source = start("index")
    later = json.dumps({"file_id": "later"})
    outage(cloud)
    source.send(CHANGED)
    source.deliver()
    source.send(later)
    assert source.deliver() == [], "the group is held up"
    source.now += WAITS[0] + 1
    assert source.deliver() == [CHANGED, later]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_if_the_queue_cannot_be_told_its_own_time_holds(cloud: Cloud, start: Start, name: str) -> None:
    source, body = start(name, "https://sqs.us-east-1.amazonaws.com/123456789012/gone"), FUNCTIONS[name][1]
    outage(cloud)
    source.send(body)
    source.deliver()
    source.now += HIDDEN - 1
    assert source.deliver() == []
    source.now += 2
    assert source.deliver() == [body]
