"""The Backfill function as Lambda calls it with messages of the tasks queue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from lambdas.common.observability import Observability
from lambdas.common.settings import MissingSettingsError
from lambdas.table_etl import backfill
from lambdas.table_etl.contract import Form, Limits, LoadSettings, Metric, Targets, Task
from lambdas.table_etl.domain.history.files import MalformedEventError
from tests.events import sqs
from tests.support.fake_aws import Fault
from tests.table_etl.fake_files import Slice
from tests.table_etl.filing import order_line, task

SETTINGS = LoadSettings(
    service="Backfill",
    metrics_namespace="Test",
    pipeline="orders",
    limits=Limits(),
    targets=Targets(lake_bucket_name="lake"),
    quarantine_bucket_name="quarantine",
)


@dataclass(frozen=True)
class Context:
    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Slice:
    """The function over fakes, with a file that has two orders and a bad row."""
    world = Slice()
    world.bucket.drop("old/orders", order_line(1) + b"\nbad\n" + order_line(2))
    runtime = backfill.Runtime(Observability(SETTINGS), world.backfiller)
    monkeypatch.setattr(backfill, "runtime", lambda: runtime)
    return world


def handle(*bodies: str) -> dict[str, Any]:
    return backfill.handler(sqs.event(*map(sqs.message, bodies)), Context())


def body(key: str = "old/orders") -> str:
    return msgspec.json.encode(task(key=key)).decode()


def test_a_file_is_loaded_and_counted(world: Slice, capsys: pytest.CaptureFixture[str]) -> None:
    assert handle(body()) == {"batchItemFailures": []}
    assert len(world.target.versions) == 2
    assert len(world.quarantined()) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    counts = {name: told[0][name] for name in (Metric.ROWS, Metric.LOADED, Metric.REJECTED, Metric.REJECTED_SHARE)}
    assert counts == {
        Metric.ROWS: [3],
        Metric.LOADED: [2],
        Metric.REJECTED: [1],
        Metric.REJECTED_SHARE: [100 / 3],
    }


def test_a_file_that_cannot_be_loaded_for_now_comes_again(world: Slice, capsys: pytest.CaptureFixture[str]) -> None:
    world.outside.decide = lambda name: Fault.THROTTLED if name == "Load" else Fault.NONE
    message = sqs.message(body())
    answer = backfill.handler(sqs.event(message), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert told[0][Metric.RETRIED] == [1]


def test_one_file_that_fails_does_not_hold_up_the_next(world: Slice) -> None:
    fails = iter([Fault.THROTTLED])
    world.outside.decide = lambda name: next(fails, Fault.NONE) if name == "GetObject" else Fault.NONE
    world.bucket.drop("old/more", order_line(3))
    failed = handle(body(), body("old/more"))["batchItemFailures"]
    assert [each["itemIdentifier"] for each in failed] == [sqs.message(body())["messageId"]]
    assert [each.key.rsplit("#", 1)[1] for [each] in world.target.batches] == ['o-3"]']


WITHOUT_ZONE = json.dumps(msgspec.to_builtins(task()) | {"moment": "2026-11-25T12:00:00"})


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"bucket":"b"}', WITHOUT_ZONE], ids=repr)
@pytest.mark.usefixtures("world")
def test_a_message_that_is_no_task_is_raised_so_that_it_ends_in_the_dead_letter_queue(text: str) -> None:
    with pytest.raises(MalformedEventError, match=sqs.message(text)["messageId"]):
        handle(text)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An in-memory AWS, and a function that starts anew."""
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    backfill.runtime.cache_clear()
    with mock_aws():
        s3 = boto3.client("s3")
        for bucket in ("backfill", "lake", "quarantine"):
            s3.create_bucket(Bucket=bucket)
        yield s3
    backfill.runtime.cache_clear()


def test_a_file_gets_from_the_bucket_into_the_lake(cloud: Any) -> None:
    cloud.put_object(Bucket="backfill", Key="AWSDynamoDB/1/data/a.json", Body=b"\n".join(map(order_line, range(3))))
    loaded = Task(
        bucket="backfill",
        key="AWSDynamoDB/1/data/a.json",
        version_id="",
        form=Form.JSON,
        gzip=False,
        moment=task().moment,
    )
    assert handle(msgspec.json.encode(loaded).decode()) == {"batchItemFailures": []}
    [staged] = cloud.list_objects_v2(Bucket="lake")["Contents"]
    assert staged["Key"].startswith("staged/orders/day=2026-11-25/")


def test_missing_settings_are_named(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.delenv("PIPELINE")
    with pytest.raises(MissingSettingsError, match="PIPELINE"):
        handle(body())
