"""The Compact function as a schedule calls it: real adapters and DuckDB on an in-memory S3."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from lambdas.common.settings import MissingSettingsError
from lambdas.table_etl import compact
from lambdas.table_etl.contract import (
    UNDATED,
    CompactSettings,
    Metric,
    StagedRow,
    live_version,
    pointer_key,
    staged_key,
)
from tests.table_etl.compacting import parquet

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SETTINGS = CompactSettings(
    service="Compact",
    metrics_namespace="Test",
    pipeline="orders",
    lake_bucket_name="lake",
    max_memory_mb=256,
    max_chunk_bytes=10**6,
    grace_hours=24,
)


@dataclass(frozen=True)
class Context:
    seconds: float = 900.0
    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Client]:
    """An empty lake, and a function that starts anew, with a logger that writes to this test."""
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "SERVICE": f"Service{Random().randrange(10**9)}",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    compact.runtime.cache_clear()
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        yield client
    compact.runtime.cache_clear()


def stage(s3: S3Client, name: str, customer: str, row: bytes) -> int:
    """A customer; returns the object's size."""
    staged = StagedRow(f'["customer#{customer}","profile"]', live_version("7"), UNDATED, msgspec.Raw(row))
    body = gzip.compress(msgspec.json.encode(staged))
    s3.put_object(Bucket="lake", Key=staged_key("customers", date(2026, 11, 25), name), Body=body)
    return len(body)


def ada(customer: str = "c-1") -> bytes:
    row = {"customer_id": customer, "name": "Ada", "country": "GB", "region": "UK", "since": "2024-02-29"}
    return json.dumps(row | {"marketing": False}).encode()


def keys(s3: S3Client, prefix: str) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])]


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    [found] = [each for each in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in each]
    return dict(found)


def test_what_is_staged_becomes_parquet_that_the_pointer_names(s3: S3Client) -> None:
    stage(s3, "b", "c-2", ada("c-2"))
    stage(s3, "a", "c-1", ada())
    compact.handler({"any": "payload"}, Context())
    pointer = s3.get_object(Bucket="lake", Key=pointer_key("customers", UNDATED))["Body"].read().decode()
    assert pointer.startswith("s3://lake/rows/customers/day=all/")
    assert pointer.endswith("/rows.parquet\n")
    rows = parquet(s3.get_object(Bucket="lake", Key=pointer.strip().removeprefix("s3://lake/"))["Body"].read())
    assert [(each["customer_id"], each["since"], each["marketing"]) for each in rows] == [
        ("c-1", date(2024, 2, 29), False),
        ("c-2", date(2024, 2, 29), False),
    ]
    assert keys(s3, "staged/") == []


def test_metrics_tell_what_was_merged(s3: S3Client, capsys: pytest.CaptureFixture[str]) -> None:
    size = stage(s3, "a", "c-1", ada()) + stage(s3, "b", "c-2", ada("c-2"))
    compact.handler(None, Context())
    found = metrics(capsys)
    expected = {Metric.COMPACTED: 2, Metric.COMPACTED_BYTES: size, Metric.STAGED: 0, Metric.STAGED_AGE: 0}
    assert {name: found[name] for name in expected} == {name: [value] for name, value in expected.items()}
    assert found[Metric.COMPACTION_TIME][0] > 0


def test_without_time_nothing_is_begun_and_metrics_tell_what_is_left(
    s3: S3Client, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(s3, "a", "c-1", ada())
    compact.handler(None, Context(seconds=60))
    found = metrics(capsys)
    assert (found[Metric.COMPACTED], found[Metric.STAGED]) == ([0], [1])
    assert found[Metric.STAGED_AGE][0] >= 0
    assert len(keys(s3, "staged/")) == 1
    assert keys(s3, "tables/") == []


def test_what_cannot_be_merged_fails_the_invocation_after_all_else_is_done(
    s3: S3Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_CHUNK_BYTES", "1")
    stage(s3, "a", "c-1", b'{"since":"no date"}')
    stage(s3, "b", "c-2", ada("c-2"))
    with pytest.raises(ExceptionGroup) as raised:
        compact.handler(None, Context())
    assert "no date" in str(raised.value.exceptions)
    assert (metrics(capsys)[Metric.COMPACTED], len(keys(s3, "staged/"))) == ([1], 1)


def test_missing_settings_are_listed(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.delenv("LAKE_BUCKET_NAME")
    monkeypatch.delenv("GRACE_HOURS")
    with pytest.raises(MissingSettingsError, match="LAKE_BUCKET_NAME is not set; GRACE_HOURS is not set"):
        compact.handler(None, Context())
