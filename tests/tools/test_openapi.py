"""What of a route follows for its OpenAPI document: statuses, headers, parameters, links."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from lambdas.common.http.routes import AnyRoute, Route
from tools.openapi.apis import HTTP_API, REST_API, Described, Gateway
from tools.openapi.document import document

PROBLEM, MESSAGE = "application/problem+json", "application/json"


class BookPath(Struct):
    book_id: str


class Book(Struct):
    book_id: str
    title: str


GET = Route(
    method="GET",
    path="/books/{book_id}",
    operation="get_book",
    summary="A book",
    parameters=BookPath,
    answer=Book,
    etag=True,
)
LIST = Route(method="GET", path="/books", operation="list_books", summary="All", answer=Book)
CREATE = Route(
    method="POST",
    path="/books",
    operation="create_book",
    summary="A new one",
    body=Book,
    status=201,
    answer=Book,
    idempotent=True,
    etag=True,
    location=True,
)
REPLACE = Route(
    method="PUT",
    path="/books/{book_id}",
    operation="replace_book",
    summary="Another",
    parameters=BookPath,
    body=Book,
    answer=Book,
    if_match="required",
    problems=(403, 409),
)
DELETE = Route(
    method="DELETE",
    path="/books/{book_id}",
    operation="delete_book",
    summary="None",
    parameters=BookPath,
    status=204,
    if_match="heard",
)
HEALTH = Route(method="GET", path="/health.json", operation="get_health", summary="Fine", answer=Book, scopes=None)
WIRED = Route(method="GET", path="/films", operation="list_films", summary="Films", answer=Book, needs="films")


def described(*routes: AnyRoute, gateway: Gateway = HTTP_API, api_key: bool = False) -> dict[str, Any]:
    return document(Described(title="", about="", routes=routes, server="/api", gateway=gateway, api_key=api_key))


def operation(route: AnyRoute, *others: AnyRoute, method: str = "", **api: Any) -> dict[str, Any]:
    """A route's operation, its answers in place."""
    found = described(route, *others, **api)
    operation: dict[str, Any] = found["paths"][route.path][method or route.method.lower()]
    shared = found["components"]["responses"]
    operation["responses"] = {
        status: shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for status, each in operation["responses"].items()
    }
    return operation


def types(answers: dict[str, Any]) -> dict[str, set[str]]:
    """Content types by status."""
    return {status: set(each.get("content", ())) for status, each in answers.items()}


BOTH, NEITHER = {PROBLEM, MESSAGE}, set[str]()
EVERYWHERE = {"400": {PROBLEM}, "429": {MESSAGE}, "500": {MESSAGE}, "503": BOTH}
GUARDED = EVERYWHERE | {"401": {MESSAGE}, "403": {MESSAGE}}
WITH_BODY = GUARDED | {"413": BOTH, "415": {PROBLEM}, "422": {PROBLEM}}


@pytest.mark.parametrize(
    ("route", "answered"),
    [
        (HEALTH, EVERYWHERE | {"200": {MESSAGE}}),
        (LIST, GUARDED | {"200": {MESSAGE}}),
        (WIRED, GUARDED | {"200": {MESSAGE}, "404": BOTH}),
        (GET, GUARDED | {"200": {MESSAGE}, "304": NEITHER, "404": BOTH}),
        (CREATE, WITH_BODY | {"201": {MESSAGE}}),
        (DELETE, GUARDED | {"204": NEITHER, "404": BOTH, "412": {PROBLEM}}),
        (
            REPLACE,
            WITH_BODY
            | {"200": {MESSAGE}, "403": BOTH, "404": BOTH, "409": {PROBLEM}, "412": {PROBLEM}, "428": {PROBLEM}},
        ),
    ],
    ids=lambda each: each.operation if isinstance(each, Route) else "",
)
def test_statuses_follow_from_the_route(route: AnyRoute, answered: dict[str, set[str]]) -> None:
    assert types(operation(route)["responses"]) == answered


def test_a_rest_api_puts_all_problems_alike() -> None:
    answered = types(operation(CREATE, gateway=REST_API)["responses"])
    assert {status for status in answered if status >= "400"} == {
        *("400", "401", "403", "413", "415", "422", "429", "500", "502", "503", "504")
    }
    assert all(each == {PROBLEM} for status, each in answered.items() if status >= "400")


def test_head_answers_as_get_does_but_without_content() -> None:
    get, head = operation(GET, DELETE), operation(GET, DELETE, method="head")
    assert set(head["responses"]) == set(get["responses"])
    assert head["responses"]["200"]["headers"] == get["responses"]["200"]["headers"]
    assert not any(types(head["responses"]).values())
    assert "links" not in head["responses"]["200"]


@pytest.mark.parametrize(
    ("route", "status", "sure"),
    [
        (GET, "200", {"x-request-id", "etag"}),
        (GET, "304", {"x-request-id", "etag"}),
        (CREATE, "201", {"x-request-id", "etag", "location"}),
        (DELETE, "204", {"x-request-id"}),
        (CREATE, "415", {"x-request-id", "accept"}),
        (GET, "404", set()),
        (GET, "503", set()),
    ],
)
def test_headers_that_are_always_there_are_said_to_be(route: AnyRoute, status: str, sure: set[str]) -> None:
    headers = operation(route)["responses"][status]["headers"]
    assert {name for name, each in headers.items() if each["required"]} == sure


def test_an_outage_says_when_to_come_again() -> None:
    assert "retry-after" in operation(GET)["responses"]["503"]["headers"]


@pytest.mark.parametrize(
    ("route", "heard"),
    [
        (CREATE, {"Idempotency-Key": False}),
        (REPLACE, {"If-Match": True}),
        (DELETE, {"If-Match": False}),
        (GET, {"If-None-Match": False}),
        (LIST, {}),
    ],
    ids=lambda each: each.operation if isinstance(each, Route) else "",
)
def test_headers_that_are_heard_follow_from_the_route(route: AnyRoute, heard: dict[str, bool]) -> None:
    parameters = operation(route)["parameters"]
    assert {each["name"]: each["required"] for each in parameters if each["in"] == "header"} == heard


def test_an_answer_links_to_what_it_names_with_its_etag_where_one_is_heard() -> None:
    links = operation(CREATE, GET, DELETE, LIST)["responses"]["201"]["links"]
    assert links == {
        "get_book": {"operationId": "get_book", "parameters": {"path.book_id": "$response.body#/book_id"}},
        "delete_book": {
            "operationId": "delete_book",
            "parameters": {"path.book_id": "$response.body#/book_id", "header.If-Match": "$response.header.etag"},
        },
    }


def test_without_an_etag_a_link_gives_none() -> None:
    links = operation(LIST, DELETE)["responses"]["200"]["links"]
    assert links["delete_book"]["parameters"] == {"path.book_id": "$response.body#/book_id"}


def test_tags_are_the_first_step_of_the_path() -> None:
    assert described(GET, LIST, HEALTH)["tags"] == [{"name": "books"}, {"name": "health"}]


@pytest.mark.parametrize(
    ("route", "api_key", "needed"),
    [
        (GET, False, [{"accessToken": ["aws.cognito.signin.user.admin"]}]),
        (GET, True, [{"accessToken": ["aws.cognito.signin.user.admin"], "apiKey": []}]),
        (HEALTH, False, []),
        (HEALTH, True, [{"apiKey": []}]),
    ],
)
def test_tokens_and_keys_that_are_needed_are_said(route: AnyRoute, api_key: bool, needed: list[Any]) -> None:  # noqa: FBT001
    assert operation(route, api_key=api_key)["security"] == needed
