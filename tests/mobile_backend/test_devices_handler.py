"""Devices by the API function, in an in-memory AWS."""

from __future__ import annotations

import msgspec
import pytest

from lambdas.mobile_backend.contract import PlatformApplications
from tests.mobile_backend.builders import ALICE, APNS_TOKEN, BOB, Reply
from tests.mobile_backend.conftest import Cloud, start_anew

APPLE = {"platform": "apns", "token": APNS_TOKEN}
GOOGLE = {"platform": "fcm", "token": "fcm-token-0001"}


def listed(cloud: Cloud, user_id: str = ALICE) -> list[str]:
    """Ids of a user's devices."""
    return [each["device_id"] for each in cloud.call("GET /devices", user_id=user_id).body["devices"]]


def registered(cloud: Cloud, device: dict[str, str] = APPLE, user_id: str = ALICE) -> Reply:
    return cloud.call("POST /devices", device, user_id=user_id)


def endpoints(cloud: Cloud) -> list[dict[str, str]]:
    """Attributes of all endpoints of the platform applications."""
    arns = [arn for arn in (cloud.applications.apns, cloud.applications.fcm) if arn]
    found = [cloud.sns.list_endpoints_by_platform_application(PlatformApplicationArn=arn) for arn in arns]
    return [endpoint["Attributes"] for each in found for endpoint in each["Endpoints"]]


def test_a_registered_device_is_listed(cloud: Cloud) -> None:
    answer = registered(cloud)
    assert answer.status == 201
    assert answer.body["platform"] == "apns"
    assert cloud.call("GET /devices").body == {"devices": [answer.body]}


def test_a_device_gets_an_endpoint_of_its_platform(cloud: Cloud) -> None:
    registered(cloud)
    assert [(each["Token"], each["Enabled"]) for each in endpoints(cloud)] == [(APNS_TOKEN, "true")]


def test_a_device_that_registers_again_is_the_same_device(cloud: Cloud) -> None:
    first, second = registered(cloud), registered(cloud)
    assert (first.status, second.status) == (201, 201)
    assert listed(cloud) == [first.body["device_id"]] == [second.body["device_id"]]


def test_an_endpoint_that_was_disabled_is_enabled_again(cloud: Cloud) -> None:
    registered(cloud)
    [endpoint] = cloud.sns.list_endpoints_by_platform_application(PlatformApplicationArn=str(cloud.applications.apns))[
        "Endpoints"
    ]
    cloud.sns.set_endpoint_attributes(EndpointArn=endpoint["EndpointArn"], Attributes={"Enabled": "false"})
    assert registered(cloud).status == 201
    assert [each["Enabled"] for each in endpoints(cloud)] == ["true"]


def test_a_device_that_another_user_registers_moves_to_them(cloud: Cloud) -> None:
    device_id = registered(cloud, user_id=ALICE).body["device_id"]
    registered(cloud, user_id=BOB)
    assert (listed(cloud, ALICE), listed(cloud, BOB)) == ([], [device_id])
    registered(cloud, user_id=ALICE)
    assert (listed(cloud, ALICE), listed(cloud, BOB)) == ([device_id], [])


def test_one_device_too_many_is_refused_and_those_that_are_there_may_register_again(cloud: Cloud) -> None:
    for number in range(3):
        assert registered(cloud, GOOGLE | {"token": f"fcm-token-{number}"}).status == 201
    refused = registered(cloud, GOOGLE | {"token": "fcm-token-3"})
    assert (refused.status, refused.body["detail"]) == (409, "a user has up to 3 devices: forget one of yours first")
    assert registered(cloud, GOOGLE | {"token": "fcm-token-1"}).status == 201
    assert len(listed(cloud)) == 3


def test_a_forgotten_device_is_gone_and_makes_room(cloud: Cloud) -> None:
    ids = [registered(cloud, GOOGLE | {"token": f"fcm-token-{n}"}).body["device_id"] for n in range(3)]
    assert cloud.call("DELETE /devices/{device_id}", parameters={"device_id": ids[1]}).status == 204
    assert listed(cloud) == sorted([ids[0], ids[2]])
    assert registered(cloud).status == 201


def test_after_a_device_was_forgotten_nothing_of_it_is_left(cloud: Cloud) -> None:
    device_id = registered(cloud).body["device_id"]
    cloud.call("DELETE /devices/{device_id}", parameters={"device_id": device_id})
    assert [item for item in cloud.items("devices") if device_id in str(item)] == []


@pytest.mark.parametrize("device_id", ["0" * 32, "nonsense"])
def test_forgetting_what_is_not_there_is_told(cloud: Cloud, device_id: str) -> None:
    assert cloud.call("DELETE /devices/{device_id}", parameters={"device_id": device_id}).status == 404


def test_nobody_forgets_another_one_s_device(cloud: Cloud) -> None:
    device_id = registered(cloud, user_id=ALICE).body["device_id"]
    forgotten = cloud.call("DELETE /devices/{device_id}", parameters={"device_id": device_id}, user_id=BOB)
    assert (forgotten.status, listed(cloud, ALICE)) == (404, [device_id])


def reconfigured(monkeypatch: pytest.MonkeyPatch, applications: PlatformApplications) -> None:
    """The function as another stage has it."""
    monkeypatch.setenv("PLATFORM_APPLICATIONS", msgspec.json.encode(applications).decode())
    start_anew()


def test_a_platform_that_is_not_set_up_is_named(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    reconfigured(monkeypatch, PlatformApplications(fcm=cloud.applications.fcm))
    answer = registered(cloud)
    assert answer.status == 422
    assert answer.body["errors"] == [
        {"pointer": "#/platform", "detail": "devices of apns are not served here, but those of fcm"}
    ]


def test_while_push_is_off_devices_are_kept_without_endpoints(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    reconfigured(monkeypatch, PlatformApplications())
    device_id = registered(cloud).body["device_id"]
    assert (listed(cloud), endpoints(cloud)) == ([device_id], [])
