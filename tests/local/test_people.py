"""How people of the demo sign up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.use_cases.people import signed_in, signed_up


@pytest.fixture
def cognito(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("cognito-idp", region_name="us-east-1")


def test_somebody_new_is_signed_in_under_their_own_id(cognito: Any) -> None:
    pool = cognito.create_user_pool(PoolName="pool", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="app")["UserPoolClient"]["ClientId"]
    ann, bob = (signed_up(cognito, client, f"{name}@example.com") for name in ("ann", "bob"))
    assert ann.user_id != bob.user_id
    assert ann.password != bob.password
    found = cognito.get_user(AccessToken=ann.authorization["authorization"].removeprefix("Bearer "))
    assert {"Name": "sub", "Value": ann.user_id} in found["UserAttributes"]
    assert signed_in(cognito, client, ann.email, ann.password).user_id == ann.user_id
