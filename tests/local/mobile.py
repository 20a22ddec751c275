"""The mobile backend's real functions behind something like gateway and queues, for the demo's chapters."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from lambdas.mobile_backend import api
from lambdas.mobile_backend.contract import NOTIFIERS
from lambdas.mobile_backend.contract.routes import ROUTES
from local.use_cases.clients import Client, Reply
from local.use_cases.mobile_backend import notifying
from local.use_cases.mobile_backend.mailbox import Mailbox
from local.use_cases.mobile_backend.visit import API_KEY, Visit
from local.use_cases.people import Person
from tests.events.api_gateway import rest_api_event
from tests.mobile_backend.builders import ALICE, BOB, batch
from tests.mobile_backend.world import CONSUMERS, World

KEY = "the app's"
MAX_RECEIVES = 5


def person(user_id: str) -> Person:
    return Person(email=f"{user_id}@example.com", password="", user_id=user_id, access_token=user_id)


@dataclass
class Cloud:
    """Gateway, queues and their functions; what tests spoil are its fields."""

    world: World = field(default_factory=World)
    mailbox: Mailbox = field(default_factory=lambda: Mailbox("k"))
    notifiers: set[str] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    """Of answers, by their number, instead of the true ones."""
    bodies: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    """What of an answer's body, by its number, is replaced: a regular expression, and what stands there instead."""
    headers: dict[str, str] = field(default_factory=dict)
    """Of mails, instead of the true ones."""
    lost: bool = False
    """Whether what failed too often is thrown away."""
    forgetful: bool = False
    """Whether no Idempotency-Key is heard of."""
    asked: int = 0
    dead: list[str] = field(default_factory=list)
    _receives: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.world.provider.request = self._mail

    def _mail(self, method: str, url: str, *, body: bytes, headers: Mapping[str, str], **_: Any) -> Any:
        del method, url
        sent = {**headers, **self.headers}
        return SimpleNamespace(status=self.mailbox.take(sent["Authorization"], sent["Idempotency-Key"], body), data=b"")

    def answer(self, client: Client, method: str, path: str, body: bytes = b"", headers: Any = None) -> Reply:
        """Instead of `Client.send`."""
        reply = self._answer(method, path, body, {**client.headers, **(headers or {})})
        self._work_off()
        self.asked += 1
        status = self.statuses.get(self.asked, reply.status)
        pattern, instead = self.bodies.get(self.asked, (b"$^", b""))
        return Reply(status=status, headers=reply.headers, body=re.sub(pattern, instead, reply.body))

    def _answer(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        if headers.get(API_KEY) != KEY:
            return Reply(status=403, headers={}, body=b"{}")
        user_id = headers.get("authorization", "").removeprefix("Bearer ")
        if user_id not in {ALICE, BOB}:
            return Reply(status=401, headers={}, body=b"{}")
        if self.forgetful:
            headers.pop("idempotency-key", None)
        path, _, query = path.partition("?")
        key, parameters = _resource(method, path)
        event = rest_api_event(
            key.replace("ANY", method), parameters=parameters, headers=headers, body=body.decode() or None,
            query=dict([query.split("=")]) if query else None, user_id=user_id,
            claims={"cognito:groups": NOTIFIERS} if user_id in self.notifiers else {},
        )  # fmt: skip
        found = self.world._handled(api, event)
        return Reply(status=found["statusCode"], headers=found["headers"], body=found["body"].encode())

    def _work_off(self) -> None:
        """Delivers what is in the queues, once; what has failed too often are dead letters."""
        for queue in CONSUMERS:
            bodies = self.world.sns.queues.pop(queue, [])
            if not bodies:
                continue
            for failed in self.world.consume(queue, batch(*bodies)):
                body = bodies[int(failed)]
                self._receives[body] += 1
                if self._receives[body] < MAX_RECEIVES:
                    self.world.sns.queues[queue].append(body)
                elif not self.lost:
                    self.dead.append(body)

    # --- Amazon SQS, as the demo asks it; URLs are names ------------------------------------------------------------

    def get_queue_attributes(self, *, QueueUrl: str, **_: Any) -> Any:  # noqa: N803  boto's names
        self._work_off()
        bodies = self.dead if QueueUrl == "dead" else self.world.sns.queues.get(QueueUrl, [])
        redrive = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"})
        counts = {"ApproximateNumberOfMessages": str(len(bodies)), "ApproximateNumberOfMessagesNotVisible": "0"}
        return {"Attributes": {**counts, "RedrivePolicy": redrive, "VisibilityTimeout": "180"}}

    def set_queue_attributes(self, **_: Any) -> None:
        """It has no patience anyhow."""

    def get_queue_url(self, *, QueueName: str) -> Any:  # noqa: N803
        return {"QueueUrl": QueueName}

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        self.world.sns.queues[QueueUrl].append(MessageBody)

    def receive_message(self, **_: Any) -> Any:
        return {"Messages": [{"Body": body} for body in self.dead]}

    # --- and others -------------------------------------------------------------------------------------------------

    def admin_add_user_to_group(self, *, Username: str, **_: Any) -> None:  # noqa: N803
        self.notifiers.add(Username.partition("@")[0])

    def visit(self, directory: Path) -> Visit:
        """Two people with one app."""
        queues = {"PushQueueUrl": "push", "DigestQueueUrl": "email", "AuditQueueUrl": "audit"}
        functions = {"PushFunctionName": "push", "AuditFunctionName": "audit"}
        mine: Any = self
        return Visit(
            outputs={**queues, **functions, "UserPoolId": "pool"}, directory=directory, cognito=mine, sqs=mine,
            sns=None, secrets=None, logs=None, functions=None, ann=person(ALICE), bob=person(BOB),
            app=Client(address="127.0.0.1:1", headers={API_KEY: KEY}),
        )  # fmt: skip

    @contextmanager
    def reached(self) -> Iterator[None]:
        """While inside, clients reach this cloud."""
        banners = self.world.sns.pushed

        def send(client: Client, *request: Any) -> Reply:
            return self.answer(client, *request)

        with (
            patch.object(Client, "send", send),
            patch.object(notifying, "counted", lambda *_: len(banners)),
            patch.object(notifying, "SENDER", "news@example.com"),
            patch.object(Visit, "again", lambda _, person: person),
        ):
            yield


def _resource(method: str, path: str) -> tuple[str, dict[str, str]]:
    known: tuple[str, dict[str, str]] = (f"{method} {path}", {})
    for route in ROUTES:
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path), path)
        if found:
            known = f"{method} {route.path}", found.groupdict()
    return known
