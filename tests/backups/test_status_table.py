"""The status table in a DynamoDB in memory: nobody writes over what somebody else wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import ENTRY, PARTITION
from lambdas.backups.contract.records import OpenRun
from lambdas.backups.ports import Delete, Place, Put, Stored, Unchanged
from lambdas.common.failures import UnavailableError
from tests.support.fake_aws import client_error

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST, SECOND = Place("runs", "a"), Place("runs", "b")


def record(slot: str) -> OpenRun:
    return OpenRun(policy="daily", slot=slot)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBClient]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("dynamodb")
        create_status(client, "status")
        yield client


def create_status(client: DynamoDBClient, name: str) -> None:
    """An empty one."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": PARTITION, "KeyType": "HASH"}, {"AttributeName": ENTRY, "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in (PARTITION, ENTRY)],
    )


@pytest.fixture
def status(dynamodb: DynamoDBClient) -> DynamoStatus:
    return DynamoStatus(dynamodb, "status")


def test_a_record_is_read_as_it_was_written(status: DynamoStatus) -> None:
    assert status.read(FIRST, OpenRun) is None
    assert status.write(Put(FIRST, record("1")))
    assert status.read(FIRST, OpenRun) == Stored(FIRST, record("1"), 1)
    assert status.write(Put(FIRST, record("2"), 1))
    assert status.read(FIRST, OpenRun) == Stored(FIRST, record("2"), 2)


def test_a_record_that_is_there_is_not_made_anew(status: DynamoStatus) -> None:
    status.write(Put(FIRST, record("1")))
    assert not status.write(Put(FIRST, record("2")))
    assert status.read(FIRST, OpenRun) == Stored(FIRST, record("1"), 1)


@pytest.mark.parametrize("change", [Put(FIRST, record("3"), 1), Delete(FIRST, 1), Unchanged(FIRST, 1)])
def test_if_one_record_is_not_as_it_was_read_nothing_is_written(
    status: DynamoStatus, change: Put | Delete | Unchanged
) -> None:
    status.write(Put(FIRST, record("1")))
    status.write(Put(FIRST, record("2"), 1))
    assert not status.write(Put(SECOND, record("1")), change)
    assert status.listed("runs", OpenRun) == [Stored(FIRST, record("2"), 2)]


def test_what_is_as_it_was_read_is_deleted_and_others_are_written_with_it(status: DynamoStatus) -> None:
    status.write(Put(FIRST, record("1")))
    assert status.write(Delete(FIRST, 1), Put(SECOND, record("2")))
    assert status.listed("runs", OpenRun) == [Stored(SECOND, record("2"), 1)]


def test_records_are_listed_in_their_order_by_what_their_entries_begin_with(status: DynamoStatus) -> None:
    for entry in ("b#2", "b#1", "a#1", "c#1"):
        status.write(Put(Place("open", entry), record(entry)))
    assert [each.place.entry for each in status.listed("open", OpenRun)] == ["a#1", "b#1", "b#2", "c#1"]
    assert [each.place.entry for each in status.listed("open", OpenRun, "b#")] == ["b#1", "b#2"]


def test_the_last_record_is_the_one_with_the_greatest_entry(status: DynamoStatus) -> None:
    assert status.last("open", OpenRun) is None
    for entry in ("2", "3", "1"):
        status.write(Put(Place("open", entry), record(entry)))
    assert status.last("open", OpenRun) == Stored(Place("open", "3"), record("3"), 1)


def test_more_records_than_an_answer_has_are_all_listed(status: DynamoStatus) -> None:
    for number in range(30):
        status.write(Put(Place("open", f"{number:03}"), record("x" * 60_000)))
    assert len(status.listed("open", OpenRun)) == 30


def test_a_record_expires_only_if_it_is_to(status: DynamoStatus, dynamodb: DynamoDBClient) -> None:
    status.write(Put(FIRST, record("1")), Put(SECOND, record("2"), expires=datetime(2030, 1, 1, tzinfo=UTC)))
    items = dynamodb.scan(TableName="status")["Items"]
    assert [each.get("expires_at") for each in items] == [None, {"N": "1893456000"}]


@pytest.mark.parametrize(
    ("codes", "overtaken"),
    [
        (["None", "ConditionalCheckFailed"], True),
        (["ConditionalCheckFailed", "TransactionConflict"], False),
        (["ThrottlingError", "None"], False),
    ],
)
def test_only_a_failed_condition_means_that_somebody_was_faster(codes: list[str], *, overtaken: bool) -> None:
    class Cancelling:
        def transact_write_items(self, **_: Any) -> Any:
            reasons = [{"Code": code} for code in codes]
            raise client_error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)

    status = DynamoStatus(Cancelling(), "status")  # type: ignore[arg-type]
    if overtaken:
        assert not status.write(Put(FIRST, record("1")))
    else:
        with pytest.raises(UnavailableError, match="write runs"):
            status.write(Put(FIRST, record("1")))
