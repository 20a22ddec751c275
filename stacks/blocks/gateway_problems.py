"""What a REST API answers by itself, as the functions behind it answer: problem details of RFC 9457."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from aws_cdk import aws_apigateway as apigateway

_GATEWAY_SAYS = "$context.error.messageString"
"""A JSON string, quotes included."""


@dataclass(frozen=True)
class _Answer:
    status: HTTPStatus
    detail: str = _GATEWAY_SAYS
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    """In the body, as in `lambdas.common.http.problems.Fault`."""


_NOTHING_THERE = _Answer(HTTPStatus.NOT_FOUND, "there is nothing under this path")
_BROKEN = _Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "the API is not set up as it should be")

_ANSWERS = {
    apigateway.ResponseType.UNAUTHORIZED: _Answer(
        HTTPStatus.UNAUTHORIZED,
        "sign in, and send the access token: Authorization: Bearer TOKEN; they last an hour",
        {"www-authenticate": "Bearer"},
    ),
    apigateway.ResponseType.INVALID_API_KEY: _Answer(HTTPStatus.FORBIDDEN, "send the app's API key: x-api-key: KEY"),
    apigateway.ResponseType.ACCESS_DENIED: _Answer(HTTPStatus.FORBIDDEN),
    apigateway.ResponseType.WAF_FILTERED: _Answer(HTTPStatus.FORBIDDEN, "the firewall refused this request"),
    # A path that no method has: the name is about signed requests, which no method here takes.
    apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN: _NOTHING_THERE,
    apigateway.ResponseType.RESOURCE_NOT_FOUND: _NOTHING_THERE,
    apigateway.ResponseType.BAD_REQUEST_PARAMETERS: _Answer(HTTPStatus.BAD_REQUEST),
    apigateway.ResponseType.BAD_REQUEST_BODY: _Answer(
        HTTPStatus.BAD_REQUEST, fault="$context.error.validationErrorString"
    ),
    apigateway.ResponseType.REQUEST_TOO_LARGE: _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE: _Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    apigateway.ResponseType.THROTTLED: _Answer(
        HTTPStatus.TOO_MANY_REQUESTS, "too many requests: send this one again later", {"retry-after": "1"}
    ),
    apigateway.ResponseType.QUOTA_EXCEEDED: _Answer(
        HTTPStatus.TOO_MANY_REQUESTS, "this API key has no requests left in this period"
    ),
    apigateway.ResponseType.INTEGRATION_FAILURE: _Answer(
        HTTPStatus.BAD_GATEWAY, "the function did not answer: send the request again"
    ),
    apigateway.ResponseType.INTEGRATION_TIMEOUT: _Answer(
        HTTPStatus.GATEWAY_TIMEOUT, "the function did not answer in time: send the request again"
    ),
    apigateway.ResponseType.API_CONFIGURATION_ERROR: _BROKEN,
    apigateway.ResponseType.AUTHORIZER_CONFIGURATION_ERROR: _BROKEN,
    apigateway.ResponseType.AUTHORIZER_FAILURE: _BROKEN,
}


def answer_with_problems(api: apigateway.RestApi) -> None:
    """Replaces every answer of the gateway itself; those that it knows no status of say none."""
    for kind, each in _ANSWERS.items():
        facts = {"title": each.status.phrase, "status": each.status.value}
        _respond(api, kind, facts, each, str(each.status.value))
    for kind in (apigateway.ResponseType.DEFAULT_4_XX, apigateway.ResponseType.DEFAULT_5_XX):
        _respond(api, kind, {}, _Answer(HTTPStatus.BAD_REQUEST), None)


def _respond(
    api: apigateway.RestApi,
    kind: apigateway.ResponseType,
    facts: Mapping[str, str | int],
    answer: _Answer,
    status: str | None,
) -> None:
    errors = {"errors": [{"pointer": "#", "detail": answer.fault}]} if answer.fault else {}
    problem = {**facts, "detail": answer.detail, **errors}
    api.add_gateway_response(
        "".join(word.title() for word in kind.response_type.split("_")),
        type=kind,
        status_code=status,
        response_headers={
            "Content-Type": "'application/problem+json'",
            "x-request-id": "context.requestId",
            **{name: f"'{value}'" for name, value in answer.headers.items()},
        },
        # Variables are replaced, nothing else; the message comes with its quotes.
        templates={"application/json": json.dumps(problem).replace(f'"{_GATEWAY_SAYS}"', _GATEWAY_SAYS)},
    )
