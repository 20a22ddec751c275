"""Events of Amazon API Gateway, in and out.

Shapes: "Create AWS Lambda proxy integrations for HTTP APIs" (payload format version 2.0) and "Lambda proxy integrations
in API Gateway" (REST APIs), both in the API Gateway Developer Guide.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from lambdas.common.http.exchange import JSON, Answer, Request

_CACHING = "private, no-cache"
"""Browsers may keep an answer, and ask with its ETag whether it still holds; nobody else may."""

_WITHOUT_CONTENT = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def http_api_request(event: Mapping[str, Any]) -> Request:
    """The request in an event of an HTTP API."""
    context = event["requestContext"]
    authorizer = context.get("authorizer")
    claims = authorizer["jwt"]["claims"] if authorizer else {}
    return Request(
        route_key=event["routeKey"],
        method=context["http"]["method"],
        user_id=claims.get("sub", ""),
        claims=claims,
        parameters=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers=event["headers"],
        body=_body(event),
        request_id=context["requestId"],
    )


def rest_api_request(event: Mapping[str, Any]) -> Request:
    """The request in an event of a REST API, whose header names come as the client wrote them."""
    context = event["requestContext"]
    claims = (context.get("authorizer") or {}).get("claims") or {}
    return Request(
        route_key=f"{event['httpMethod']} {event['resource']}",
        method=event["httpMethod"],
        user_id=claims.get("sub", ""),
        claims=claims,
        parameters=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=_body(event),
        request_id=context["requestId"],
    )


def response(answer: Answer, request_id: str) -> dict[str, Any]:
    """What a function returns to its gateway; both kinds take it."""
    headers = {"cache-control": _CACHING, "x-request-id": request_id, **answer.headers}
    if answer.status not in _WITHOUT_CONTENT:
        headers.setdefault("content-type", JSON)
    return {"statusCode": answer.status, "headers": headers, "body": answer.body}


def _body(event: Mapping[str, Any]) -> str | bytes:
    body: str = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body
