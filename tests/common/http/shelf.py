"""A small API to test with: books on a shelf, of which each request is kept as the operation got it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from lambdas.common.failures import UnavailableError
from lambdas.common.http.api import Api, bind
from lambdas.common.http.exchange import Answer, Call, Request, answer, quoted
from lambdas.common.http.gateway import http_api_request
from lambdas.common.http.problems import invalid
from lambdas.common.http.routes import Route
from tests.events.api_gateway import http_api_event

MAX_BODY_BYTES = 1_000
REVISION = "r1"


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refuses what it does not know."""


class BookPath(Model, frozen=True):
    book_id: Annotated[str, Meta(pattern=r"\A[0-9]+\Z")]


class Page(Model, frozen=True):
    number: int
    words: list[str] = []
    odd: int = field(name="a/b~c", default=0)


class Draft(Model, frozen=True):
    title: Annotated[str, Meta(max_length=20)]
    chapters: list[list[Page]] = []
    weights: dict[Annotated[str, Meta(pattern="^[a-z]+$")], float] = {}
    index: dict[str, Page] = {}
    notes: Any = None


class BooksQuery(Model, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    word: str = ""


LIST = Route(method="GET", path="/books", operation="list_books", summary="All", query=BooksQuery, answer=Draft)
CREATE = Route(
    method="POST", path="/books", operation="create_book", summary="New", body=Draft, status=201, idempotent=True
)
GET = Route(method="GET", path="/books/{book_id}", operation="get_book", summary="One", parameters=BookPath, etag=True)
REPLACE = Route(
    method="PUT",
    path="/books/{book_id}",
    operation="replace_book",
    summary="Other",
    parameters=BookPath,
    body=Draft,
    if_match="required",
    etag=True,
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


class Shelf:
    """Answers all of it, and remembers the last call."""

    def __init__(self, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self.call: Call[Any, Any, Any] | None = None
        self.unavailable = ""
        operations = [
            bind(LIST, self._empty),
            bind(CREATE, self._made),
            bind(GET, self._found),
            bind(REPLACE, self._found),
            bind(DELETE, self._gone),
        ]
        self.api = Api(operations, max_body_bytes=max_body_bytes)

    def __call__(self, route_key: str, **request: Any) -> Answer:
        """Sends a request; what may be said of it is what `http_api_event` takes."""
        return self.api(http_api_request(http_api_event(route_key, **request)))

    def posts(self, body: str | bytes, **headers: str) -> Answer:
        """Sends a body to where books are made."""
        return self(
            "POST /books", body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    @property
    def last(self) -> Call[Any, Any, Any]:
        """The call that an operation got last."""
        assert self.call, "no operation was called"
        return self.call

    def _empty(self, call: Call[Any, Any, Any]) -> Answer:
        return self._keep(call, answer(200, {}))

    def _made(self, call: Call[Any, Any, Any]) -> Answer:
        if call.body.title == "taken":
            raise invalid("#/title", "there is one of this title")
        return self._keep(call, answer(201, call.body, location="/books/1"))

    def _found(self, call: Call[Any, Any, Any]) -> Answer:
        return self._keep(call, answer(200, {"title": "Emma"}, etag=quoted(REVISION)))

    def _gone(self, call: Call[Any, Any, Any]) -> Answer:
        return self._keep(call, Answer(204))

    def _keep(self, call: Call[Any, Any, Any], found: Answer) -> Answer:
        if self.unavailable:
            raise UnavailableError(self.unavailable)
        self.call = call
        return found


def said(found: Answer) -> dict[str, Any]:
    """Body of an answer that tells of a problem, which has to look like one."""
    assert found.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = msgspec.json.decode(found.body)
    assert problem["status"] == found.status
    return problem


def pointers(found: Answer) -> list[str]:
    """Where in the body the faults are."""
    return [fault["pointer"] for fault in said(found)["errors"]]


def request(route_key: str, **said_of_it: Any) -> Request:
    """A request as the function sees it."""
    return http_api_request(http_api_event(route_key, **said_of_it))
