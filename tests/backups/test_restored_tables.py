"""A restored table equals its source: every type, empty, and 100,000 items, by both real functions in the emulator.

They share nothing with the fakes of other tests: the emulator's backups, restores, scans and objects are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from lambdas.backups import backup, restore_check
from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import (
    CHECKING,
    CHECKS,
    ENTRY,
    OPEN_WORK,
    PARTITION,
    TAG,
    BackupSettings,
    Cadence,
    Policy,
    RestoreCheckSettings,
    resource_name,
)
from lambdas.backups.contract.records import Check, CheckResult, Work
from lambdas.backups.domain.digest import digest
from lambdas.common.encoding import encode_writes
from local.emulator import emulator
from local.environment import CREDENTIALS, REGION
from tests.backups.check_world import Context
from tests.backups.items import EVERY_TYPE, Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.xdist_group("restored tables")

DAILY = Policy(name="daily", cadence=Cadence(every="day"), max_age_hours=26)
COMMON: dict[str, Any] = {
    "metrics_namespace": "Test",
    "status_table_name": "status",
    "vault_bucket_name": "vault",
    "lease_seconds": 960,
}
BACKUP = BackupSettings(
    service="Backup",
    reports_topic_arn="arn:aws:sns:us-east-1:000000000000:reports",
    volume_arn_prefix="arn:aws:ec2:us-east-1:000000000000:volume/",
    policies=(DAILY,),
    exporter="scan",
    lock=None,
    **COMMON,
)
CHECK = RestoreCheckSettings(
    service="RestoreCheck",
    reports_topic_arn=BACKUP.reports_topic_arn,
    cadence=Cadence(every="week"),
    restore_from="on_demand_backup",
    **COMMON,
)
ITEMS: dict[str, list[Item]] = {
    "types": [EVERY_TYPE, *({"pk": {"S": name}, "only": value} for name, value in EVERY_TYPE.items())],
    "empty": [],
    "many": [{"pk": {"S": f"item {number}"}, "n": {"N": str(number)}} for number in range(100_000)],
}
MOST_MINUTES = 20


@pytest.fixture(scope="module")
def checks() -> Iterator[dict[str, Check]]:
    """By table: backed up, written to and checked."""
    with emulator() as workplace, pytest.MonkeyPatch.context() as patch:
        endpoint = f"http://127.0.0.1:{workplace.port}"
        for name, value in (CREDENTIALS | {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": REGION}).items():
            patch.setenv(name, value)
        for name, value in (BACKUP.to_env() | CHECK.to_env()).items():
            patch.setenv(name, value)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield _checked()
    for module in (backup, restore_check):
        module.runtime.cache_clear()


def _checked() -> dict[str, Check]:
    dynamodb = boto3.client("dynamodb")
    _create(dynamodb, "status", PARTITION, ENTRY)
    boto3.client("s3").create_bucket(Bucket="vault")
    boto3.client("sns").create_topic(Name="reports")
    for table, items in ITEMS.items():
        _create(dynamodb, table, "pk", tags=[{"Key": TAG, "Value": DAILY.name}])
        _put(table, items)
    status = DynamoStatus(dynamodb, "status")
    slot = datetime.now(UTC).replace(second=0, microsecond=0).isoformat()
    _run(backup.handler, {"policy": DAILY.name, "slot": slot}, lambda: status.listed(OPEN_WORK, Work))
    for table in ITEMS:
        dynamodb.put_item(TableName=table, Item={"pk": {"S": "item 1"}, "later": {"BOOL": True}})
    _run(restore_check.handler, {"slot": slot}, lambda: status.listed(CHECKING, Check))
    assert sorted(dynamodb.list_tables()["TableNames"]) == sorted(["status", *ITEMS])
    return {resource_name(each.record.backup.resource): each.record for each in status.listed(CHECKS, Check)}


def _create(dynamodb: DynamoDBClient, name: str, *keys: str, tags: Any = ()) -> None:
    kinds = dict(zip(keys, ("HASH", "RANGE"), strict=False))
    schema: Any = [{"AttributeName": key, "KeyType": kind} for key, kind in kinds.items()]
    attributes: Any = [{"AttributeName": key, "AttributeType": "S"} for key in keys]
    dynamodb.create_table(
        TableName=name,
        KeySchema=schema,
        AttributeDefinitions=attributes,
        BillingMode="PAY_PER_REQUEST",
        **({"Tags": tags} if tags else {}),
    )


def _put(table: str, items: list[Item]) -> None:
    """By transactions of 100 items, which take a third of the time of batches of 25."""
    client = encode_writes(boto3.client("dynamodb", config=Config(parameter_validation=False)))
    for first in range(0, len(items), 100):
        puts: Any = [{"Put": {"TableName": table, "Item": item}} for item in items[first : first + 100]]
        client.transact_write_items(TransactItems=puts)


def _run(handler: Callable[[Any, Any], None], event: Any, left: Callable[[], Any]) -> None:
    """An event, then minutes until nothing is left to do."""
    handler(event, Context())
    for _ in range(MOST_MINUTES):
        if not left():
            return
        handler({}, Context())
    raise AssertionError(f"after {MOST_MINUTES} minutes there are {left()}")


@pytest.mark.parametrize("table", ITEMS)
def test_a_restored_table_equals_its_source(checks: dict[str, Check], table: str) -> None:
    check = checks[table]
    assert (check.result, check.reason) == (CheckResult.EQUAL, "")
    assert check.scratch == check.export == digest(ITEMS[table])
