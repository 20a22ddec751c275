"""The web backend's real function behind something like its gateway, for the demo's chapters; answers can be spoilt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from lambdas.web_backend import api
from lambdas.web_backend.contract.routes import ROUTES
from local.use_cases.chapters import Shown
from local.use_cases.clients import Client, Reply, Transcript
from local.use_cases.people import Person
from local.use_cases.web_backend.visit import Visit
from tests.events.api_gateway import http_api_event
from tests.web_backend.client import Context
from tests.web_backend.world import World

ANN, BOB = "ann", "bob"
ADDRESS = "127.0.0.1:1"
SITE = "site.example"

Story = Callable[[Visit, Transcript], Shown]
Spoil = Callable[[str, Reply], Reply]
"""Gets a request such as ``GET /items`` and its answer, and gives what is answered instead."""


def token(user: str) -> str:
    """An access token whose signature tells whose it is."""
    return f"Bearer head.claims.{user}"


def visit(directory: Path) -> Visit:
    """Two people at an address where nobody listens: only `Gateway` answers."""
    anybody = Client(address=ADDRESS)
    return Visit(
        directory=directory,
        person=Person(email="ann@example.com", password="", user_id=ANN, access_token=""),
        owner=replace(anybody, headers={"authorization": token(ANN)}),
        stranger=replace(anybody, headers={"authorization": token(BOB)}),
        anybody=anybody,
        site=replace(anybody, headers={"host": SITE}),
        website=f"http://{SITE}",
        kinesis=None,
        events="events",
    )


@dataclass
class Gateway:
    """Takes what clients send; ``others`` are answers to requests that the function does not get."""

    others: dict[str, Reply] = field(default_factory=dict)
    spoil: Spoil = lambda _, reply: reply
    asked: list[str] = field(default_factory=list)

    def answer(
        self, client: Client, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Instead of `Client.send`."""
        request = f"{method} {path}"
        self.asked.append(request)
        sent = {**client.headers, **(headers or {})}
        reply = self.others.get(request) or self._by_function(method, path, body, sent)
        return self.spoil(request, reply)

    def _by_function(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        user = headers.get("authorization", "").rpartition(".")[2]
        if user not in {ANN, BOB}:
            return Reply(status=401, headers={}, body=b'{"message":"Unauthorized"}')
        url = urlsplit(path)
        key, parameters = _route(method, url.path)
        text = body.decode() if body else None
        event = http_api_event(
            key, method=method, parameters=parameters, query=dict(parse_qsl(url.query)), headers=headers, body=text,
            user_id=user,
        )  # fmt: skip
        found: Mapping[str, Any] = api.handler(event, Context())
        return Reply(status=found["statusCode"], headers=found["headers"], body=found["body"].encode())


def _route(method: str, path: str) -> tuple[str, dict[str, str]]:
    """Route key and parameters of a path; ``ANY`` where the path has no such method."""
    known: tuple[str, dict[str, str]] = ("$default", {})
    for route in ROUTES:
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path), path)
        if found and f"{method} {route.path}" in route.keys:
            return f"{method} {route.path}", found.groupdict()
        if found:
            known = f"ANY {route.path}", found.groupdict()
    return known


@contextmanager
def answered(gateway: Gateway) -> Iterator[None]:
    """While inside, clients reach this gateway, and behind it a function with a new table."""

    def send(client: Client, *request: Any) -> Reply:
        return gateway.answer(client, *request)

    with World().clients(), patch.object(Client, "send", send):
        yield


def problems_of(story: Story, directory: Path, gateway: Gateway | None = None) -> list[str]:
    """What a chapter finds not to be as it should."""
    transcript = Transcript()
    with answered(gateway or Gateway()):
        story(visit(directory), transcript)
    return transcript.problems


def changed(which: str, **fields: Any) -> Spoil:
    """Every answer to such a request (a regular expression) with other fields."""

    def spoil(request: str, reply: Reply) -> Reply:
        return replace(reply, **fields) if re.fullmatch(which, request) else reply

    return spoil
