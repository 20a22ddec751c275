"""An app on two phones at the deployed API, and three services behind it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec

from lambdas.mobile_backend.contract import MailProvider
from local.cloud import Cloud, Outputs
from local.use_cases import chapters
from local.use_cases.chapters import Chapter, Shown, told
from local.use_cases.mobile_backend import notifying, requests
from local.use_cases.mobile_backend.mailbox import Mailbox
from local.use_cases.mobile_backend.visit import SENDER, STACK, Visit, api_path
from local.use_cases.outcome import Outcome
from local.use_cases.people import CODE


def run(cloud: Cloud, directory: Path) -> Outcome:
    """Signs up, registers devices, notifies; a mail provider on this computer takes the mails.

    Their addresses have to be new, so a cloud lets it happen once.
    """
    journal = cloud.journal
    with journal.phase("mobile: sign up"):
        visit = Visit.of(cloud, directory)
    with Mailbox(secrets.token_hex(16)) as mailbox:
        provider = MailProvider(url=mailbox.url, api_key=mailbox.api_key, sender=SENDER)
        visit.secrets.put_secret_value(
            SecretId=visit.outputs["MailSecretArn"], SecretString=msgspec.json.encode(provider).decode()
        )
        with journal.phase("mobile: notify"):
            notified = _told("Three consumers", notifying.three_consumers, visit, mailbox)
        with journal.phase("mobile: devices, refusals"):
            asked = [
                _told("Devices", requests.devices, visit),
                _told("What is refused", requests.refusals, visit),
            ]
        with journal.phase("mobile: notify others"):
            others = _told("Notifying others", notifying.of_others, visit)
        with journal.phase("mobile: poison"):
            poisoned = _told("A poison message", notifying.poison, visit)
        mails = len(mailbox.received)
    every = [notified, poisoned, others, *asked]
    return Outcome(
        input=f"{sum(each.requests for each in every)} requests of two people, a poison message",
        output=f"{sum(each.card.good for each in every)} of {len(every)} chapters as they should be; {mails} mail",
        problems=chapters.problems(every),
        cards=tuple(each.card for each in every),
    )


def _told(title: str, story: Callable[..., Shown], visit: Visit, *more: object) -> Chapter:
    return told(title, lambda transcript: story(visit, transcript, *more))


def example(outputs: Outputs) -> str:
    """Signs up and in, fetches the app's key, tells oneself something, and reads it."""
    own = outputs[STACK]
    client, user = f"--client-id {own['UserPoolClientId']}", "USERNAME=me@example.com,PASSWORD=Parcels-2026"
    url = f'"$AWS_ENDPOINT_URL{api_path(own["RestApiUrl"])}/notifications"'
    who = '--header "x-api-key: $key" --header "authorization: Bearer $token"'
    draft = '{"title": "Hello", "text": "It works.", "channels": ["push"]}'
    return "\n".join(
        [
            f"aws cognito-idp sign-up {client} --username me@example.com --password Parcels-2026 \\",
            "  --user-attributes Name=email,Value=me@example.com",
            f"aws cognito-idp confirm-sign-up {client} --username me@example.com --confirmation-code {CODE}",
            f"token=$(aws cognito-idp initiate-auth {client} --auth-flow USER_PASSWORD_AUTH --output text \\",
            f"  --auth-parameters {user} --query AuthenticationResult.AccessToken)",
            f"key=$(aws apigateway get-api-key --api-key {own['ApiKeyId']} --include-value \\",
            "  --output text --query value)",
            f"curl {url} {who} \\",
            f"  --header 'content-type: application/json' --data '{draft}'",
            f"curl {url} {who}",
        ]
    )
