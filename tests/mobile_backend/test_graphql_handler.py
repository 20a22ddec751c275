"""The Graphql function in an in-memory AWS: what the REST API does, as fields."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest

from lambdas.mobile_backend import audit, graphql
from lambdas.mobile_backend.contract import FIELDS_BROKEN
from lambdas.mobile_backend.graphql import ResolverError
from tests.events import appsync
from tests.mobile_backend.builders import ALICE, APNS_TOKEN, BOB, batch
from tests.mobile_backend.conftest import Cloud, Context

HELLO = {"title": "Hello", "text": "World"}
PHONE = {"platform": "apns", "token": APNS_TOKEN}


def ask(field: str, *, groups: list[str] | None = None, **arguments: Any) -> Any:
    return graphql.handler(appsync.event(field, arguments, user_id=ALICE, groups=groups), Context())


def test_a_device_is_registered_listed_and_forgotten(cloud: Cloud) -> None:
    device = ask("registerDevice", device=PHONE)
    assert ask("devices") == [device] == cloud.call("GET /devices").body["devices"]
    assert ask("forgetDevice", device_id=device["device_id"]) == device["device_id"]
    assert ask("devices") == []


def test_a_notification_is_published_and_seen(cloud: Cloud) -> None:
    accepted = ask("notify", notification=HELLO)
    audit.handler(batch(*cloud.waiting("audit")), Context())
    [found] = ask("notifications")
    assert (found["notification_id"], found["title"]) == (accepted["notification_id"], "Hello")
    assert found == cloud.call("GET /notifications").body["notifications"][0]


def test_as_many_notifications_are_shown_as_are_asked_for(cloud: Cloud) -> None:
    for _ in range(3):
        ask("notify", notification=HELLO)
    audit.handler(batch(*cloud.waiting("audit")), Context())
    assert (len(ask("notifications", limit=2)), len(ask("notifications", limit=None))) == (2, 3)


def test_the_same_key_gives_the_same_notification(cloud: Cloud) -> None:
    first = ask("notify", notification=HELLO, idempotency_key="k")
    assert ask("notify", notification=HELLO, idempotency_key="k") == first != ask("notify", notification=HELLO)
    with pytest.raises(ResolverError, match=r"422 .* came with another body"):
        ask("notify", notification=HELLO | {"text": "Moon"}, idempotency_key="k")
    assert len(cloud.waiting("audit")) == 3


@pytest.mark.usefixtures("cloud")
def test_null_is_as_good_as_left_out() -> None:
    assert ask("notify", notification=HELLO | {"recipient": None, "channels": None}, idempotency_key=None)


@pytest.mark.usefixtures("cloud")
def test_groups_count_as_in_the_rest_api() -> None:
    told = HELLO | {"recipient": BOB}
    assert ask("notify", notification=told, groups=["notifiers"])
    with pytest.raises(ResolverError, match="403 Forbidden: only members of the group notifiers may notify others"):
        ask("notify", notification=told, groups=["others"])


@pytest.mark.usefixtures("cloud")
def test_what_the_schema_cannot_say_is_told_in_words() -> None:
    with pytest.raises(ResolverError, match=r"422 .*length <= 100 - at `\$\.title`"):
        ask("notify", notification=HELLO | {"title": "x" * 101})
    with pytest.raises(ResolverError, match="404 Not Found: "):
        ask("forgetDevice", device_id="nonsense")
    with pytest.raises(ResolverError, match="400 Bad Request: query: "):
        ask("notifications", limit=0)


def test_a_failure_of_aws_asks_to_come_again(cloud: Cloud) -> None:
    cloud.sns.delete_topic(TopicArn=cloud.topic_arn)
    with pytest.raises(ResolverError, match=r"503 Service Unavailable: .*send the request again"):
        ask("notify", notification=HELLO)


@pytest.mark.usefixtures("cloud")
def test_clients_are_told_nothing_of_what_nobody_expected_but_the_log_and_a_metric_are(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = RuntimeError("table-of-secrets")
    with (
        patch("lambdas.mobile_backend.adapters.devices.DynamoDevices.of", side_effect=secret),
        pytest.raises(ResolverError) as told,
    ):
        ask("devices")
    assert str(told.value) == "500 Internal Server Error: the log says more, of request request-1"
    [record] = caplog.records
    assert (record.levelname, record.exc_info) == ("ERROR", (RuntimeError, secret, secret.__traceback__))
    [metrics] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if FIELDS_BROKEN in line]
    assert metrics[FIELDS_BROKEN] == [1]


@pytest.mark.usefixtures("cloud")
def test_what_a_client_did_wrong_is_logged_as_an_answer_not_as_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ResolverError):
        ask("forgetDevice", device_id="0" * 32)
    assert [(record.levelname, record.message) for record in caplog.records] == [("INFO", "answered")]
