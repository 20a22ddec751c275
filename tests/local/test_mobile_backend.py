"""What the demo of the mobile backend has around its chapters: mailbox, queues, platforms, the journey."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import msgspec
import pytest
from moto import mock_aws

from lambdas.mobile_backend.contract import ApiSettings, Limits, Mail, MailProvider, Metric, PlatformApplications
from local.journal import Journal
from local.platforms import make_platform_applications
from local.use_cases.chapters import Shown
from local.use_cases.mobile_backend import journey, notifying, requests
from local.use_cases.mobile_backend.mailbox import Mailbox
from local.use_cases.mobile_backend.queues import counted, dead_letters, impatient, waiting
from local.use_cases.mobile_backend.visit import SENDER, Visit, api_path
from local.use_cases.outcome import UseCaseError

GROUP = {"logGroupName": "/functions/push"}
MAIL = msgspec.json.encode(Mail(sender="a@example.com", to="b@example.com", subject="S", text="T"))


# --- mailbox --------------------------------------------------------------------------------------------------------


def mailed(mailbox: Mailbox, *, token: str, key: str) -> int:
    """Status that a mail is answered."""
    url = urlsplit(mailbox.url)
    connection = http.client.HTTPConnection(url.netloc, timeout=5)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
    connection.request("POST", url.path, MAIL, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_mail_with_the_key_is_kept_once_and_others_are_refused() -> None:
    with Mailbox("right") as mailbox:
        assert mailed(mailbox, token="wrong", key="1") == 401
        assert [mailed(mailbox, token="right", key=key) for key in ("1", "1", "2")] == [202, 202, 202]
    assert [(each.idempotency_key, each.mail.subject) for each in mailbox.received] == [("1", "S"), ("2", "S")]
    assert mailbox.refused == 1


# --- queues ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("sqs", region_name="us-east-1")


def queue_of(sqs: Any) -> tuple[str, str]:
    """A queue and that of its dead letters."""
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "180"}
    return sqs.create_queue(QueueName="queue", Attributes=attributes)["QueueUrl"], dead


def visit(**clients: Any) -> Any:
    return SimpleNamespace(**clients)


def test_messages_count_until_they_are_deleted_and_dead_letters_are_found(sqs: Any) -> None:
    queue, dead = queue_of(sqs)
    assert dead_letters(visit(sqs=sqs), queue) == dead
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    assert waiting(visit(sqs=sqs), queue) == 1
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert waiting(visit(sqs=sqs), queue) == 1
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert waiting(visit(sqs=sqs), queue) == 0


def test_patience_comes_back_even_after_a_failure(sqs: Any) -> None:
    queue, _ = queue_of(sqs)

    def patience() -> str:
        found: str = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"]
        return found

    def fails() -> None:
        with impatient(visit(sqs=sqs), queue):
            assert patience() == "1"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert patience() == "180"


def test_metrics_are_summed_over_the_lines_of_a_function() -> None:
    lines = [
        '{"_aws":{},"PushesSent":[1.0,2.0]}',
        '{"_aws":{},"PushesSent":[1.0]}',
        '{"_aws":{},"MailsSent":[7.0]}',
        '{"level":"INFO","PushesSent":[9]}',
        "START RequestId",
    ]
    pages = [{"events": [{"message": line}]} for line in lines]
    paginators = {"filter_log_events": SimpleNamespace(paginate=lambda **asked: pages if asked == GROUP else [])}
    logs = SimpleNamespace(get_paginator=paginators.__getitem__)
    configurations = {"push": {"LoggingConfig": {"LogGroup": GROUP["logGroupName"]}}}
    functions = SimpleNamespace(get_function_configuration=lambda **asked: configurations[asked["FunctionName"]])
    assert counted(visit(logs=logs, functions=functions), "push", Metric.PUSHED) == 4


# --- platforms ------------------------------------------------------------------------------------------------------


def test_platform_applications_are_made_as_the_function_expects_them(sqs: Any) -> None:
    del sqs
    arn = "arn:aws:sns:us-east-1:123456789012:app/GCM/laptop"
    settings = ApiSettings(
        service="s", metrics_namespace="n", devices_table_name="d", audit_table_name="a", topic_arn="t",
        platform_applications=PlatformApplications(fcm=arn), limits=Limits(),
    )  # fmt: skip
    functions: Any = SimpleNamespace(
        get_function_configuration=lambda **_: {"Environment": {"Variables": settings.to_env()}}
    )
    made = make_platform_applications(functions, boto3.client("sns", "us-east-1"), {"ApiFunctionName": "api"})
    assert made == [arn]


# --- the journey ----------------------------------------------------------------------------------------------------

STORIES = (
    (notifying, "three_consumers"),
    (notifying, "of_others"),
    (notifying, "poison"),
    (requests, "devices"),
    (requests, "refusals"),
)


class Secrets:
    """Keeps the last value."""

    value = ""

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803  boto's names
        assert SecretId == "secret"
        self.value = SecretString


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """Of a stack in which every chapter goes well."""
    secrets = Secrets()
    for module, name in STORIES:
        monkeypatch.setattr(module, name, lambda *_: Shown())
    monkeypatch.setattr(Visit, "of", lambda *_: visit(outputs={"MailSecretArn": "secret"}, secrets=secrets))
    return secrets


def run(directory: Path) -> Any:
    cloud: Any = SimpleNamespace(journal=Journal())
    return journey.run(cloud, directory)


def test_the_mail_provider_of_the_secret_is_the_demos_own(
    secrets: Secrets, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def story(_: object, __: object, mailbox: Mailbox) -> Shown:
        told = msgspec.json.decode(secrets.value, type=MailProvider)
        assert (told.url, told.sender) == (mailbox.url, SENDER)
        assert mailed(mailbox, token=told.api_key, key="1") == 202
        return Shown()

    monkeypatch.setattr(notifying, "three_consumers", story)
    outcome = run(tmp_path)
    assert (outcome.problems, outcome.output) == ((), "5 of 5 chapters as they should be; 1 mail")


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(("module", "name"), STORIES)
def test_each_chapter_is_told_and_fails_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: Any, name: str
) -> None:
    def breaks(*_: object) -> Shown:
        raise UseCaseError("by design")

    monkeypatch.setattr(module, name, breaks)
    outcome = run(tmp_path)
    (problem,) = outcome.problems
    assert problem.endswith(": by design")
    assert [card.good for card in outcome.cards].count(False) == 1


def test_the_api_is_reached_without_its_name() -> None:
    url = "https://c21b48c7.execute-api.us-east-1.amazonaws.com/v1/"
    assert api_path(url) == "/_aws/execute-api/c21b48c7/v1"
