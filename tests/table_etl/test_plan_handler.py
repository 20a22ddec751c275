"""The Plan function as S3 calls it, with real adapters on an in-memory AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from lambdas.common.settings import MissingSettingsError
from lambdas.table_etl import plan
from lambdas.table_etl.contract import Form, Metric, PlanSettings, Quarantined, ReasonCode
from lambdas.table_etl.domain.history.files import MalformedEventError, tasked
from tests.events import s3 as s3_events
from tests.table_etl.fake_files import SUMMARY, Slice


@dataclass(frozen=True)
class Context:
    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


@dataclass
class Cloud:
    """A bucket, a queue and quarantine."""

    s3: Any
    sqs: Any
    url: str

    def drop(self, key: str, content: bytes) -> dict[str, Any]:
        """Puts a file into the bucket, and tells of it as S3 does."""
        version_id = self.s3.put_object(Bucket="backfill", Key=key, Body=content)["VersionId"]
        record = s3_events.record("ObjectCreated:Put", "backfill", key, sequencer="01", version_id=version_id)
        return s3_events.notification(record)

    def tasks(self) -> list[Any]:
        """What is in the queue."""
        messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        return [tasked({"body": each["Body"]}) for each in messages]

    def quarantined(self) -> list[Quarantined]:
        """What is in quarantine."""
        keys = [each["Key"] for each in self.s3.list_objects_v2(Bucket="quarantine").get("Contents", [])]
        bodies = [self.s3.get_object(Bucket="quarantine", Key=key)["Body"].read() for key in keys]
        return [line for body in bodies for line in msgspec.json.Decoder(Quarantined).decode_lines(body)]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    plan.runtime.cache_clear()
    with mock_aws():
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        for bucket in ("backfill", "quarantine"):
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket="backfill", VersioningConfiguration={"Status": "Enabled"})
        url = sqs.create_queue(QueueName="tasks")["QueueUrl"]
        settings = PlanSettings(
            service="Plan", metrics_namespace="Test", tasks_queue_url=url, quarantine_bucket_name="quarantine"
        )
        for name, value in settings.to_env().items():
            monkeypatch.setenv(name, value)
        yield Cloud(s3, sqs, url)
    plan.runtime.cache_clear()


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in capsys.readouterr().out.splitlines():
        content = json.loads(line)
        if "_aws" in content:
            found |= content
    return found


def test_a_file_is_planned_and_counted(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    plan.handler(cloud.drop("old orders/2025.csv", b"id\n1\n"), Context())
    [task] = cloud.tasks()
    assert (task.key, task.form) == ("old orders/2025.csv", Form.CSV)
    told = metrics(capsys)
    assert (told[Metric.FILES], told[Metric.FILES_REJECTED]) == ([1], [0])


def test_a_file_of_another_kind_is_in_quarantine_and_counted(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    plan.handler(cloud.drop("orders.zip", b"PK"), Context())
    assert [line.reason for line in cloud.quarantined()] == [ReasonCode.UNSUPPORTED_FILE]
    told = metrics(capsys)
    assert (told[Metric.FILES], told[Metric.FILES_REJECTED]) == ([0], [1])


def test_an_export_is_planned_by_its_summary(cloud: Cloud) -> None:
    export = Slice()
    export.export(("a", [b"{}"]), ("b", [b"{}", b"{}"]))
    events = {key: cloud.drop(key, content) for (key, version), content in export.bucket.versions.items() if version}
    plan.handler(events[SUMMARY], Context())
    assert {(task.form, task.version_id) for task in cloud.tasks()} == {(Form.EXPORT, "")}


def test_another_event_is_raised_so_that_it_ends_in_the_failure_queue(cloud: Cloud) -> None:  # noqa: ARG001
    with pytest.raises(MalformedEventError):
        plan.handler({"detail-type": "Object Created"}, Context())


def test_missing_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TASKS_QUEUE_URL", raising=False)
    plan.runtime.cache_clear()
    with pytest.raises(MissingSettingsError, match="TASKS_QUEUE_URL"):
        plan.handler(s3_events.notification(), Context())
