"""Tables, exports, volumes and snapshots in an AWS in memory that speaks its own protocols."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto import mock_aws

from lambdas.backups import backup
from lambdas.backups.adapters.exports import DynamoExports, ScanExports
from lambdas.backups.adapters.tables import DynamoBackups, DynamoTables
from lambdas.backups.adapters.volumes import Ec2Snapshots, Ec2Volumes
from lambdas.backups.contract.records import Kind, Resource, Work
from lambdas.backups.ports import Exported, RefusedError
from lambdas.common.failures import UnavailableError
from tests.backups.world import ITEMS, VOLUMES
from tests.support.aws import Calls, CutOffError

INSTANT = datetime(2026, 11, 25, 3, 0, 7, tzinfo=UTC)
TAGGED: Any = [{"Key": "backup", "Value": "daily"}]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="vault")
        yield


def create_table(name: str, tags: Any = ()) -> Any:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        Tags=list(tags),
    )
    for number in range(3):
        dynamodb.put_item(TableName=name, Item={"id": {"S": str(number)}, "data": {"B": b"\x00"}})
    return dynamodb


# --- tables ---------------------------------------------------------------------------------------------------------


def test_tables_are_found_by_their_tag_page_by_page_but_no_scratch_tables() -> None:
    for number in range(50):
        create_table(f"t{number:02}", TAGGED if number % 2 else [{"Key": "backup", "Value": "weekly"}])
    dynamodb = create_table("restore-check-20261125T0300Z-0123456789ab", TAGGED)
    found: list[Resource] = []
    after, looks = None, 0
    while looks == 0 or after:
        looked = DynamoTables(dynamodb).look("daily", after)
        found, after, looks = [*found, *looked.found], looked.after, looks + 1
    assert [each.arn.rpartition("/")[2] for each in found] == [f"t{number:02}" for number in range(1, 50, 2)]
    assert {each.kind for each in found} == {Kind.TABLE}
    assert looks == 2


def test_backups_are_found_by_their_name_oldest_first_until_they_are_deleted() -> None:
    create_table("others")
    dynamodb = create_table("items")
    backups = DynamoBackups(dynamodb, dynamodb)
    first, other, second = (backups.create("items", name) for name in ("run", "other", "run"))
    backups.create("others", "run")
    assert backups.available(first)
    assert sorted(backups.find("items", "run")) == sorted([first, second])
    backups.delete(first)
    backups.delete(first)
    assert backups.find("items", "run") == [second]
    assert backups.find("items", "other") == [other]
    with pytest.raises(RefusedError, match="was deleted"):
        backups.available(first)


def test_no_backup_is_made_of_a_table_that_is_gone() -> None:
    dynamodb = boto3.client("dynamodb")
    with pytest.raises(RefusedError, match="there is no table items any longer"):
        DynamoBackups(dynamodb, dynamodb).create("items", "run")


MAKERS: list[tuple[Any, Callable[[Any], object]]] = [
    ("dynamodb", lambda client: DynamoBackups(client, client).create("items", "run")),
    ("ec2", lambda client: Ec2Snapshots(client, client).create("vol-1", "run")),
]


@pytest.mark.parametrize(("service", "make"), MAKERS)
def test_what_would_make_another_one_is_not_repeated_when_its_answer_is_lost(
    service: Any, make: Callable[[Any], object]
) -> None:
    sent: list[str] = []

    def lose(**_: Any) -> None:
        sent.append(service)
        raise ReadTimeoutError(endpoint_url="https://aws.example.com")

    client: Any = boto3.client(service, config=backup._ONCE)
    client.meta.events.register_first(f"before-send.{service}", lose)
    with pytest.raises(UnavailableError):
        make(client)
    assert sent == [service]


# --- exports --------------------------------------------------------------------------------------------------------


def work(export_arn: str) -> Work:
    return Work(policy="daily", slot="20261125T0300Z", kind=Kind.TABLE, resource=ITEMS, export_arn=export_arn)


def test_a_table_without_point_in_time_recovery_is_refused_until_it_is_switched_on() -> None:
    dynamodb = create_table("items")
    exports = DynamoExports(dynamodb, "vault")
    with pytest.raises(RefusedError, match="point-in-time recovery of items is off"):
        exports.check("items")
    with pytest.raises(RefusedError, match="point-in-time recovery of items is off"):
        exports.begin(ITEMS, "daily-20261125T0300Z", INSTANT)
    dynamodb.update_continuous_backups(
        TableName="items", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    exports.check("items")
    arn = exports.begin(ITEMS, "daily-20261125T0300Z", INSTANT)
    assert [each["ExportArn"] for each in dynamodb.list_exports(TableArn=ITEMS)["ExportSummaries"]] == [arn]


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({"ExportStatus": "IN_PROGRESS"}, None),
        (
            {"ExportStatus": "COMPLETED", "ItemCount": 7, "BilledSizeBytes": 70},
            Exported("tables/items/daily-20261125T0300Z/AWSDynamoDB/0169-2d87/manifest-summary.json", 7, 70),
        ),
    ],
)
def test_an_export_is_complete_when_dynamodb_says_so(described: Any, expected: Exported | None) -> None:
    class Describing:
        def describe_export(self, *, ExportArn: str) -> Any:  # noqa: N803  boto3's name
            assert ExportArn == f"{ITEMS}/export/0169-2d87"
            return {"ExportDescription": described}

    exports = DynamoExports(Describing(), "vault")  # type: ignore[arg-type]
    assert exports.advance(work(f"{ITEMS}/export/0169-2d87"), INSTANT, lambda: True) == expected


def scanned(calls: Calls | None = None) -> Exported | None:
    """Begins the export of a run and goes on with it, or does so again."""
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
    if calls:
        calls.watch(dynamodb.meta.events)
        calls.watch(s3.meta.events)
    exports = ScanExports(dynamodb, s3, "vault")
    return exports.advance(work(exports.begin(ITEMS, "daily-20261125T0300Z", INSTANT)), INSTANT, lambda: True)


@pytest.mark.parametrize("before", [True, False])
def test_a_scan_that_is_killed_at_any_call_goes_on_as_the_same_export(*, before: bool) -> None:
    create_table("items")
    s3, counted = boto3.client("s3"), Calls()
    scanned(counted)
    s3.delete_objects(Bucket="vault", Delete={"Objects": [{"Key": key} for key in keys(s3)]})
    for number in range(len(counted.names)):
        calls = Calls()
        with calls.cut_off(number, before=before), pytest.raises((CutOffError, UnavailableError)):
            scanned(calls)
        exported = scanned()
        assert exported
        assert exported.items == 3
        assert [key for key in keys(s3) if key.endswith("summary.json")] == [exported.key]
        lines = [line for key in keys(s3) if "/data/" in key for line in unpacked(s3, key)]
        assert sorted(json.loads(line)["Item"]["id"]["S"] for line in lines) == ["0", "1", "2"]
        s3.delete_objects(Bucket="vault", Delete={"Objects": [{"Key": key} for key in keys(s3)]})


def keys(s3: Any) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket="vault").get("Contents", [])]


def unpacked(s3: Any, key: str) -> list[bytes]:
    return gzip.decompress(s3.get_object(Bucket="vault", Key=key)["Body"].read()).splitlines()


def test_a_scan_stops_when_time_is_short_and_goes_on_later() -> None:
    create_table("items")
    exports = ScanExports(boto3.client("dynamodb"), boto3.client("s3"), "vault")
    begun = work(exports.begin(ITEMS, "daily-20261125T0300Z", INSTANT))
    time = iter([True, True, False])
    assert exports.advance(begun, INSTANT, time.__next__) is None
    exported = exports.advance(begun, INSTANT, lambda: True)
    assert exported
    assert exported.items == 3


# --- volumes --------------------------------------------------------------------------------------------------------


def test_volumes_are_found_by_their_tag_part_by_part() -> None:
    ec2 = boto3.client("ec2")
    ids = []
    for tags in [*[TAGGED] * 45, [{"Key": "backup", "Value": "weekly"}]]:
        made = ec2.create_volume(
            AvailabilityZone="us-east-1a", Size=1, TagSpecifications=[{"ResourceType": "volume", "Tags": tags}]
        )
        ids.append(made["VolumeId"])
    volumes = Ec2Volumes(ec2, VOLUMES)
    first = volumes.look("daily", None)
    second = volumes.look("daily", first.after)
    assert [len(first.found), len(second.found), second.after] == [40, 5, None]
    assert [each.arn for each in [*first.found, *second.found]] == sorted(VOLUMES + each for each in ids[:45])


def test_snapshots_are_found_by_volume_and_run_until_they_are_deleted() -> None:
    ec2 = boto3.client("ec2")
    first, second = (ec2.create_volume(AvailabilityZone="us-east-1a", Size=2)["VolumeId"] for _ in range(2))
    snapshots = Ec2Snapshots(ec2, ec2)
    for volume_id, run in ((first, "a"), (first, "b"), (second, "a")):
        snapshots.create(volume_id, run)
    [found] = snapshots.find(first, "a")
    assert (found.completed, found.failed, found.size) == (True, "", 2 * 1024**3)
    snapshots.delete(found.snapshot_id)
    snapshots.delete(found.snapshot_id)
    assert snapshots.find(first, "a") == []
    assert len(snapshots.find(first, "b")) == len(snapshots.find(second, "a")) == 1


def test_no_snapshot_is_made_of_a_volume_that_is_gone() -> None:
    ec2 = boto3.client("ec2")
    with pytest.raises(RefusedError, match="there is no vol-0123456789abcdef0"):
        Ec2Snapshots(ec2, ec2).create("vol-0123456789abcdef0", "run")
