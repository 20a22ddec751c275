"""Which operation gets a request, and what is told where there is none."""

from __future__ import annotations

import pytest

from tests.common.http.shelf import Shelf, request, said


def test_path_and_query_reach_the_operation_as_their_models(shelf: Shelf) -> None:
    shelf("GET /books/{book_id}", parameters={"book_id": "42"})
    assert shelf.last.parameters.book_id == "42"
    shelf("GET /books", query={"limit": "7"})
    assert (shelf.last.query.limit, shelf.last.query.word) == (7, "")


def test_without_a_query_its_defaults_hold(shelf: Shelf) -> None:
    shelf("GET /books")
    assert shelf.last.query.limit == 25


def test_the_operation_learns_who_asks(shelf: Shelf) -> None:
    shelf("GET /books", user_id="u-1", claims={"cognito:groups": "[notifiers]"})
    assert (shelf.last.user_id, shelf.last.claims["cognito:groups"]) == ("u-1", "[notifiers]")


@pytest.mark.parametrize("book_id", ["x", "1\n", "", "\ud800"])
def test_a_path_that_nothing_can_have_is_404(shelf: Shelf, book_id: str) -> None:
    assert said(shelf("GET /books/{book_id}", parameters={"book_id": book_id}))["status"] == 404


@pytest.mark.parametrize(
    "query", [{"limit": "x"}, {"limit": "0"}, {"limit": ""}, {"limit": "5,6"}, {"limit": "\ud800"}, {"colour": "red"}]
)
def test_a_query_that_is_not_as_it_should_be_is_400(shelf: Shelf, query: dict[str, str]) -> None:
    assert said(shelf("GET /books", query=query))["detail"].startswith("query: ")
    assert shelf("GET /books", query=query).status == 400


def test_a_query_where_none_is_taken_is_400(shelf: Shelf) -> None:
    found = shelf("GET /books/{book_id}", parameters={"book_id": "1"}, query={"verbose": "1"})
    assert "`verbose`" in said(found)["detail"]
    assert found.status == 400


def test_head_is_get_without_the_body(shelf: Shelf) -> None:
    found = shelf("GET /books/{book_id}", parameters={"book_id": "1"})
    head = shelf("HEAD /books/{book_id}", parameters={"book_id": "1"})
    assert (head.status, head.headers, head.body) == (found.status, found.headers, "")


def test_head_of_what_cannot_be_has_no_body_either(shelf: Shelf) -> None:
    found = shelf("HEAD /books/{book_id}", parameters={"book_id": "x"})
    assert (found.status, found.body) == (404, "")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/books", "GET, HEAD, POST"), ("/books/{book_id}", "DELETE, GET, HEAD, PUT")]
)
@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE"])
def test_a_method_that_a_path_does_not_have_is_405_with_those_that_it_has(
    shelf: Shelf, path: str, allowed: str, method: str
) -> None:
    found = shelf(f"ANY {path}", method=method)
    assert (said(found)["status"], found.headers["allow"]) == (405, allowed)


def test_a_rest_api_names_the_method_itself_and_gets_the_same_405(shelf: Shelf) -> None:
    assert shelf("PATCH /books").headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("route_key", ["GET /shelves", "ANY /shelves/{id}", "$default"])
def test_a_path_that_is_not_there_is_404(shelf: Shelf, route_key: str) -> None:
    assert said(shelf(route_key))["status"] == 404


@pytest.mark.parametrize(
    ("route_key", "operation"), [("HEAD /books", "list_books"), ("POST /books", "create_book"), ("ANY /x", "ANY /x")]
)
def test_logs_name_the_operation_or_else_the_route(shelf: Shelf, route_key: str, operation: str) -> None:
    assert shelf.api.operation_of(request(route_key)) == operation
