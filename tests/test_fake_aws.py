"""The light fakes of DynamoDB and S3 answer as moto does, where adapters here call them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.stream_analytics.conftest import create_table
from tests.support.fake_aws import FakeDynamoDB, FakeS3, Outside

ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}


def still(position: str) -> dict[str, Any]:
    return {
        "ConditionExpression": "#position = :expected",
        "ExpressionAttributeNames": {"#position": "position"},
        "ExpressionAttributeValues": {":expected": {"S": position}},
    }


def key(sort: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sort}}


def put(sort: str, position: str = "1", **condition: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "t", "Item": key(sort) | {"position": {"S": position}}, **condition}}


@pytest.fixture(params=["fake", "moto"])
def dynamodb(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "fake":
        yield FakeDynamoDB(Outside(), {"t": ("pk", "sk")})
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(client, "t", ("pk", "sk"))
        yield client


def stored(dynamodb: Any) -> list[str]:
    found = dynamodb.query(
        TableName="t",
        KeyConditionExpression="#pk = :pk AND #sk >= :low",
        ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
        ExpressionAttributeValues={":pk": {"S": "p"}, ":low": {"S": "0"}},
        ConsistentRead=True,
    )["Items"]
    return [f"{each['sk']['S']}@{each['position']['S']}" for each in found]


def test_a_transaction_is_whole_or_not_at_all(dynamodb: Any) -> None:
    dynamodb.transact_write_items(TransactItems=[put("b", **ABSENT), put("a")])
    with pytest.raises(ClientError) as error:
        dynamodb.transact_write_items(TransactItems=[put("c"), put("b", "2", **still("7")), put("a", "2", **ABSENT)])
    assert error.value.response["Error"]["Code"] == "TransactionCanceledException"
    reasons = [each["Code"] for each in error.value.response["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed", "ConditionalCheckFailed"]
    assert stored(dynamodb) == ["a@1", "b@1"]
    deleted = {"Delete": {"TableName": "t", "Key": key("a")}}
    dynamodb.transact_write_items(TransactItems=[put("b", "2", **still("1")), deleted])
    assert stored(dynamodb) == ["b@2"]


def test_a_condition_guards_a_single_write(dynamodb: Any) -> None:
    item = key("a") | {"position": {"S": "1"}}
    dynamodb.put_item(TableName="t", Item=item, **ABSENT)
    for condition in (ABSENT, still("2")):
        with pytest.raises(ClientError) as error:
            dynamodb.put_item(TableName="t", Item=item, **condition)
        assert error.value.response["Error"]["Code"] == "ConditionalCheckFailedException"


def test_reads_give_what_there_is(dynamodb: Any) -> None:
    dynamodb.batch_write_item(RequestItems={"t": [{"PutRequest": {"Item": key(each)}} for each in "ab"]})
    assert dynamodb.get_item(TableName="t", Key=key("a"), ConsistentRead=True)["Item"] == key("a")
    assert "Item" not in dynamodb.get_item(TableName="t", Key=key("z"), ConsistentRead=True)
    request = {"t": {"Keys": [key("b"), key("z"), key("a")], "ConsistentRead": True}}
    answer = dynamodb.batch_get_item(RequestItems=request)
    assert sorted(each["sk"]["S"] for each in answer["Responses"]["t"]) == ["a", "b"]
    assert not answer.get("UnprocessedKeys")


@pytest.mark.parametrize("expression", ["#sk BETWEEN :low AND :high", "#sk >= :low"])
def test_ranges_include_their_bounds_and_come_in_order(dynamodb: Any, expression: str) -> None:
    for each in "dbca":
        dynamodb.put_item(TableName="t", Item=key(each))
    values = {":pk": {"S": "p"}, ":low": {"S": "b"}} | ({":high": {"S": "d"}} if "high" in expression else {})
    answer = dynamodb.query(
        TableName="t",
        KeyConditionExpression=f"#pk = :pk AND {expression}",
        ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
        ExpressionAttributeValues=values,
        Limit=2,
    )
    assert [each["sk"]["S"] for each in answer["Items"]] == ["b", "c"]


@pytest.mark.parametrize("kind", ["fake", "moto"])
def test_objects_are_listed_and_read(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client: Any = FakeS3(Outside()) if kind == "fake" else boto3.client("s3", region_name="us-east-1")
        if kind == "moto":
            client.create_bucket(Bucket="bucket")
        for name in ("x/2", "x/1", "y"):
            client.put_object(Bucket="bucket", Key=name, Body=name.encode(), ContentType="text/plain")
        listed = client.list_objects_v2(Bucket="bucket", Prefix="x/")["Contents"]
        assert [each["Key"] for each in listed] == ["x/1", "x/2"]
        assert client.get_object(Bucket="bucket", Key="y")["Body"].read() == b"y"
