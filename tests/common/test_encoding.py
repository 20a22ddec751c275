"""Transactions reach DynamoDB as botocore would have written them."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from lambdas.common.encoding import encode_writes

WRITES: Any = [
    {
        "Put": {
            "TableName": "t",
            "Item": {
                "pk": {"S": "grün"},
                "data": {"B": b"\x00\xff"},
                "nested": {"M": {"list": {"L": [{"N": "1.5"}, {"BS": [b"a", b"b"]}, {"NULL": True}, {"BOOL": False}]}}},
            },
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    },
    {
        "Update": {
            "TableName": "t",
            "Key": {"pk": {"S": "total"}},
            "UpdateExpression": "ADD #0 :0",
            "ExpressionAttributeNames": {"#0": "revenue"},
            "ExpressionAttributeValues": {":0": {"N": "12345678901234567890123456789012345678"}},
        }
    },
]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    return boto3.client("dynamodb", region_name="us-east-1", config=Config(parameter_validation=False))


@pytest.fixture
def sent(client: Any) -> list[Any]:
    """Requests as they would go over the wire, signed; each is answered with nothing."""
    requests: list[Any] = []

    def answer(request: Any, **_: Any) -> Any:
        requests.append(request)
        response: Any = AWSResponse(request.url, 200, HTTPHeaders(), None)
        response._content = b"{}"
        return response

    client.meta.events.register("before-send", answer)
    return requests


def test_body_is_what_botocore_would_have_written(client: Any, sent: list[Any]) -> None:
    client.transact_write_items(TransactItems=WRITES, ClientRequestToken="token")
    encode_writes(client).transact_write_items(TransactItems=WRITES, ClientRequestToken="token")
    plain, encoded = (json.loads(request.body) for request in sent)
    assert plain == encoded
    assert plain["TransactItems"][0]["Put"]["Item"]["data"] == {"B": "AP8="}


def test_body_is_signed_and_measured_as_it_is_sent(client: Any, sent: list[Any]) -> None:
    encode_writes(client).transact_write_items(TransactItems=WRITES)
    [request] = sent
    assert int(request.headers["Content-Length"]) == len(request.body)
    assert "SignedHeaders" in str(request.headers["Authorization"])


def test_other_calls_stay_as_they_are(client: Any, sent: list[Any]) -> None:
    encode_writes(client).get_item(TableName="t", Key={"pk": {"S": "a"}})
    assert json.loads(sent[0].body) == {"TableName": "t", "Key": {"pk": {"S": "a"}}}


def test_client_of_another_protocol_is_left_alone(
    client: Any, sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client.meta.service_model.metadata, "protocol", "smithy-rpc-v2-cbor")
    encode_writes(client).transact_write_items(TransactItems=WRITES, ClientRequestToken="token")
    # botocore itself adds spaces, msgspec does not.
    assert b": " in sent[0].body
