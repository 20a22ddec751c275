"""Requests and answers, free of the gateway that they came through."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Generic

import msgspec

from lambdas.common.http.routes import B, P, Q

JSON = "application/json"

_GROUPS = "cognito:groups"

encode = msgspec.json.Encoder().encode


class Request(msgspec.Struct, frozen=True, gc=False):
    """What a gateway hands over."""

    route_key: str
    """``POST /items``, or ``ANY /items`` for methods that the path does not have."""
    method: str
    user_id: str
    """Subject of the verified token; empty on a public route."""
    claims: Mapping[str, Any]
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: str | bytes
    request_id: str


class IdempotencyKey(msgspec.Struct, frozen=True):
    """A client's name for one request, so that it can be sent again; ``digest`` tells its body from others."""

    operation: str
    key: str
    digest: str


class Call(msgspec.Struct, Generic[P, Q, B], frozen=True, gc=False):
    """A request that was checked against its route."""

    user_id: str
    claims: Mapping[str, Any]
    parameters: P
    query: Q
    body: B
    revisions: tuple[str, ...] | None = None
    """ETags of ``If-Match``, of which one has to be the current; None lets any pass."""
    idempotency: IdempotencyKey | None = None


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a request is answered; ``body`` is JSON unless the headers say otherwise."""

    status: int
    body: str = ""
    headers: dict[str, str] = {}


def answer(status: int, model: Any, **headers: str) -> Answer:
    """An answer of a model; headers are named as keywords, ``location``, ``etag``."""
    return Answer(status, encode(model).decode(), headers)


def quoted(revision: str) -> str:
    """A revision as a strong ETag (RFC 9110)."""
    return f'"{revision}"'


def groups_of(claims: Mapping[str, Any]) -> Collection[str]:
    """Groups of a user by the claims of the token.

    A REST API's authorizer writes a list as ``a,b``, an HTTP API's as ``[a b]``; AppSync leaves it a list.
    """
    groups = claims.get(_GROUPS) or ()
    return groups.strip("[]").replace(",", " ").split() if isinstance(groups, str) else groups
