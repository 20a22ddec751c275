"""The real functions of backups on moto's AWS, for the demo's chapters; tests spoil what they see of it."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.backups import backup, restore_check
from lambdas.backups.contract import ENTRY, PARTITION, BackupSettings, RestoreCheckSettings
from local.use_cases.backups import samples
from local.use_cases.backups.samples import Samples, make
from local.use_cases.backups.visit import Visit
from stacks.backups.config import BackupsConfig

STATUS, VAULT, REGION = "status", "vault", "us-east-1"
FUNCTIONS = {"Backup": backup, "RestoreCheck": restore_check}


class Cloud:
    """As much of `local.cloud.Cloud` as a visit needs; what tests spoil are its fields."""

    endpoint = "http://127.0.0.1:4566"

    def __init__(self, topic_arn: str) -> None:
        self.outputs = {
            "Backups": {
                "VaultBucketName": VAULT,
                "BackupStatusTableName": STATUS,
                "BackupFunctionName": "Backup",
                "RestoreCheckFunctionName": "RestoreCheck",
                "ReportsTopicArn": topic_arn,
            }
        }
        self.environment: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        """That functions answer, instead of what they do."""
        self._turn = threading.Lock()

    def client(self, service: str) -> Any:
        """Of boto3; that of Lambda calls the handlers."""
        if service == "lambda":
            return SimpleNamespace(invoke=self._invoke)
        return boto3.client(service, region_name=REGION)

    def _invoke(self, **question: Any) -> dict[str, Any]:
        """One at a time: moto is not made for threads."""
        name = question["FunctionName"]
        if name in self.errors:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(self.errors[name].encode())}
        context = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 900_000)
        with self._turn:
            FUNCTIONS[name].handler(json.loads(question["Payload"]), context)
        return {"Payload": io.BytesIO(b"null")}


@contextmanager
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Fewer items than the demo has, since moto takes its time."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(samples, "MANY", 30)
    monkeypatch.setattr(samples, "MARKERS", 20)
    monkeypatch.setattr(samples, "OBJECTS", 15)
    with mock_aws():
        cloud = Cloud(boto3.client("sns").create_topic(Name="reports")["TopicArn"])
        boto3.client("s3").create_bucket(Bucket=VAULT)
        boto3.client("s3").put_bucket_versioning(Bucket=VAULT, VersioningConfiguration={"Status": "Enabled"})
        _status_table()
        for name, value in _environment(cloud).items():
            monkeypatch.setenv(name, value)
        for module in FUNCTIONS.values():
            module.runtime.cache_clear()
        yield cloud
    for module in FUNCTIONS.values():
        module.runtime.cache_clear()


def _status_table() -> None:
    boto3.client("dynamodb").create_table(
        TableName=STATUS,
        KeySchema=[{"AttributeName": PARTITION, "KeyType": "HASH"}, {"AttributeName": ENTRY, "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (PARTITION, ENTRY)],
        BillingMode="PAY_PER_REQUEST",
    )


def _environment(cloud: Cloud) -> dict[str, str]:
    config = BackupsConfig(point_in_time=False)
    told: Any = {
        "service": "Backups",
        "metrics_namespace": "Backups",
        "status_table_name": STATUS,
        "vault_bucket_name": VAULT,
        "reports_topic_arn": cloud.outputs["Backups"]["ReportsTopicArn"],
        "lease_seconds": 960,
    }
    backing_up = BackupSettings(
        volume_arn_prefix=f"arn:aws:ec2:{REGION}:123456789012:volume/",
        policies=config.policies,
        exporter="scan",
        lock=None,
        **told,
    )
    return (
        backing_up.to_env()
        | RestoreCheckSettings(cadence=config.check, restore_from="on_demand_backup", **told).to_env()
    )


def visited(cloud: Any) -> tuple[Visit, Samples]:
    """A visit, and what it has made."""
    visit = Visit.of(cloud)
    return visit, make(visit)
