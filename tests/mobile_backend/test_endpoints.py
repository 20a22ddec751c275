"""Endpoints of devices, in the cases of SNS that moto does not know."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from lambdas.common.failures import UnavailableError
from lambdas.mobile_backend.adapters.sns import SnsEndpoints
from lambdas.mobile_backend.ports import TokenRefusedError
from tests.mobile_backend.world import World
from tests.support.fake_aws import client_error

ENDPOINT = "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/c2b5d6a1"


class Sns:
    """SNS that refuses to create an endpoint."""

    def __init__(self, error: ClientError) -> None:
        self.error = error
        self.attributes: dict[str, dict[str, str]] = {}

    def create_platform_endpoint(self, **_: Any) -> Any:
        raise self.error

    def set_endpoint_attributes(self, *, EndpointArn: str, Attributes: dict[str, str]) -> None:  # noqa: N803
        self.attributes[EndpointArn] = Attributes


def refusal(reason: str) -> ClientError:
    return ClientError({"Error": {"Code": "InvalidParameter", "Message": f"Invalid parameter: {reason}"}}, "Create")


def create(sns: Any) -> str:
    return SnsEndpoints(sns).create("application", "token-1")


def test_an_endpoint_that_is_there_with_other_attributes_is_taken_over() -> None:
    sns = Sns(
        refusal(f"Token Reason: Endpoint {ENDPOINT} already exists with the same Token, but different attributes.")
    )
    assert create(sns) == ENDPOINT
    assert sns.attributes == {ENDPOINT: {"Token": "token-1", "Enabled": "true"}}


def test_a_token_that_the_platform_cannot_have_given_is_refused_with_its_reason() -> None:
    with pytest.raises(TokenRefusedError, match="iOS device tokens must be no more than 400 hexadecimal characters"):
        create(Sns(refusal("Token Reason: iOS device tokens must be no more than 400 hexadecimal characters")))


@pytest.mark.parametrize(
    "error", [client_error("Create", "Throttled"), refusal("PlatformApplicationArn Reason: no such application")]
)
def test_what_is_not_the_token_s_fault_is_retried(error: ClientError) -> None:
    with pytest.raises(UnavailableError, match="create a platform endpoint"):
        create(Sns(error))


def test_a_client_is_told_that_the_token_is_at_fault() -> None:
    world = World()
    with patch.object(world.sns, "create_platform_endpoint", side_effect=refusal("Token Reason: too long")):
        answer = world.call("POST /devices", {"platform": "apns", "token": "token-one"}, user_id="alice")
    assert (answer.status, answer.body["errors"]) == (422, [{"pointer": "#/token", "detail": "too long"}])
