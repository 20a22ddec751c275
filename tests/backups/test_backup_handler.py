"""The Backup function as its schedules call it: real adapters on an AWS in memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from lambdas.backups import backup
from lambdas.backups.contract import BackupSettings, Cadence, Metric, manifest_key, slot_id
from lambdas.backups.contract.records import Manifest
from lambdas.backups.workflow.working import Worker
from lambdas.common.settings import MissingSettingsError
from tests.backups.test_status_table import create_status
from tests.backups.world import DAILY, VOLUMES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_s3 import S3Client

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
POLICY = msgspec.structs.replace(DAILY, cadence=Cadence(every="day", at=f"{NOW - timedelta(hours=12):%H:%M}"))
"""No slot of it is due while the tests run."""
SETTINGS = BackupSettings(
    service="Backup",
    metrics_namespace="Test",
    status_table_name="status",
    vault_bucket_name="vault",
    reports_topic_arn="arn:aws:sns:us-east-1:123456789012:reports",
    volume_arn_prefix=VOLUMES,
    policies=(POLICY, msgspec.structs.replace(POLICY, name="weekly")),
    exporter="scan",
    lock=None,
    lease_seconds=360,
)
SLOT = {"policy": "daily", "slot": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
RUN = f"daily-{slot_id(NOW)}"
COUNTED = [Metric.BEGUN, Metric.CAUGHT_UP, Metric.GOOD, Metric.FAILED, Metric.DELETED, Metric.RETRIED]
MINUTE = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.scheduler",
    "account": "123456789012",
    "time": "2026-11-25T03:01:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/BackupSchedule"],
    "detail": "{}",
}
"""What EventBridge Scheduler sends where a schedule has no input."""


@dataclass(frozen=True)
class Context:
    seconds: float = 300.0
    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass
class Cloud:
    """A table, a bucket and a volume with the tag."""

    s3: S3Client
    dynamodb: DynamoDBClient
    ec2: EC2Client

    def __post_init__(self) -> None:
        create_status(self.dynamodb, "status")
        boto3.client("sns").create_topic(Name="reports")
        tags: Any = [{"Key": "backup", "Value": "daily"}]
        self.dynamodb.create_table(
            TableName="items",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            Tags=tags,
        )
        for number in range(3):
            self.dynamodb.put_item(TableName="items", Item={"id": {"S": str(number)}})
        for bucket in ("vault", "photos"):
            self.s3.create_bucket(Bucket=bucket)
        self.s3.put_bucket_tagging(Bucket="photos", Tagging={"TagSet": tags})
        self.s3.put_object(Bucket="photos", Key="a", Body=b"a")
        self.ec2.create_volume(
            AvailabilityZone="us-east-1a", Size=1, TagSpecifications=[{"ResourceType": "volume", "Tags": tags}]
        )

    def vault(self) -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket="vault").get("Contents", [])]

    def snapshots(self) -> list[Any]:
        return self.ec2.describe_snapshots(Filters=[{"Name": "tag-key", "Values": ["backup-run"]}])["Snapshots"]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """With a function that starts anew, and a logger that writes to this test."""
    environment = SETTINGS.to_env() | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "SERVICE": f"Service{Random().randrange(10**9)}",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    backup.runtime.cache_clear()
    with mock_aws():
        yield Cloud(boto3.client("s3"), boto3.client("dynamodb"), boto3.client("ec2"))
    backup.runtime.cache_clear()


def metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [each for each in map(json.loads, capsys.readouterr().out.splitlines()) if "_aws" in each]


def invoke(event: Any, times: int = 3) -> None:
    for _ in range(times):
        backup.handler(event, Context())


def test_a_slot_becomes_a_backup_of_each_resource(cloud: Cloud) -> None:
    invoke(SLOT)
    [made] = cloud.dynamodb.list_backups(TableName="items")["BackupSummaries"]
    assert made["BackupName"] == RUN
    [snapshot] = cloud.snapshots()
    assert snapshot["Tags"] == [{"Key": "backup-run", "Value": RUN}]
    [summary] = [key for key in cloud.vault() if key.endswith("manifest-summary.json")]
    assert summary.startswith(f"tables/items/{RUN}/AWSDynamoDB/")
    assert json.loads(cloud.s3.get_object(Bucket="vault", Key=summary)["Body"].read())["itemCount"] == 3
    manifest = cloud.s3.get_object(Bucket="vault", Key=manifest_key("photos", RUN))["Body"].read()
    assert msgspec.json.decode(manifest, type=Manifest).objects == 1


def test_a_slot_that_fires_twice_and_minutes_after_it_make_no_other(cloud: Cloud) -> None:
    invoke(SLOT)
    before = cloud.vault()
    invoke(SLOT)
    invoke(MINUTE)
    assert cloud.vault() == before
    assert len(cloud.snapshots()) == len(cloud.dynamodb.list_backups(TableName="items")["BackupSummaries"]) == 1


def test_metrics_tell_what_was_done(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    del cloud
    invoke(SLOT)
    totals: Counter[str] = Counter()
    for each in metrics(capsys):
        totals.update({metric: sum(each[metric]) for metric in COUNTED if metric in each})
    # The other policy found nothing, and begins at once, too.
    assert {name: count for name, count in totals.items() if count} == {Metric.BEGUN: 2, Metric.GOOD: 3}


def test_what_was_done_is_told_before_anything_else_is(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that an invocation that is killed later loses no alarm."""
    del cloud
    told: list[int] = []
    advance = Worker.advance

    def look(*arguments: Any) -> None:
        told.append(sum(sum(each.get(Metric.GOOD, [])) for each in metrics(capsys)))
        advance(*arguments)

    monkeypatch.setattr(Worker, "advance", look)
    backup.handler(SLOT, Context())
    assert sum(told) == 2, "of three resources the last one is told of later"


def test_the_age_of_each_policy_is_told_with_its_name(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del cloud
    monkeypatch.setattr("lambdas.backups.workflow.advancing._AGES_EVERY_MINUTES", 1)
    invoke(SLOT)
    ages = [each for each in metrics(capsys) if Metric.AGE in each]
    assert {each["policy"] for each in ages} == {"daily", "weekly"}
    [daily, *_] = [each for each in ages if each["policy"] == "daily"]
    assert 0 <= daily[Metric.AGE][0] < 1
    [directive] = daily["_aws"]["CloudWatchMetrics"]
    assert sorted(directive["Dimensions"][0]) == ["policy", "service"]


@pytest.mark.usefixtures("cloud")
def test_a_policy_that_is_not_configured_is_refused() -> None:
    with pytest.raises(backup.UnknownPolicyError, match="there is no policy 'hourly', only daily, weekly"):
        backup.handler({"policy": "hourly"}, Context())


@pytest.mark.usefixtures("cloud")
def test_a_slot_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="'tomorrow' is no time"):
        backup.handler({"policy": "daily", "slot": "tomorrow"}, Context())


def test_without_time_a_run_is_begun_but_nothing_is_made(cloud: Cloud) -> None:
    backup.handler(SLOT, Context(seconds=30))
    assert (cloud.vault(), cloud.snapshots()) == ([], [])
    invoke(MINUTE)
    assert [each for each in cloud.vault() if RUN in each]


def test_what_is_tried_again_is_logged(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    cloud.s3.delete_bucket(Bucket="vault")
    backup.handler(SLOT, Context())
    reasons = [vars(each)["reason"] for each in caplog.records if "reason" in vars(each)]
    assert any("NoSuchBucket" in reason for reason in reasons)


@pytest.mark.usefixtures("cloud")
def test_missing_settings_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VAULT_BUCKET_NAME")
    monkeypatch.setenv("POLICIES", '[{"name": "daily"}]')
    with pytest.raises(MissingSettingsError, match="VAULT_BUCKET_NAME is not set; POLICIES is malformed"):
        backup.handler(MINUTE, Context())
