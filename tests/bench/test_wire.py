"""AWS in memory counts what AWS bills."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from bench.wire import Aws

Item = dict[str, dict[str, str]]
VIEWED: Item = {"pk": {"S": "1"}, "view": {"S": "a"}, "at": {"S": "1"}}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """With an index on ``view`` and ``at``."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return Aws("pk", index=("view", "at"))


@pytest.fixture
def dynamodb(aws: Aws) -> DynamoDBClient:  # noqa: ARG001  its session
    client: DynamoDBClient = boto3.client("dynamodb")
    return client


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        ({"pk": {"S": "1"}}, {"pk": {"S": "1"}, "a": {"S": "b"}}, 0),
        ({"pk": {"S": "1"}, "view": {"S": "a"}}, {"pk": {"S": "1"}}, 0),
        ({"pk": {"S": "1"}}, VIEWED, 1),
        (VIEWED, VIEWED, 0),
        (VIEWED, VIEWED | {"a": {"S": "b"}}, 1),
        (VIEWED, VIEWED | {"a": {"S": "b" * 1500}}, 2),
        (VIEWED, VIEWED | {"view": {"S": "b"}}, 2),
        (VIEWED, VIEWED | {"at": {"S": "2"}}, 2),
        (VIEWED, {"pk": {"S": "1"}}, 1),
    ],
)
def test_an_index_costs_a_write_for_each_entry_that_comes_changes_or_goes(
    aws: Aws, dynamodb: DynamoDBClient, before: Item, after: Item, units: int
) -> None:
    dynamodb.put_item(TableName="t", Item=before)
    aws.usage.clear()

    dynamodb.put_item(TableName="t", Item=after)

    assert aws.usage["projected_units"] == units


def test_deleting_an_entry_costs_the_index_a_write(aws: Aws, dynamodb: DynamoDBClient) -> None:
    dynamodb.put_item(TableName="t", Item=VIEWED)
    aws.usage.clear()

    dynamodb.delete_item(TableName="t", Key={"pk": {"S": "1"}})

    assert (aws.usage["write_units"], aws.usage["projected_units"]) == (1, 1)


def test_a_transaction_doubles_the_writes_of_the_table_and_not_of_its_index(aws: Aws, dynamodb: DynamoDBClient) -> None:
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": VIEWED}}])

    assert (aws.usage["write_units"], aws.usage["projected_units"]) == (2, 1)


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_of_an_item_that_is_replaced_the_larger_size_is_billed(
    aws: Aws, dynamodb: DynamoDBClient, before: int, after: int
) -> None:
    sizes = [{"pk": {"S": "1"}, "a": {"S": "b" * (units * 1000)}} for units in (before, after)]
    dynamodb.put_item(TableName="t", Item=sizes[0])
    aws.usage.clear()

    dynamodb.put_item(TableName="t", Item=sizes[1])

    assert aws.usage["write_units"] == 2


def test_items_are_read_one_by_one_and_missing_ones_are_billed(aws: Aws, dynamodb: DynamoDBClient) -> None:
    dynamodb.put_item(TableName="t", Item=VIEWED | {"a": {"S": "b" * 5000}})

    keys: list[Item] = [{"pk": {"S": "1"}}, {"pk": {"S": "2"}}]
    projected = {"ProjectionExpression": "#at", "ExpressionAttributeNames": {"#at": "at"}}
    request: Any = {"t": {"Keys": keys, "ConsistentRead": True, **projected}}
    dynamodb.batch_get_item(RequestItems=request)

    assert aws.usage["read_units"] == 3


def test_storage_counts_an_overhead_and_what_the_index_has_twice(aws: Aws, dynamodb: DynamoDBClient) -> None:
    dynamodb.put_item(TableName="t", Item={"pk": {"S": "2"}})
    dynamodb.put_item(TableName="t", Item=VIEWED)

    assert aws.stored_bytes == (3 + 100) + 2 * (3 + 5 + 3 + 100)


@pytest.mark.parametrize(("detail", "units"), [(1, 1), (65_534, 1), (65_535, 2), (131_071, 3)])
def test_events_are_billed_by_64_kilobytes(aws: Aws, detail: int, units: int) -> None:
    entry = {"Source": "s", "DetailType": "t", "Detail": "x" * detail, "EventBusName": "bus"}

    boto3.client("events").put_events(Entries=[entry])

    assert (aws.usage["events"], aws.usage["event_units"]) == (1, units)
