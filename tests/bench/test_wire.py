"""AWS in memory counts what AWS bills."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
import pytest
from botocore.session import Session
from mypy_boto3_dynamodb import DynamoDBClient

from bench.wire import Aws
from lambdas.common import clients

Item = dict[str, dict[str, str]]
VIEWED: Item = {"pk": {"S": "1"}, "view": {"S": "a"}, "at": {"S": "1"}}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """With an index on ``view`` and ``at``."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(clients, "session", cache(Session))
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


def _user(number: int, kind: str, letters: int) -> Item:
    return {"user": {"S": "u"}, "entry": {"S": f"{kind}#{number}"}, "a": {"S": "b" * letters}}


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Three items of about 3,000 bytes, and a view."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(clients, "session", cache(Session))
    aws = Aws("user", "entry")
    for item in (*(_user(number, "item", 3000) for number in (3, 1, 2)), _user(1, "view", 1)):
        boto3.client("dynamodb").put_item(TableName="t", Item=item)
    aws.usage.clear()
    return aws


def _query(more: str = "", values: dict[str, str] | None = None, **how: Any) -> list[str]:
    """Sort keys of what is found."""
    answer = boto3.client("dynamodb").query(
        TableName="t",
        KeyConditionExpression=f"#user = :user{more}",
        ExpressionAttributeNames={"#user": "user", "#entry": "entry"},
        ExpressionAttributeValues={name: {"S": value} for name, value in {":user": "u", **(values or {})}.items()},
        **how,
    )
    return [item["entry"]["S"] for item in answer["Items"]]


@pytest.mark.usefixtures("entries")
def test_a_query_finds_a_partition_in_order() -> None:
    assert _query() == ["item#1", "item#2", "item#3", "view#1"]
    assert _query(values={":user": "other"}) == []
    assert _query(" AND begins_with(#entry, :kind)", {":kind": "item#"}, ScanIndexForward=False, Limit=2) == [
        "item#3",
        "item#2",
    ]
    assert _query(" AND #entry BETWEEN :low AND :high", {":low": "item#2", ":high": "view"}) == ["item#2", "item#3"]


def test_a_query_is_billed_by_the_size_of_all_its_items(entries: Aws) -> None:
    _query(ConsistentRead=True)
    _query(values={":user": "other"}, ConsistentRead=True)
    assert entries.usage["read_units"] == 3 + 1

    _query()
    assert (entries.usage["read_units"], entries.usage["eventual_read_units"]) == (4, 3)


def test_a_query_of_another_kind_is_refused(entries: Aws) -> None:
    with pytest.raises(ValueError, match="knows no #user = :user AND #entry > :low"):
        entries.answer("Query", {"KeyConditionExpression": "#user = :user AND #entry > :low"})


def test_topics_are_published_to_and_users_looked_up(entries: Aws) -> None:
    arn = "arn:aws:sns:us-east-1:123456789012:t"

    assert boto3.client("sns").publish(TopicArn=arn, Message="Action=Other")["MessageId"] == "1"
    user = boto3.client("cognito-idp").admin_get_user(UserPoolId="us-east-1_a", Username="u")

    assert {"Name": "email_verified", "Value": "true"} in user["UserAttributes"]
    assert (entries.usage["Publish"], entries.usage["AdminGetUser"], entries.usage["s3_bytes"]) == (1, 1, 0)


def test_storage_counts_an_overhead_and_what_the_index_has_twice(aws: Aws, dynamodb: DynamoDBClient) -> None:
    dynamodb.put_item(TableName="t", Item={"pk": {"S": "2"}})
    dynamodb.put_item(TableName="t", Item=VIEWED)

    assert aws.stored_bytes == (3 + 100) + 2 * (3 + 5 + 3 + 100)


@pytest.mark.parametrize(("detail", "units"), [(1, 1), (65_534, 1), (65_535, 2), (131_071, 3)])
def test_events_are_billed_by_64_kilobytes(aws: Aws, detail: int, units: int) -> None:
    entry = {"Source": "s", "DetailType": "t", "Detail": "x" * detail, "EventBusName": "bus"}

    boto3.client("events").put_events(Entries=[entry])

    assert (aws.usage["events"], aws.usage["event_units"]) == (1, units)
