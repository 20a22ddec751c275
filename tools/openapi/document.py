"""OpenAPI 3.1 documents, made of the routes of a slice's contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lambdas.common.http.problems import Problem
from lambdas.common.http.routes import AnyRoute
from tools.openapi.answers import ETAG, Answer, problems, successes
from tools.openapi.apis import APIS, MESSAGE, Described
from tools.openapi.schemas import components, parameters, reference_to

ROOT = Path(__file__).parents[2]

_ABOUT_ALL = (
    "A method that a path does not have is answered 405, with those that it has in `Allow`. Where the function answers "
    "400 or above, it tells the problem as RFC 9457 has it; what the gateway answers by itself stands beside."
)
_MESSAGE = {
    "title": MESSAGE,
    "description": "What the gateway says by itself.",
    "type": "object",
    "properties": {"message": {"type": ["string", "null"]}},
    "required": ["message"],
}
_IDEMPOTENCY_KEY = {
    "type": "string",
    "pattern": "^[!-~]{1,255}$",
    "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
}


def path_of(slice_name: str) -> Path:
    """Where a slice's document is kept: in the function's asset, so that it can be served."""
    return ROOT / "lambdas" / slice_name / "openapi.json"


def text_of(slice_name: str) -> str:
    """A slice's document as it is kept."""
    return json.dumps(document(APIS[slice_name]), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def document(api: Described) -> dict[str, Any]:
    """The whole document of an API."""
    models = [each for route in api.routes for each in (route.body if route.takes_body else None, route.answer) if each]
    _, schemas = components([*models, Problem])
    if api.gateway.model == MESSAGE:
        schemas[MESSAGE] = _MESSAGE
    paths: dict[str, dict[str, Any]] = {}
    shared: dict[str, Answer] = {}
    for route in api.routes:
        for method in (key.split(" ")[0].lower() for key in route.keys):
            head = method == "head"
            shared |= dict(problems(route, api.gateway, head=head).values())
            paths.setdefault(route.path, {})[method] = _operation(api, route, head=head)
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": "1", "description": f"{api.about} {_ABOUT_ALL}"},
        "servers": [{"url": api.server}],
        "tags": [{"name": name} for name in sorted({_tag(route) for route in api.routes})],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": shared,
            "securitySchemes": _security_schemes(api),
        },
    }


def _operation(api: Described, route: AnyRoute, *, head: bool) -> dict[str, Any]:
    found = {
        "operationId": f"{route.operation}_head" if head else route.operation,
        "summary": f"{route.summary}: headers alone" if head else route.summary,
        "tags": [_tag(route)],
        "parameters": [*_parameters(route)],
        "responses": successes(route, api.routes, head=head)
        | {
            status: {"$ref": f"#/components/responses/{name}"}
            for status, (name, _) in problems(route, api.gateway, head=head).items()
        },
        "security": _security(api, route),
    }
    if route.takes_body:
        content = {"application/json": {"schema": reference_to(route.body.__name__)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameters(route: AnyRoute) -> Iterator[dict[str, Any]]:
    for place, model in (("path", route.parameters), ("query", route.query)):
        for name, schema, required in parameters(model):
            yield _parameter(place, name, schema, required=required)
    if route.if_match:
        described = "ETags of the versions that you have seen, or `*` for any: it is changed only if it is one of them."
        yield _parameter(
            "header",
            "If-Match",
            {"type": "string", "description": described, "examples": ETAG["examples"]},
            required=route.if_match == "required",
        )
    if route.method == "GET" and route.etag:
        described = "ETags of the versions that you have: if it is one of them, it is not sent again."
        yield _parameter("header", "If-None-Match", {"type": "string", "description": described}, required=False)
    if route.idempotent:
        described = (
            "A name for this request, such as a UUID: sent again with it, it is done once and answered the same."
        )
        yield _parameter("header", "Idempotency-Key", {**_IDEMPOTENCY_KEY, "description": described}, required=False)


def _parameter(place: str, name: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    described = {"description": schema["description"]} if "description" in schema else {}
    bare = {keyword: value for keyword, value in schema.items() if keyword != "description"}
    return {"in": place, "name": name, "required": required, "schema": bare, **described}


def _security(api: Described, route: AnyRoute) -> list[dict[str, list[str]]]:
    """All of one entry is needed; an empty list lets everybody in."""
    token = {"accessToken": list(route.scopes)} if route.scopes is not None else {}
    needed = token | ({"apiKey": []} if api.api_key else {})
    return [needed] if needed else []


def _security_schemes(api: Described) -> dict[str, Any]:
    token = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the user pool. Where an operation names scopes, it has to have one of them; "
        "identity tokens have none.",
    }
    key = {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "Key of the app's usage plan."}
    return {"accessToken": token, **({"apiKey": key} if api.api_key else {})}


def _tag(route: AnyRoute) -> str:
    return route.path.strip("/").partition("/")[0].partition(".")[0]
