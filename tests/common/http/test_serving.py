"""What a function does around its operations: an answer even where AWS lets it down, and a line that tells why."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from lambdas.common.http.exchange import Answer
from lambdas.common.http.metrics import PROBLEMS, REQUEST_TIME, REQUESTS, UNAVAILABLE
from lambdas.common.http.serving import serve
from lambdas.common.observability import Observability
from lambdas.common.settings import Settings
from tests.common.http.shelf import Shelf, request, said

LIST = "GET /books"


class Counting(Observability):
    """Logs as a function does, but keeps what it counts."""

    def __init__(self) -> None:
        super().__init__(Settings(service="shelf", metrics_namespace="tests"))
        self.counted: Counter[str] = Counter()
        self.timed: list[str] = []

    def count(self, name: str, value: float = 1) -> None:
        self.counted[name] += int(value)

    def milliseconds(self, name: str, value: float) -> None:
        del value
        self.timed.append(name)


@pytest.fixture
def observability() -> Counting:
    return Counting()


def served(shelf: Shelf, observability: Counting, route_key: str = LIST, **said_of_it: Any) -> Answer:
    return serve(shelf.api, observability, request(route_key, **said_of_it))


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records]


def test_where_aws_does_not_answer_the_client_is_asked_to_come_again(shelf: Shelf, observability: Counting) -> None:
    shelf.unavailable = "items: GetItem: throttled"
    found = served(shelf, observability)
    assert (said(found)["status"], found.headers["retry-after"]) == (503, "1")
    assert "throttled" not in found.body


def test_the_reason_stands_in_the_log(shelf: Shelf, observability: Counting, caplog: pytest.LogCaptureFixture) -> None:
    shelf.unavailable = "items: GetItem: throttled"
    served(shelf, observability, request_id="r-1")
    (told, _) = lines(caplog)
    assert (told["levelname"], told["reason"], told["operation"]) == ("WARNING", shelf.unavailable, "list_books")
    assert told["gateway_request_id"] == "r-1"


def test_head_has_no_body_then_either(shelf: Shelf, observability: Counting) -> None:
    shelf.unavailable = "throttled"
    found = served(shelf, observability, "HEAD /books")
    assert (found.status, found.body) == (503, "")


def test_every_request_is_a_line_with_its_status(
    shelf: Shelf, observability: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    served(shelf, observability, request_id="r-1")
    served(shelf, observability, "ANY /books", method="PATCH")
    told = [(line["msg"], line["operation"], line["status"]) for line in lines(caplog)]
    assert told == [("answered", "list_books", 200), ("answered", "ANY /books", 405)]


@pytest.mark.parametrize(
    ("route_key", "unavailable", "counted"),
    [(LIST, "", {}), ("GET /shelves", "", {PROBLEMS: 1}), (LIST, "throttled", {UNAVAILABLE: 1})],
)
def test_requests_problems_and_outages_are_counted_apart(
    shelf: Shelf, observability: Counting, route_key: str, unavailable: str, counted: dict[str, int]
) -> None:
    shelf.unavailable = unavailable
    served(shelf, observability, route_key)
    assert +observability.counted == {REQUESTS: 1, **counted}
    assert observability.timed == [REQUEST_TIME]
