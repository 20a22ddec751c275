"""Events of both kinds of gateway are the same request, and both take the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.common.http.exchange import Answer, Request, groups_of
from lambdas.common.http.gateway import http_api_request, response, rest_api_request
from tests.events.api_gateway import http_api_event, rest_api_event


def through_http_api(route_key: str, **said: Any) -> Request:
    return http_api_request(http_api_event(route_key, **said))


def through_rest_api(route_key: str, **said: Any) -> Request:
    return rest_api_request(rest_api_event(route_key, **said))


either = pytest.mark.parametrize("through", [through_http_api, through_rest_api])
Through = Callable[..., Request]


@either
def test_a_request_says_what_the_client_said(through: Through) -> None:
    found = through(
        "PUT /books/{book_id}",
        parameters={"book_id": "1"},
        query={"a": "b"},
        headers={"if-match": '"r"'},
        body="{}",
        user_id="u-1",
        request_id="r-1",
    )
    assert (found.route_key, found.method) == ("PUT /books/{book_id}", "PUT")
    assert (found.parameters, found.query) == ({"book_id": "1"}, {"a": "b"})
    assert (found.headers["if-match"], found.headers["content-type"]) == ('"r"', "application/json")
    assert (found.user_id, found.claims["sub"], found.body, found.request_id) == ("u-1", "u-1", "{}", "r-1")


@either
def test_what_a_request_does_not_have_is_empty(through: Through) -> None:
    found = through("GET /health", user_id=None)
    assert (found.user_id, found.claims, found.parameters, found.query, found.body) == ("", {}, {}, {}, "")


@either
def test_a_body_in_base64_is_its_bytes(through: Through) -> None:
    assert through("POST /books", body=b"\xff\x00").body == b"\xff\x00"


def test_names_of_headers_are_in_lower_case_where_the_gateway_leaves_them_as_they_were() -> None:
    assert through_rest_api("GET /books", headers={"If-None-Match": "*"}).headers["if-none-match"] == "*"


def test_a_rest_api_may_send_no_headers_at_all() -> None:
    assert rest_api_request(rest_api_event("GET /books") | {"headers": None}).headers == {}


def test_an_answer_is_json_that_only_its_browser_keeps_and_names_the_request() -> None:
    assert response(Answer(201, "{}", {"location": "/books/1"}), "r-1") == {
        "statusCode": 201,
        "headers": {
            "content-type": "application/json",
            "cache-control": "private, no-cache",
            "x-request-id": "r-1",
            "location": "/books/1",
        },
        "body": "{}",
    }


def test_an_answer_may_be_of_another_type_and_cached_otherwise() -> None:
    headers = response(Answer(404, "{}", {"content-type": "application/problem+json", "cache-control": "no-store"}), "")
    assert headers["headers"]["content-type"] == "application/problem+json"
    assert headers["headers"]["cache-control"] == "no-store"


@pytest.mark.parametrize("status", [204, 304])
def test_nothing_has_no_content_type(status: int) -> None:
    assert "content-type" not in response(Answer(status), "r-1")["headers"]


@pytest.mark.parametrize(
    ("claims", "groups"),
    [
        ({}, []),
        ({"cognito:groups": None}, []),
        ({"cognito:groups": ""}, []),
        ({"cognito:groups": "one"}, ["one"]),
        ({"cognito:groups": "one,two"}, ["one", "two"]),
        ({"cognito:groups": "[one two]"}, ["one", "two"]),
        ({"cognito:groups": ["one", "two"]}, ["one", "two"]),
    ],
)
def test_groups_are_read_as_each_gateway_writes_them(claims: dict[str, Any], groups: list[str]) -> None:
    assert list(groups_of(claims)) == groups
