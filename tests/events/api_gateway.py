"""Requests as Amazon API Gateway hands them to a function.

API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs" (payload format version 2.0) and
"Lambda proxy integrations in API Gateway" (REST APIs); claims, all of them strings: Amazon Cognito Developer Guide,
"Understanding the access token".
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

USER_ID = "1d9a4b2e-7f0c-4c57-9b44-0f3c6a2b8e11"
SCOPE = "aws.cognito.signin.user.admin"
DOMAIN = "id.execute-api.us-east-1.amazonaws.com"
TIME = "12/Mar/2020:19:03:58 +0000"
EPOCH_MILLISECONDS = 1583348638390


def http_api_event(
    route_key: str,
    *,
    method: str | None = None,
    parameters: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    user_id: str | None = USER_ID,
    claims: Mapping[str, str] | None = None,
    request_id: str = "JKJaXmPLvHcESHA=",
) -> dict[str, Any]:
    """A request to an HTTP API; ``bytes`` are a body that the gateway takes for binary. Without user it is public."""
    key_method, _, path = route_key.partition(" ")
    path = _filled(path, parameters)
    authorizer = {"jwt": {"claims": _claims(user_id, claims), "scopes": [SCOPE]}} if user_id else None
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": f"/api{path}",
        "rawQueryString": urlencode(query or {}, errors="surrogatepass"),
        "headers": {"host": DOMAIN, **_content_type(body), **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            **({"authorizer": authorizer} if authorizer else {}),
            "domainName": DOMAIN,
            "domainPrefix": "id",
            "http": {
                "method": method or key_method,
                "path": f"/api{path}",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "api",
            "time": TIME,
            "timeEpoch": EPOCH_MILLISECONDS,
        },
        **_body(body),
    }
    # An HTTP API leaves away what is empty.
    return event | {
        name: dict(each) for name, each in (("pathParameters", parameters), ("queryStringParameters", query)) if each
    }


def rest_api_event(
    resource_key: str,
    *,
    parameters: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    user_id: str | None = USER_ID,
    claims: Mapping[str, str] | None = None,
    request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
) -> dict[str, Any]:
    """A request to a REST API, ``POST /devices``; header names come as the client wrote them."""
    method, _, resource = resource_key.partition(" ")
    all_headers = {"Host": DOMAIN, **_content_type(body, "Content-Type"), **(headers or {})}
    return {
        "resource": resource,
        "path": _filled(resource, parameters),
        "httpMethod": method,
        "headers": all_headers,
        "multiValueHeaders": {name: [value] for name, value in all_headers.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": dict(parameters) if parameters else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "id",
            **({"authorizer": {"claims": _claims(user_id, claims)}} if user_id else {}),
            "domainName": DOMAIN,
            "extendedRequestId": "request-id",
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "agent"},
            "path": f"/api{_filled(resource, parameters)}",
            "protocol": "HTTP/1.1",
            "requestId": request_id,
            "requestTime": TIME,
            "requestTimeEpoch": EPOCH_MILLISECONDS,
            "resourceId": "123456",
            "resourcePath": resource,
            "stage": "api",
        },
        "body": None,
        "isBase64Encoded": False,
        **_body(body),
    }


def _filled(path: str, parameters: Mapping[str, str] | None) -> str:
    for name, value in (parameters or {}).items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _claims(user_id: str | None, more: Mapping[str, str] | None) -> dict[str, str]:
    return {"sub": user_id or "", "token_use": "access", "scope": SCOPE, **(more or {})}


def _content_type(body: str | bytes | None, name: str = "content-type") -> dict[str, str]:
    return {} if body is None else {name: "application/json"}


def _body(body: str | bytes | None) -> dict[str, Any]:
    if body is None:
        return {"isBase64Encoded": False}
    if isinstance(body, bytes):
        return {"body": b64encode(body).decode(), "isBase64Encoded": True}
    return {"body": body, "isBase64Encoded": False}
