"""What a route can be answered, by the function and by its gateway: which status follows from which of its fields."""

from __future__ import annotations

from typing import Any

from lambdas.common.http.problems import PROBLEM_JSON, Problem
from lambdas.common.http.routes import AnyRoute
from tools.openapi.apis import Gateway
from tools.openapi.links import links
from tools.openapi.schemas import components, reference_to

Answer = dict[str, Any]

MEANINGS = {
    304: "You have it already, says If-None-Match.",
    400: "The query, a header or the JSON of the body is malformed.",
    401: "There is no token, or none that holds: sign in again.",
    403: "The token, or who it stands for, may not do this.",
    404: "There is no such thing, or it is somebody else's.",
    409: "It does not go with what is there.",
    412: "It has changed since the version that If-Match names: read it again.",
    413: "The body is too large.",
    415: "The body is not sent as application/json.",
    422: "The body is not what it should be, or its Idempotency-Key came with another one before.",
    428: "If-Match is missing.",
    429: "Too many requests: come again later.",
    500: "A fault of the service.",
    502: "The function failed: send the request again.",
    503: "What is needed for an answer does not answer itself: send the request again.",
    504: "The function did not answer in time: send the request again.",
}

ETAG = {"type": "string", "pattern": '^"[!#-~]*"$', "examples": ['"5f1c7a0e9b3d4c68"']}


def successes(route: AnyRoute, routes: tuple[AnyRoute, ...], *, head: bool) -> dict[str, Answer]:
    """What a route is answered where all is well, by status; a HEAD without the content."""
    found = {str(route.status): _success(route, routes)}
    if route.method == "GET" and route.etag:
        found["304"] = {"description": MEANINGS[304], "headers": _headers(etag=True)}
    return {status: _bodiless(each) if head else each for status, each in found.items()}


def problems(route: AnyRoute, gateway: Gateway, *, head: bool) -> dict[str, tuple[str, Answer]]:
    """What else a route is answered, by status; routes share it under the name that comes with it."""
    by_function, by_gateway = _by_function(route), _by_gateway(route, gateway)
    found = {}
    for status in by_function | by_gateway:
        who = "Function" if status not in by_gateway else "Gateway" if status not in by_function else "Either"
        each = _problem(status, by_function, by_gateway, gateway)
        found[str(status)] = (f"{who}{status}ToHead", _bodiless(each)) if head else (f"{who}{status}", each)
    return found


def _bodiless(answer: Answer) -> Answer:
    return {name: value for name, value in answer.items() if name not in {"content", "links"}}


def _by_function(route: AnyRoute) -> set[int]:
    found = {400, 503, *route.problems}
    if route.names or route.needs:
        found.add(404)
    if route.takes_body:
        found |= {413, 415, 422}
    if route.if_match:
        found.add(412)
    if route.if_match == "required":
        found.add(428)
    return found


def _by_gateway(route: AnyRoute, gateway: Gateway) -> set[int]:
    return {
        *gateway.always,
        *(gateway.with_token if route.scopes is not None else ()),
        *(gateway.with_parameters if route.names else ()),
        *(gateway.with_needs if route.needs else ()),
        *(gateway.with_body if route.takes_body else ()),
    }


def _problem(status: int, by_function: set[int], by_gateway: set[int], gateway: Gateway) -> Answer:
    content = {}
    if status in by_gateway:
        content[gateway.content_type] = {"schema": reference_to(gateway.model)}
    if status in by_function:
        content[PROBLEM_JSON] = {"schema": reference_to(Problem.__name__)}
    headers = _headers(sure=status not in by_gateway)
    match status:
        case 401:
            headers["www-authenticate"] = _header("What is wrong with the token.")
        case 415:
            headers["accept"] = _header("What would do.", sure=status not in by_gateway)
        case 503:
            headers["retry-after"] = _header("Seconds to wait.", {"type": "integer", "minimum": 1})
    return {"description": MEANINGS[status], "headers": headers, "content": content}


def _success(route: AnyRoute, routes: tuple[AnyRoute, ...]) -> Answer:
    found: Answer = {
        "description": "As asked." if route.answer is None else f"{route.summary}.",
        "headers": _headers(etag=route.etag),
    }
    if route.location:
        schema = {"type": "string", "format": "uri-reference"}
        found["headers"]["location"] = _header("Where it is to be found.", schema, sure=True)
    if route.answer is not None:
        ((schema,), _) = components([route.answer])
        found["content"] = {"application/json": {"schema": schema}}
    if followed := links(route, routes):
        found["links"] = followed
    return found


def _headers(*, etag: bool = False, sure: bool = True) -> dict[str, Any]:
    headers = {"x-request-id": _header("Names the request in the logs.", sure=sure)}
    if etag:
        headers["etag"] = _header("The version, for If-Match and If-None-Match.", ETAG, sure=True)
    return headers


def _header(description: str, schema: dict[str, Any] | None = None, *, sure: bool = False) -> dict[str, Any]:
    return {"description": description, "required": sure, "schema": schema or {"type": "string"}}
