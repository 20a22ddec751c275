"""The light fakes of DynamoDB and S3 answer as moto does, where adapters here call them."""

from __future__ import annotations

import io
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


def test_what_has_expired_is_replaced_and_what_has_not_is_told(dynamodb: Any) -> None:
    def put_until(expires: str, now: str) -> None:
        dynamodb.put_item(
            TableName="t",
            Item=key("a") | {"expires": {"N": expires}},
            ConditionExpression="attribute_not_exists(#sort) OR #expires < :now",
            ExpressionAttributeNames={"#sort": "sk", "#expires": "expires"},
            ExpressionAttributeValues={":now": {"N": now}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    put_until("9", now="1")
    put_until("20", now="10")
    with pytest.raises(ClientError) as error:
        put_until("30", now="20")
    assert error.value.response["Item"] == key("a") | {"expires": {"N": "20"}}  # type: ignore[typeddict-item]


def told(error: pytest.ExceptionInfo[ClientError]) -> Any:
    """The answer that an error is made of."""
    return error.value.response


def test_of_what_is_deleted_the_condition_is_heard_and_what_is_there_is_told(dynamodb: Any) -> None:
    item = key("a") | {"position": {"S": "1"}}
    dynamodb.put_item(TableName="t", Item=item)
    one_of = {
        "ConditionExpression": "#position IN (:0, :1)",
        "ExpressionAttributeNames": {"#position": "position"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    wrong = {"ExpressionAttributeValues": {":0": {"S": "2"}, ":1": {"S": ""}}}
    right = {"ExpressionAttributeValues": {":0": {"S": "2"}, ":1": {"S": "1"}}}
    with pytest.raises(ClientError) as error:
        dynamodb.delete_item(TableName="t", Key=key("a"), **one_of, **wrong)
    assert told(error)["Item"] == item
    dynamodb.delete_item(TableName="t", Key=key("a"), **one_of, **right)
    assert stored(dynamodb) == []
    with pytest.raises(ClientError) as error:
        dynamodb.delete_item(TableName="t", Key=key("a"), **one_of, **right)
    assert "Item" not in told(error)


def test_a_transaction_checks_what_it_does_not_write_and_tells_what_is_there(dynamodb: Any) -> None:
    def check(sort: str) -> dict[str, Any]:
        exists = {"ConditionExpression": "attribute_exists(#sk)", "ExpressionAttributeNames": {"#sk": "sk"}}
        return {"ConditionCheck": {"TableName": "t", "Key": key(sort), **exists}}

    dynamodb.transact_write_items(TransactItems=[put("a")])
    dynamodb.transact_write_items(TransactItems=[check("a"), put("b")])
    tell = {**ABSENT, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with pytest.raises(ClientError) as error:
        dynamodb.transact_write_items(TransactItems=[check("z"), put("b", "2", **tell), check("a")])
    missing, there, fine = told(error)["CancellationReasons"]
    assert [each["Code"] for each in (missing, there, fine)] == [*["ConditionalCheckFailed"] * 2, "None"]
    assert (missing.get("Item"), there["Item"]) == (None, key("b") | {"position": {"S": "1"}})
    assert stored(dynamodb) == ["a@1", "b@1"]


def test_a_query_by_prefix_leaves_out_all_else(dynamodb: Any) -> None:
    for each in ("a", "b#1", "b#2", "c"):
        dynamodb.put_item(TableName="t", Item=key(each))
    answer = dynamodb.query(
        TableName="t",
        KeyConditionExpression="#pk = :pk AND begins_with(#sk, :prefix)",
        ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
        ExpressionAttributeValues={":pk": {"S": "p"}, ":prefix": {"S": "b#"}},
        ConsistentRead=True,
    )
    assert [each["sk"]["S"] for each in answer["Items"]] == ["b#1", "b#2"]


def test_sums_are_added_in_the_transaction_that_writes_what_they_are_of(dynamodb: Any) -> None:
    def add(amount: str) -> dict[str, Any]:
        expression = {
            "UpdateExpression": "ADD #0 :0, #1 :1",
            "ExpressionAttributeNames": {"#0": "orders", "#1": "revenue"},
            "ExpressionAttributeValues": {":0": {"N": "1"}, ":1": {"N": amount}},
        }
        return {"Update": {"TableName": "t", "Key": key("total"), **expression}}

    dynamodb.transact_write_items(TransactItems=[put("a"), add("0.1")])
    dynamodb.transact_write_items(TransactItems=[put("a", "2", **still("1")), add("12345678901234567890.2")])
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[put("a", "2", **still("1")), add("1")])
    total = dynamodb.get_item(TableName="t", Key=key("total"), ConsistentRead=True)["Item"]
    assert total == key("total") | {"orders": {"N": "2"}, "revenue": {"N": "12345678901234567890.3"}}


def test_a_sum_is_added_to_while_it_leaves_room(dynamodb: Any) -> None:
    def add(files: int, size: int) -> dict[str, Any]:
        expression = {
            "UpdateExpression": "ADD #0 :0, #1 :1",
            "ConditionExpression": "attribute_not_exists(pk) OR #0 <= :2 AND #1 <= :3",
            "ExpressionAttributeNames": {"#0": "files", "#1": "bytes"},
            "ExpressionAttributeValues": {
                f":{at}": {"N": str(value)} for at, value in enumerate((files, size, 10 - files, 100 - size))
            },
        }
        return {"Update": {"TableName": "t", "Key": key("total"), **expression}}

    for fits in (add(8, 50), add(1, 50)):
        dynamodb.transact_write_items(TransactItems=[fits])
    for beyond in (add(2, 0), add(1, 1)):
        with pytest.raises(ClientError):
            dynamodb.transact_write_items(TransactItems=[beyond])
    total = dynamodb.get_item(TableName="t", Key=key("total"), ConsistentRead=True)["Item"]
    assert total == key("total") | {"files": {"N": "9"}, "bytes": {"N": "100"}}


def test_an_update_that_adds_may_set_as_well(dynamodb: Any) -> None:
    def update(expires: str) -> dict[str, Any]:
        expression = {
            "UpdateExpression": "ADD #0 :0 SET #expires = :expires",
            "ExpressionAttributeNames": {"#0": "orders", "#expires": "expires_at"},
            "ExpressionAttributeValues": {":0": {"N": "1"}, ":expires": {"N": expires}},
        }
        return {"Update": {"TableName": "t", "Key": key("total"), **expression}}

    for expires in ("7", "9"):
        dynamodb.transact_write_items(TransactItems=[update(expires)])
    total = dynamodb.get_item(TableName="t", Key=key("total"), ConsistentRead=True)["Item"]
    assert total == key("total") | {"orders": {"N": "2"}, "expires_at": {"N": "9"}}


def test_a_projection_gives_what_it_asks_for(dynamodb: Any) -> None:
    dynamodb.put_item(TableName="t", Item=key("a") | {"position": {"S": "1"}, "partition": {"S": "2"}})
    projection = {
        "ProjectionExpression": "#sort, #partition, #missing",
        "ExpressionAttributeNames": {"#sort": "sk", "#partition": "partition", "#missing": "missing"},
    }
    request = {"t": {"Keys": [key("a")], "ConsistentRead": True, **projection}}
    answer = dynamodb.batch_get_item(RequestItems=request)
    assert answer["Responses"]["t"] == [{"sk": {"S": "a"}, "partition": {"S": "2"}}]


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


def test_a_query_backwards_gives_the_last_first(dynamodb: Any) -> None:
    for each in "bca":
        dynamodb.put_item(TableName="t", Item=key(each))
    answer = dynamodb.query(
        TableName="t",
        KeyConditionExpression="#pk = :pk",
        ExpressionAttributeNames={"#pk": "pk"},
        ExpressionAttributeValues={":pk": {"S": "p"}},
        ScanIndexForward=False,
        Limit=2,
    )
    assert [each["sk"]["S"] for each in answer["Items"]] == ["c", "b"]


@pytest.fixture(params=["fake", "moto"])
def s3(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "fake":
        yield FakeS3(Outside())
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        yield client


def test_objects_are_listed_and_read(s3: Any) -> None:
    for name in ("x/2", "x/1", "y"):
        s3.put_object(Bucket="bucket", Key=name, Body=name.encode(), ContentType="text/plain")
    listed = s3.list_objects_v2(Bucket="bucket", Prefix="x/")
    assert [(each["Key"], each["Size"]) for each in listed["Contents"]] == [("x/1", 3), ("x/2", 3)]
    assert all(each["LastModified"].tzinfo for each in listed["Contents"])
    assert not listed["IsTruncated"]
    assert s3.get_object(Bucket="bucket", Key="y")["Body"].read() == b"y"


def test_a_listing_goes_on_where_its_last_page_ended(s3: Any) -> None:
    for name in "dbca":
        s3.put_object(Bucket="bucket", Key=name, Body=b"")
    first = s3.list_objects_v2(Bucket="bucket", MaxKeys=3)
    assert ([each["Key"] for each in first["Contents"]], first["IsTruncated"]) == (["a", "b", "c"], True)
    rest = s3.list_objects_v2(Bucket="bucket", MaxKeys=3, ContinuationToken=first["NextContinuationToken"])
    assert ([each["Key"] for each in rest["Contents"]], rest["IsTruncated"]) == (["d"], False)


def test_a_missing_object_has_a_code_of_its_own(s3: Any) -> None:
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="bucket", Key="missing")
    assert error.value.response["Error"]["Code"] == "NoSuchKey"


def test_an_object_is_replaced_only_as_it_was_read(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"1", IfNoneMatch="*")
    read = s3.get_object(Bucket="bucket", Key="k")["ETag"]
    s3.put_object(Bucket="bucket", Key="k", Body=io.BytesIO(b"2"), IfMatch=read)
    for condition, code in (
        ({"IfMatch": read}, "PreconditionFailed"),
        ({"IfNoneMatch": "*"}, "PreconditionFailed"),
        ({"IfMatch": read, "Key": "missing"}, "NoSuchKey"),
    ):
        with pytest.raises(ClientError) as error:
            s3.put_object(**{"Bucket": "bucket", "Key": "k", "Body": b"3"} | condition)
        assert error.value.response["Error"]["Code"] == code
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"2"


def test_an_object_that_is_known_already_is_not_read_again(s3: Any) -> None:
    known = s3.put_object(Bucket="bucket", Key="k", Body=b"1")["ETag"]
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket="bucket", Key="k", IfNoneMatch=known)
    assert error.value.response["Error"]["Code"] == "304"
    assert s3.get_object(Bucket="bucket", Key="k", IfNoneMatch='"another"')["Body"].read() == b"1"


def test_objects_are_deleted_whether_they_are_there_or_not(s3: Any) -> None:
    for name in "abc":
        s3.put_object(Bucket="bucket", Key=name, Body=b"")
    deleted = {"Objects": [{"Key": "a"}, {"Key": "z"}, {"Key": "c"}], "Quiet": True}
    assert not s3.delete_objects(Bucket="bucket", Delete=deleted).get("Errors")
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["b"]
