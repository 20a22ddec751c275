"""Lambda function behind the e-mail queue: the notifications of a batch become one mail for each recipient."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3

from lambdas.common.calls import Patience
from lambdas.common.observability import InvocationContext, Observability
from lambdas.mobile_backend.adapters.directory import CognitoDirectory
from lambdas.mobile_backend.adapters.mailed import DynamoMailed
from lambdas.mobile_backend.adapters.mailer import HttpMailer
from lambdas.mobile_backend.adapters.secrets import MailSecret
from lambdas.mobile_backend.contract import DigestSettings, Message, Metric
from lambdas.mobile_backend.runtime.consuming import consume
from lambdas.mobile_backend.workflow.mailing import Outcome, Postman


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    postman: Postman


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = DigestSettings.from_env(os.environ)
    dynamodb = boto3.client("dynamodb")
    secret = MailSecret.read_by(boto3.client("secretsmanager"), settings.mail_secret_arn)
    postman = Postman(
        directory=CognitoDirectory(boto3.client("cognito-idp"), settings.user_pool_id),
        mailed=DynamoMailed(dynamodb, settings.devices_table_name, Patience(time.sleep)),
        mailer=HttpMailer(secret),
        now=lambda: datetime.now(UTC),
    )
    return Runtime(Observability(settings), postman)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Mails to each recipient of a batch; the answer names the messages that are to come again."""
    observability = runtime().observability
    with observability.invocation(context):
        return consume(event, observability, _mail, by=lambda message: message.recipient)


def _mail(messages: Sequence[Message]) -> None:
    observability, postman = runtime().observability, runtime().postman
    outcome = postman.mail(messages)
    observability.count(Metric.MAILED, outcome is Outcome.MAILED)
    observability.count(Metric.NO_ADDRESS, outcome is Outcome.NO_ADDRESS)
