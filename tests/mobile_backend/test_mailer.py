"""Mails over HTTP, to a provider on the loopback; its key out of a secret."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from lambdas.common.failures import UnavailableError
from lambdas.mobile_backend.adapters.mailer import HttpMailer
from lambdas.mobile_backend.adapters.secrets import MailSecret
from lambdas.mobile_backend.contract import MailProvider
from lambdas.mobile_backend.domain.mails import Letter
from lambdas.mobile_backend.ports import MailRefusedError
from tests.mobile_backend.provider import Provider, provider
from tests.support.fake_aws import client_error

LETTER = Letter("Subject", "Text")


class Secrets:
    """Secrets Manager with one secret; ``reads`` counts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reads = 0

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        self.reads += 1
        if not self.text:
            raise client_error("GetSecretValue", "AccessDeniedException")
        return {"SecretString": self.text}


@pytest.fixture
def mails() -> Iterator[Provider]:
    with provider() as found:
        yield found


def secret(text: str) -> tuple[MailSecret, Secrets]:
    client: Any = Secrets(text)
    return MailSecret.read_by(client, "secret-arn"), client


def send(text: str) -> None:
    HttpMailer(secret(text)[0]).send("to@example.com", LETTER, "key")


def test_a_letter_goes_out_as_json_with_the_provider_s_key(mails: Provider) -> None:
    send(mails.secret())
    assert mails.mails == [{"sender": "news@example.com", "to": "to@example.com", "subject": "Subject", "text": "Text"}]
    [headers] = mails.headers
    names = ("authorization", "content-type", "idempotency-key")
    assert [headers[name] for name in names] == ["Bearer key-1", "application/json", "key"]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_what_may_do_later_is_retried(mails: Provider, status: int) -> None:
    mails.statuses = [status]
    with pytest.raises(UnavailableError, match=str(status)):
        send(mails.secret())


@pytest.mark.parametrize("status", [400, 404, 422, 307])
def test_what_will_never_do_is_refused(mails: Provider, status: int) -> None:
    mails.statuses = [status]
    with pytest.raises(MailRefusedError, match=str(status)):
        send(mails.secret())
    assert len(mails.headers) == 1, "nothing but the one address gets the key"


def test_a_provider_that_is_not_there_is_retried() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(UnavailableError, match="does not answer"):
        send(msgspec.json.encode(MailProvider(url=url, api_key="k", sender="s")).decode())


def test_a_key_that_stays_wrong_says_where_to_put_the_right_one(mails: Provider) -> None:
    text = mails.secret()
    mails.api_key = "key-2"
    with pytest.raises(UnavailableError, match="put a valid api_key into the secret secret-arn"):
        send(text)


def test_a_secret_is_cached_and_read_anew_only_for_a_key_that_is_refused(mails: Provider) -> None:
    found, client = secret(mails.secret())
    mailer = HttpMailer(found)
    for _ in range(3):
        mailer.send("to@example.com", LETTER, "key")
    assert client.reads == 1
    mails.api_key = "key-2"
    client.text = mails.secret()
    mailer.send("to@example.com", LETTER, "key")
    assert client.reads == 2


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"url": "https://x", "api_key": "k"}',
        '{"url": "ftp://x", "api_key": "k", "sender": "s"}',
        '{"url": "https://x y", "api_key": "k", "sender": "s"}',
        '{"url": "https://x", "api_key": "k\\n", "sender": "s"}',
        '{"url": "https://x", "api_key": "k", "sender": "s", "more": 1}',
    ],
)
def test_a_secret_of_another_form_is_told_without_what_it_holds(text: str) -> None:
    with pytest.raises(UnavailableError, match="secret-arn does not say how to reach the mail provider") as error:
        secret(text)[0].provider()
    assert text not in str(error.value)


def test_a_secret_that_cannot_be_read_is_retried() -> None:
    with pytest.raises(UnavailableError, match=r"secret-arn: .*AccessDenied"):
        secret("")[0].provider()
