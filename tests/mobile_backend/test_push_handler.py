"""The Push function in an in-memory AWS: notifications in, banners on devices out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from lambdas.common.failures import UnavailableError
from lambdas.mobile_backend import push
from lambdas.mobile_backend.contract import Message, Metric
from tests.mobile_backend.builders import ALICE, APNS_TOKEN, BOB, batch, failed, message
from tests.mobile_backend.conftest import Cloud, Context
from tests.support.fake_aws import client_error

PHONE = {"platform": "apns", "token": APNS_TOKEN}
TABLET = {"platform": "fcm", "token": "fcm-token-0001"}


class Sent(list[dict[str, Any]]):
    """Arguments of every call of Publish; ``errors`` answers those whose endpoint contains a text."""

    errors: dict[str, ClientError]


@pytest.fixture
def sent(cloud: Cloud) -> Iterator[Sent]:
    """Of the Push function; Alice has a phone and a tablet."""
    for device in (PHONE, TABLET):
        cloud.call("POST /devices", device)
    client = push.runtime().pusher.sender.client  # type: ignore[attr-defined]
    found, publish = Sent(), client.publish
    found.errors = {}

    def recorded(**arguments: Any) -> Any:
        found.append(arguments)
        for part, error in found.errors.items():
            if part in arguments["TargetArn"]:
                raise error
        return publish(**arguments)

    with patch.object(client, "publish", recorded):
        yield found


def handle(*messages: Message | str) -> list[int]:
    return failed(push.handler(batch(*messages), Context()))


def platforms(sent: Sent) -> list[str]:
    return sorted("apns" if "/APNS/" in each["TargetArn"] else "fcm" for each in sent)


def test_a_notification_is_pushed_to_all_devices_of_its_recipient(sent: Sent) -> None:
    assert handle(message()) == []
    assert platforms(sent) == ["apns", "fcm"]


def test_nobody_else_s_devices_are_disturbed(sent: Sent) -> None:
    assert handle(message(recipient=BOB)) == []
    assert sent == []


def test_apns_shows_one_banner_of_a_notification_however_often_it_is_sent(sent: Sent) -> None:
    told = message()
    handle(told)
    handle(told)
    attributes = [each["MessageAttributes"] for each in sent if "/APNS/" in each["TargetArn"]]
    assert [each["AWS.SNS.MOBILE.APNS.COLLAPSE_ID"]["StringValue"] for each in attributes] == [told.notification_id] * 2
    assert {each["AWS.SNS.MOBILE.APNS.PUSH_TYPE"]["StringValue"] for each in attributes} == {"alert"}


def test_fcm_shows_one_banner_of_a_notification_however_often_it_is_sent(sent: Sent) -> None:
    told = message()
    handle(told)
    handle(told)
    bodies = [json.loads(json.loads(each["Message"])["GCM"]) for each in sent if "/GCM/" in each["TargetArn"]]
    android = [each["fcmV1Message"]["message"]["android"] for each in bodies]
    assert [each["notification"]["tag"] for each in android] == [told.notification_id] * 2
    assert [each["collapse_key"] for each in android] == [told.notification_id] * 2


def test_a_notification_twice_in_a_batch_is_pushed_once(sent: Sent) -> None:
    told = message()
    assert handle(told, told) == []
    assert platforms(sent) == ["apns", "fcm"]


def test_two_notifications_of_one_recipient_are_two_banners(sent: Sent) -> None:
    assert handle(message("One"), message("Two")) == []
    assert sorted(json.loads(each["Message"])["default"] for each in sent) == ["One", "One", "Two", "Two"]


@pytest.mark.parametrize(
    "error",
    [
        client_error("Publish", "EndpointDisabled"),
        client_error("Publish", "NotFound"),
        ClientError(
            {
                "Error": {
                    "Code": "InvalidParameter",
                    "Message": "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
                }
            },
            "Publish",
        ),
    ],
)
def test_a_device_that_is_gone_is_forgotten_and_the_others_get_their_banners(
    cloud: Cloud, sent: Sent, error: ClientError
) -> None:
    sent.errors["/APNS/"] = error
    assert handle(message()) == []
    assert [each["platform"] for each in cloud.call("GET /devices").body["devices"]] == ["fcm"]
    assert platforms(sent) == ["apns", "fcm"]


def test_a_device_that_registers_again_while_it_is_found_gone_stays(cloud: Cloud, sent: Sent) -> None:
    seen = push.runtime().pusher.devices.of(ALICE)
    for device in (PHONE, TABLET):
        cloud.call("POST /devices", device)
    sent.errors["/"] = client_error("Publish", "EndpointDisabled")
    with patch("lambdas.mobile_backend.adapters.devices.DynamoDevices.of", lambda *_: seen):
        assert handle(message()) == []
    assert len(cloud.call("GET /devices").body["devices"]) == 2


def test_when_one_device_fails_the_others_get_their_banners_and_the_message_comes_again(sent: Sent) -> None:
    sent.errors["/APNS/"] = client_error("Publish", "PlatformApplicationDisabled")
    assert handle(message(recipient=BOB), message(recipient=ALICE)) == [1]
    assert platforms(sent) == ["apns", "fcm"]


def test_when_a_device_that_is_gone_cannot_be_forgotten_the_others_get_their_banners_and_the_message_comes_again(
    sent: Sent,
) -> None:
    first, second = push.runtime().pusher.devices.of(ALICE)
    sent.errors[str(first.endpoint)] = client_error("Publish", "EndpointDisabled")
    away = UnavailableError("forget a device: throttled")
    with patch("lambdas.mobile_backend.adapters.devices.DynamoDevices.forget", side_effect=away):
        assert handle(message()) == [0]
    assert [each["TargetArn"] for each in sent] == [first.endpoint, second.endpoint]


def test_a_device_without_endpoint_is_passed_over_and_counted(
    cloud: Cloud, sent: Sent, capsys: pytest.CaptureFixture[str]
) -> None:
    [item] = [each for each in cloud.items("devices") if each.get("platform") == {"S": "apns"}]
    del item["endpoint"]
    cloud.dynamodb.put_item(TableName="devices", Item=item)
    assert handle(message()) == []
    assert platforms(sent) == ["fcm"]
    [metrics] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if Metric.PUSHED in line]
    assert (metrics[Metric.PUSHED], metrics[Metric.DEVICES_WITHOUT_PUSH], metrics[Metric.DEVICES_GONE]) == (
        [1],
        [1],
        [0],
    )


def test_what_is_no_message_fails_alone(sent: Sent) -> None:
    assert handle("poison", message(), '{"notification_id": 1}') == [0, 2]
    assert platforms(sent) == ["apns", "fcm"]


def test_what_nobody_expected_fails_alone(sent: Sent) -> None:
    sent.errors["/"] = RuntimeError("whatever")  # type: ignore[assignment]
    assert handle(message(recipient=ALICE), message(recipient=BOB)) == [0]


def test_a_handled_and_a_failed_message_are_counted(sent: Sent, capsys: pytest.CaptureFixture[str]) -> None:
    del sent
    handle("poison", message())
    [metrics] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if Metric.HANDLED in line]
    assert (metrics[Metric.HANDLED], metrics[Metric.FAILED]) == ([1], [1])
