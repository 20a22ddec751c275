"""Lambda function behind AWS AppSync, as direct resolver of every field: the operations of the REST API once more.

Shape of events: "Direct Lambda resolvers" in the AWS AppSync Developer Guide.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lambdas.common.http.api import Api
from lambdas.common.http.exchange import JSON, Request, encode
from lambdas.common.http.routes import AnyRoute
from lambdas.common.http.serving import serve
from lambdas.common.observability import InvocationContext, Observability
from lambdas.mobile_backend.contract import FIELDS_BROKEN, ApiSettings
from lambdas.mobile_backend.contract.routes import (
    FORGET_DEVICE,
    LIST_DEVICES,
    LIST_NOTIFICATIONS,
    NOTIFY,
    REGISTER_DEVICE,
)
from lambdas.mobile_backend.runtime.operations import on_aws

Arguments = Mapping[str, Any]


class ResolverError(Exception):
    """AppSync shows its text as the ``message`` of an error of type ``Lambda:Unhandled``, and the field as null."""


@dataclass(frozen=True)
class Field:
    """How a field is answered by an operation; the schema has its arguments and its type."""

    route: AnyRoute
    body: str | None = None
    """Argument that is the body."""
    result: Callable[[Any, Arguments], Any] = lambda answered, _: answered
    """The field's value, of what the operation answers and the arguments."""


FIELDS = {
    "devices": Field(LIST_DEVICES, result=lambda answered, _: answered["devices"]),
    "registerDevice": Field(REGISTER_DEVICE, body="device"),
    "forgetDevice": Field(FORGET_DEVICE, result=lambda _, arguments: arguments["device_id"]),
    "notify": Field(NOTIFY, body="notification"),
    "notifications": Field(LIST_NOTIFICATIONS, result=lambda answered, _: answered["notifications"]),
}
"""By name in the schema."""


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    api: Api


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = ApiSettings.from_env(os.environ)
    return Runtime(Observability(settings), on_aws(settings))


def handler(event: Mapping[str, Any], context: InvocationContext) -> Any:
    """Resolves a field.

    Raises:
        ResolverError: what the REST API answers with a status of 400 or above, and whatever nobody expected.
    """
    observability = runtime().observability
    with observability.invocation(context):
        try:
            found = _resolved(event, context.aws_request_id)
        except Exception:  # clients would be shown its text: it stays in the log
            observability.logger.exception("failed")
            observability.count(FIELDS_BROKEN)
            found = ResolverError(f"500 Internal Server Error: the log says more, of request {context.aws_request_id}")
    # Raised outside: what a client did wrong is no failure of the invocation.
    if isinstance(found, ResolverError):
        raise found
    return found


def _resolved(event: Mapping[str, Any], request_id: str) -> Any:
    """The field's value, or the ResolverError to be raised."""
    field = FIELDS[event["info"]["fieldName"]]
    answer = serve(runtime().api, runtime().observability, _request(field, event, request_id))
    said: Any = json.loads(answer.body) if answer.body else None
    if answer.status >= 400:
        return ResolverError(f"{said['status']} {said['title']}: {said['detail']}")
    return field.result(said, event["arguments"])


def _request(field: Field, event: Mapping[str, Any], request_id: str) -> Request:
    identity, arguments = event["identity"], _given(event["arguments"])
    key = arguments.get("idempotency_key")
    body = _given(arguments[field.body]) if field.body else {}
    return Request(
        route_key=field.route.keys[0],
        method=field.route.method,
        user_id=identity["sub"],
        claims=identity["claims"],
        parameters={name: arguments[name] for name in field.route.names},
        query={name: str(arguments[name]) for name in field.route.query.__struct_fields__ if name in arguments},
        headers={"content-type": JSON} | ({"idempotency-key": key} if key else {}),
        body=encode(body),
        request_id=request_id,
    )


def _given(values: Arguments) -> Arguments:
    """Clients leave a value out, or give null: that is the same."""
    return {name: value for name, value in values.items() if value is not None}
