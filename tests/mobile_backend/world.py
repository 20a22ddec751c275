"""The real functions over fakes of AWS and of a mail provider, with a fault at any call."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec
from botocore.exceptions import ClientError, ReadTimeoutError
from urllib3.exceptions import HTTPError

from lambdas.common.calls import Patience
from lambdas.mobile_backend import api, audit, digest, push
from lambdas.mobile_backend.adapters.audit import DynamoAuditTrail
from lambdas.mobile_backend.adapters.devices import DynamoDevices
from lambdas.mobile_backend.adapters.directory import CognitoDirectory
from lambdas.mobile_backend.adapters.mailed import DynamoMailed
from lambdas.mobile_backend.adapters.mailer import HttpMailer
from lambdas.mobile_backend.adapters.requests import DynamoRequests
from lambdas.mobile_backend.adapters.secrets import MailSecret
from lambdas.mobile_backend.adapters.sns import SnsEndpoints, SnsPush, SnsTopic
from lambdas.mobile_backend.contract import (
    CHANNELS_ATTRIBUTE,
    ENTRY,
    NOTIFICATION_ID,
    RECIPIENT,
    USER_ID,
    Limits,
    Mail,
    MailProvider,
)
from lambdas.mobile_backend.contract.models import Platform
from lambdas.mobile_backend.runtime.operations import operations
from lambdas.mobile_backend.workflow.backend import Backend
from lambdas.mobile_backend.workflow.mailing import Postman
from lambdas.mobile_backend.workflow.pushing import Pusher
from tests.events.api_gateway import rest_api_event
from tests.mobile_backend.builders import NOW, Reply
from tests.support.fake_aws import FakeDynamoDB, Outside, client_error
from tests.support.schedule import Killed
from tests.support.silent import Silent

CONSUMERS = {"push": push, "email": digest, "audit": audit}
FILTERED = {"push", "email"}
"""Queues that get only what is for their channel."""


@dataclass
class FakeSns:
    """A topic that hands messages to queues, and endpoints of devices, of which some are ``disabled``."""

    outside: Outside
    queues: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    pushed: list[tuple[str, str, str]] = field(default_factory=list)
    """Endpoint, collapse id, and title of each banner."""
    disabled: set[str] = field(default_factory=set)

    def create_platform_endpoint(self, *, PlatformApplicationArn: str, Token: str) -> Any:  # noqa: N803
        endpoint = f"{PlatformApplicationArn}/{Token}"
        return self.outside.call("CreatePlatformEndpoint", lambda _: {"EndpointArn": endpoint})

    def set_endpoint_attributes(self, *, EndpointArn: str, Attributes: Mapping[str, str]) -> Any:  # noqa: N803
        assert Attributes["Enabled"] == "true"
        return self.outside.call("SetEndpointAttributes", lambda _: self.disabled.discard(EndpointArn))

    def publish(self, *, Message: str, MessageAttributes: Any, **target: str) -> Any:  # noqa: N803
        if "TopicArn" in target:
            channels = json.loads(MessageAttributes[CHANNELS_ATTRIBUTE]["StringValue"])
            return self.outside.call("Publish", lambda _: self._fan_out(Message, channels))
        collapse_id = MessageAttributes["AWS.SNS.MOBILE.APNS.COLLAPSE_ID"]["StringValue"]
        banner = target["TargetArn"], collapse_id, json.loads(Message)["default"]
        return self.outside.call("Push", lambda _: self._push(banner))

    def _fan_out(self, message: str, channels: list[str]) -> None:
        for queue in CONSUMERS:
            if queue in channels or queue not in FILTERED:
                self.queues[queue].append(message)

    def _push(self, banner: tuple[str, str, str]) -> None:
        if banner[0] in self.disabled:
            raise client_error("Publish", "EndpointDisabled")
        self.pushed.append(banner)


@dataclass
class FakeProvider:
    """A mail provider that hears of no Idempotency-Key, so that every mail counts."""

    outside: Outside
    mails: list[Mail] = field(default_factory=list)
    doubtful: list[Mail] = field(default_factory=list)
    """That it took, and nobody has noted it."""

    def request(self, method: str, url: str, *, body: bytes, **_: Any) -> Any:
        assert (method, url) == ("POST", "https://mails.example.com")
        mail = msgspec.json.decode(body, type=Mail)
        taken = len(self.mails)
        try:
            return self.outside.call("Mail", lambda _: self._take(mail))
        except ClientError:
            return SimpleNamespace(status=429, data=b"")
        except ReadTimeoutError as error:
            self.doubtful += self.mails[taken:]
            raise HTTPError from error
        except Killed:
            self.doubtful += self.mails[taken:]
            raise

    def _take(self, mail: Mail) -> Any:
        self.mails.append(mail)
        return SimpleNamespace(status=202, data=b"")


@dataclass
class World:
    """One stack, whose users' addresses are their ids at example.com."""

    outside: Outside = field(default_factory=Outside)
    now: datetime = NOW

    def __post_init__(self) -> None:
        keys = {"devices": (USER_ID, ENTRY), "audit": (RECIPIENT, NOTIFICATION_ID)}
        self.dynamodb: Any = FakeDynamoDB(self.outside, keys)
        self.sns: Any = FakeSns(self.outside)
        self.provider: Any = FakeProvider(self.outside)
        self.runtimes = self._runtimes()

    def _runtimes(self) -> dict[Any, Any]:
        silent: Any = Silent()
        devices, trail = DynamoDevices(self.dynamodb, "devices"), DynamoAuditTrail(self.dynamodb, "audit")
        return {
            api: api.Runtime(silent, operations(self._backend(devices, trail), Limits())),
            push: push.Runtime(silent, Pusher(devices, SnsPush(self.sns))),
            digest: digest.Runtime(silent, self._postman()),
            audit: audit.Runtime(silent, trail),
        }

    def _backend(self, devices: DynamoDevices, trail: DynamoAuditTrail) -> Backend:
        return Backend(
            devices=devices,
            endpoints=SnsEndpoints(self.sns),
            requests=DynamoRequests(self.dynamodb, "devices"),
            topic=SnsTopic(self.sns, "topic"),
            audit=trail,
            applications={each: f"application/{each}" for each in Platform},
            max_devices=2,
            now=self._tick,
        )

    def _postman(self) -> Postman:
        users: Any = SimpleNamespace(admin_get_user=self._admin_get_user)
        secrets: Any = SimpleNamespace(get_secret_value=self._get_secret_value)
        return Postman(
            directory=CognitoDirectory(users, "pool"),
            mailed=DynamoMailed(self.dynamodb, "devices", Patience(lambda _: None)),
            mailer=HttpMailer(MailSecret.read_by(secrets, "secret"), self.provider),
            now=self._tick,
        )

    def _tick(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def _admin_get_user(self, *, UserPoolId: str, Username: str) -> Any:  # noqa: N803
        assert UserPoolId == "pool"
        values = {"email": f"{Username}@example.com", "email_verified": "true"}
        attributes = [{"Name": name, "Value": value} for name, value in values.items()]
        return self.outside.call("AdminGetUser", lambda _: {"UserAttributes": attributes})

    def _get_secret_value(self, **_: Any) -> Any:
        provider = MailProvider(url="https://mails.example.com", api_key="k", sender="news@example.com")
        answer = {"SecretString": msgspec.json.encode(provider).decode()}
        return self.outside.call("GetSecretValue", lambda _: answer)

    def call(self, route_key: str, body: Any = None, *, user_id: str, key: str | None = None, **more: Any) -> Reply:
        """Sends a request through the real API function."""
        event = rest_api_event(
            route_key,
            body=None if body is None else json.dumps(body),
            headers={"Idempotency-Key": key} if key else {},
            user_id=user_id,
            **more,
        )
        return Reply.of(self._handled(api, event))

    def consume(self, queue: str, event: dict[str, Any]) -> set[str]:
        """Ids of the messages that the queue's function reports as failed."""
        answer = self._handled(CONSUMERS[queue], event)
        return {each["itemIdentifier"] for each in answer["batchItemFailures"]}

    def _handled(self, function: Any, event: dict[str, Any]) -> Any:
        with patch.object(function, "runtime", lambda: self.runtimes[function]):
            return function.handler(event, SimpleNamespace(aws_request_id="request-1"))

    def audited(self) -> dict[str, str]:
        """Titles in the audit trail by notification id."""
        return {item[NOTIFICATION_ID]["S"]: item["title"]["S"] for item in self.dynamodb.items("audit")}
