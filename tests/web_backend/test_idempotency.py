"""The same request again gets the same answer and is done once: items, uploads and orders with an Idempotency-Key."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSResponse, HTTPHeaders
from botocore.exceptions import ClientError

from lambdas.web_backend import api
from lambdas.web_backend.adapters import entries
from tests.support.fake_aws import client_error
from tests.web_backend.client import Client, Response
from tests.web_backend.conftest import Cloud

KEY = {"idempotency-key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

Create = Callable[..., Response]
"""``create(client, other_body, **headers)`` sends one of the creating requests."""


def create_item(client: Client, *, other: bool = False, headers: Any = KEY) -> Response:
    return client("POST /items", {"title": "b" if other else "a"}, headers=headers)


def create_upload(client: Client, *, other: bool = False, headers: Any = KEY) -> Response:
    return client("POST /uploads", {"content_type": "image/gif" if other else "image/png"}, headers=headers)


def create_order(client: Client, *, other: bool = False, headers: Any = KEY) -> Response:
    listed = client("GET /items").json["items"]
    item_id = listed[0]["item_id"] if listed else client.create().json["item_id"]
    line = {"item_id": item_id, "product": "a4", "quantity": 2 if other else 1}
    return client("POST /orders", {"lines": [line]}, headers=headers)


@pytest.fixture(params=[create_item, create_upload, create_order])
def create(request: pytest.FixtureRequest) -> Create:
    found: Create = request.param
    return found


def things(cloud: Cloud) -> int:
    return len(cloud.entries("item#")) + len(cloud.entries("upload#")) + len(cloud.orders())


def told(response: Response) -> tuple[Any, ...]:
    """All but what names the request itself."""
    return response.status, {**response.headers, "x-request-id": ""}, response.body


def test_the_same_key_and_body_get_the_same_answer_and_make_nothing_more(
    ann: Client, cloud: Cloud, create: Create
) -> None:
    first = create(ann)
    made = things(cloud)
    assert first.status == 201
    assert told(create(ann)) == told(first)
    assert things(cloud) == made


def test_the_same_key_with_another_body_is_refused_and_makes_nothing(ann: Client, cloud: Cloud, create: Create) -> None:
    create(ann)
    made = things(cloud)
    refused = create(ann, other=True)
    assert (refused.status, "Idempotency-Key" in refused.json["detail"]) == (422, True)
    assert things(cloud) == made


def test_without_a_key_every_request_makes_something(ann: Client, cloud: Cloud, create: Create) -> None:
    create(ann, headers={})
    made = things(cloud)
    create(ann, headers={})
    assert things(cloud) == made + 1


def test_a_key_is_one_user_s_own(ann: Client, bob: Client, create: Create) -> None:
    mine, theirs = create(ann), create(bob)
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.headers["location"] != theirs.headers["location"]


def test_operations_do_not_share_keys(ann: Client) -> None:
    assert [each(ann).status for each in (create_order, create_item, create_upload)] == [201, 201, 201]


def test_a_key_is_forgotten_after_a_day_even_if_dynamodb_has_not_removed_it_yet(
    ann: Client, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOW]
    monkeypatch.setattr(api, "_now", lambda: now[0])
    api.runtime.cache_clear()
    first = create_item(ann)
    now[0] = NOW + timedelta(hours=24)
    assert told(create_item(ann)) == told(first)
    now[0] += timedelta(seconds=1)
    assert create_item(ann).json["item_id"] != first.json["item_id"]
    [record] = cloud.entries("idempotency#")
    assert int(record["expires_at"]["N"]) == int((now[0] + timedelta(hours=24)).timestamp())


def test_a_repeated_order_gets_its_answer_though_what_was_ordered_is_deleted(ann: Client) -> None:
    item_id = ann.create().json["item_id"]
    body = {"lines": [{"item_id": item_id, "product": "a4"}]}
    first = ann("POST /orders", body, headers=KEY)
    ann("DELETE /items/{item_id}", item_id=item_id)
    assert told(ann("POST /orders", body, headers=KEY)) == told(first)


def test_it_does_so_too_where_dynamodb_tells_of_the_missing_item_alone(ann: Client, dynamodb: Any) -> None:
    item_id = ann.create().json["item_id"]
    body = {"lines": [{"item_id": item_id, "product": "a4"}]}
    first = ann("POST /orders", body, headers=KEY)
    reasons = [{"Code": "ConditionalCheckFailed"}, {"Code": "None"}, {"Code": "None"}]
    with failing(dynamodb, cancelled(reasons)):
        assert told(ann("POST /orders", body, headers=KEY)) == told(first)


@pytest.mark.parametrize("key", ["", " ", "ä", "a b", "x" * 256, "\ud800"])
def test_what_is_no_key_is_refused(ann: Client, cloud: Cloud, key: str) -> None:
    assert create_item(ann, headers={"idempotency-key": key}).status == 400
    assert things(cloud) == 0


def cancelled(reasons: list[dict[str, str]]) -> ClientError:
    return client_error("TransactWriteItems", "TransactionCanceledException", CancellationReasons=reasons)


@pytest.fixture
def dynamodb(clients: dict[str, Any]) -> Any:
    """The function's own client."""
    api.runtime()
    return clients["dynamodb"]


def failing(dynamodb: Any, *errors: Exception) -> Any:
    """The first transactions fail so, and further ones are made."""
    left, make = list(errors), dynamodb.transact_write_items

    def transact(**request: Any) -> Any:
        if left:
            raise left.pop(0)
        return make(**request)

    return patch.object(dynamodb, "transact_write_items", transact)


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> list[float]:
    del cloud
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    api.runtime.cache_clear()
    return waits


CONFLICT = cancelled([{"Code": "None"}, {"Code": "TransactionConflict"}])


def test_a_conflict_with_another_transaction_is_no_concern_of_the_user(
    ann: Client, no_wait: list[float], dynamodb: Any
) -> None:
    with failing(dynamodb, CONFLICT, CONFLICT):
        assert create_item(ann).status == 201
    assert len(no_wait) == 2


def test_conflicts_that_do_not_end_are_told_as_a_reason_to_come_again(
    ann: Client, no_wait: list[float], dynamodb: Any
) -> None:
    with failing(dynamodb, *[CONFLICT] * entries.ATTEMPTS):
        refused = create_item(ann)
    assert (refused.status, refused.headers["retry-after"], len(no_wait)) == (503, "1", entries.ATTEMPTS - 1)


@pytest.mark.usefixtures("no_wait")
@pytest.mark.parametrize(
    "error",
    [
        client_error("TransactWriteItems", "ThrottlingException"),
        client_error("TransactWriteItems", "ProvisionedThroughputExceededException"),
        cancelled([{"Code": "ThrottlingError"}, {"Code": "None"}]),
    ],
)
def test_when_dynamodb_is_busy_the_client_is_asked_to_come_again_and_then_it_is_done_once(
    ann: Client, cloud: Cloud, error: Exception, dynamodb: Any
) -> None:
    with failing(dynamodb, error):
        assert create_item(ann).status == 503
        assert create_item(ann).status == 201
    assert things(cloud) == 1


def test_a_call_whose_answer_is_lost_is_repeated_under_the_same_token(ann: Client, cloud: Cloud, dynamodb: Any) -> None:
    """By which DynamoDB knows that it has done it already."""
    bodies: list[bytes] = []

    def lose_the_first(request: Any, **_: Any) -> Any:
        bodies.append(request.body)
        return AWSResponse(request.url, 500, HTTPHeaders(), _Raw()) if len(bodies) == 1 else None

    dynamodb.meta.events.register_first("before-send.dynamodb.TransactWriteItems", lose_the_first)
    assert create_item(ann).status == 201
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert b"ClientRequestToken" in bodies[0]
    assert things(cloud) == 1


class _Raw:
    """An empty body, as urllib3 has it."""

    def stream(self, **_: Any) -> Any:
        return iter([b"{}"])
