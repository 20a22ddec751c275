"""The Digest function in an in-memory AWS, with a mail provider on the loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import boto3
import pytest

from lambdas.mobile_backend import digest
from lambdas.mobile_backend.contract import Message, Metric
from tests.mobile_backend.builders import ALICE, BOB, batch, failed, message
from tests.mobile_backend.conftest import Cloud, Context
from tests.mobile_backend.provider import Provider, provider


@pytest.fixture
def user_pool_id(aws: None) -> str:
    """Of a pool that is there."""
    del aws
    pool = boto3.client("cognito-idp").create_user_pool(PoolName="users")["UserPool"]
    return str(pool["Id"])


def add_user(cloud: Cloud, user_id: str, *, email: str, verified: bool = True) -> None:
    """A user whose name is the subject of the tokens, as Cognito has it for pools with e-mail sign-in."""
    attributes = {"email": email, "email_verified": str(verified).lower()}
    boto3.client("cognito-idp").admin_create_user(
        UserPoolId=cloud.user_pool_id,
        Username=user_id,
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
    )


@pytest.fixture
def mails(cloud: Cloud) -> Iterator[Provider]:
    """Its key is in the secret, and Alice and Bob have addresses."""
    add_user(cloud, ALICE, email="alice@example.com")
    add_user(cloud, BOB, email="bob@example.com")
    with provider() as found:
        cloud.secrets.put_secret_value(SecretId=cloud.secret_arn, SecretString=found.secret())
        yield found


def handle(*messages: Message | str) -> list[int]:
    return failed(digest.handler(batch(*messages), Context()))


def test_each_recipient_of_a_batch_gets_one_mail(mails: Provider) -> None:
    assert handle(message("One"), message("Two", recipient=BOB), message("Three")) == []
    assert sorted((mail["to"], mail["subject"]) for mail in mails.mails) == [
        ("alice@example.com", "2 notifications"),
        ("bob@example.com", "Two"),
    ]
    assert {mail["sender"] for mail in mails.mails} == {"news@example.com"}


def test_a_notification_that_comes_again_is_not_mailed_again(mails: Provider) -> None:
    first, second = message("One"), message("Two")
    handle(first)
    handle(first, second)
    handle(second)
    assert [mail["subject"] for mail in mails.mails] == ["One", "Two"]


def test_a_hundred_notifications_are_told_in_one_mail(mails: Provider) -> None:
    many = [message(f"Number {number}") for number in range(100)]
    handle(*many)
    handle(*many)
    [mail] = mails.mails
    assert all(f"Number {number}\n" in mail["text"] for number in range(100))


@pytest.mark.usefixtures("mails")
def test_what_was_mailed_is_remembered_for_longer_than_sqs_keeps_a_message(cloud: Cloud) -> None:
    handle(message())
    [item] = cloud.items("devices")
    assert int(item["expires_at"]["N"]) > time.time() + 14 * 24 * 3600


@pytest.mark.parametrize("email", [None, "carol@example.com"])
def test_who_has_no_verified_address_is_passed_over_and_counted(
    cloud: Cloud, mails: Provider, email: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if email:
        add_user(cloud, "carol", email=email, verified=False)
    assert handle(message(recipient="carol"), message(recipient=BOB)) == []
    assert [mail["to"] for mail in mails.mails] == ["bob@example.com"]
    [metrics] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if Metric.NO_ADDRESS in line]
    assert (sum(metrics[Metric.MAILED]), sum(metrics[Metric.NO_ADDRESS])) == (1, 1)


def test_a_mail_that_was_not_taken_comes_again(mails: Provider) -> None:
    mails.statuses = [503]
    told = message("One")
    assert handle(told) == [0]
    assert handle(told) == []
    assert [mail["subject"] for mail in mails.mails] == ["One"]


def test_a_provider_that_fails_for_one_recipient_does_not_hold_up_the_others(mails: Provider) -> None:
    mails.statuses = [503]
    assert handle(message("One"), message("Two", recipient=BOB), message("Three")) == [0, 2]
    assert [mail["to"] for mail in mails.mails] == ["bob@example.com"]


def test_a_notification_that_the_provider_refuses_fails_alone(mails: Provider) -> None:
    mails.refuses = "About Two"
    assert handle(message("One"), message("Two"), message("Three")) == [1]
    assert [mail["subject"] for mail in mails.mails] == ["One", "Three"]


def test_what_is_no_message_fails_alone(mails: Provider) -> None:
    assert handle("poison", message("One")) == [0]
    assert [mail["subject"] for mail in mails.mails] == ["One"]


def test_a_key_that_was_changed_is_read_anew(cloud: Cloud, mails: Provider) -> None:
    handle(message("One"))
    mails.api_key = "key-2"
    cloud.secrets.put_secret_value(SecretId=cloud.secret_arn, SecretString=mails.secret())
    assert handle(message("Two")) == []
    assert [mail["subject"] for mail in mails.mails] == ["One", "Two"]


def test_a_secret_is_read_once_for_many_mails(cloud: Cloud, mails: Provider) -> None:
    handle(message("One"))
    cloud.secrets.delete_secret(SecretId=cloud.secret_arn, ForceDeleteWithoutRecovery=True)
    assert handle(message("Two")) == []
    assert len(mails.mails) == 2


def test_a_secret_that_was_not_filled_in_says_what_to_put_where(
    cloud: Cloud, mails: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    cloud.secrets.put_secret_value(SecretId=cloud.secret_arn, SecretString='{"url": "", "api_key": "hidden-1"}')
    assert handle(message("One")) == [0]
    [reason] = [vars(record)["reason"] for record in caplog.records]
    assert f"the secret {cloud.secret_arn} does not say how to reach the mail provider: put into it JSON" in reason
    assert "hidden-1" not in reason
    cloud.secrets.put_secret_value(SecretId=cloud.secret_arn, SecretString=mails.secret())
    assert handle(message("One")) == []
