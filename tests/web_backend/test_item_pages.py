"""Lists of items, page by page."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from tests.web_backend.client import Client

LIST = "GET /items"


def pages(client: Client, limit: int) -> list[list[str]]:
    """Titles page by page, following cursors."""
    found, query = [], {"limit": str(limit)}
    while True:
        page = client(LIST, query=query).json
        found.append([each["title"] for each in page["items"]])
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


@pytest.fixture
def five(ann: Client) -> Client:
    for title in "abcde":
        ann.create(title)
    return ann


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [["e"], ["d"], ["c"], ["b"], ["a"]]),
        (2, [["e", "d"], ["c", "b"], ["a"]]),
        (5, [["e", "d", "c", "b", "a"]]),
        (100, [["e", "d", "c", "b", "a"]]),
    ],
)
def test_pages_hold_all_items_once_newest_first_and_none_is_empty(
    five: Client, limit: int, expected: list[list[str]]
) -> None:
    assert pages(five, limit) == expected


def test_nothing_is_one_empty_page(ann: Client) -> None:
    assert pages(ann, 10) == [[]]


def test_a_list_shows_items_as_they_are_alone(ann: Client) -> None:
    made = ann.create("Harbour", description="d", tags=["sea"])
    assert ann(LIST).json["items"] == [made.json]


def test_a_page_goes_on_though_the_item_before_it_is_deleted(five: Client) -> None:
    first = five(LIST, query={"limit": "2"}).json
    five("DELETE /items/{item_id}", item_id=first["items"][-1]["item_id"])
    following = five(LIST, query={"limit": "2", "cursor": first["next_cursor"]}).json
    assert [each["title"] for each in following["items"]] == ["c", "b"]


def test_another_one_s_cursor_leads_into_one_s_own_list(five: Client, bob: Client) -> None:
    bob.create("Bob's")
    five.create("f")
    cursor = five(LIST, query={"limit": "1"}).json["next_cursor"]
    assert [each["title"] for each in bob(LIST, query={"cursor": cursor}).json["items"]] == ["Bob's"]


def test_only_items_are_listed(ann: Client) -> None:
    made = ann("POST /items", {"title": "a"}, headers={"idempotency-key": "k"})
    ann("PUT /me/views/{item_id}", item_id=made.json["item_id"])
    ann("PUT /me/preferences", {"tags": {}}, headers={"if-match": "*"})
    ann("POST /uploads", {"content_type": "image/png"})
    assert pages(ann, 1) == [["a"]]


def test_a_page_ends_where_an_answer_of_dynamodb_is_full(ann: Client) -> None:
    """That is at 1 MB: 100 items of 16 KB each are more."""
    for at in range(100):
        ann.create(str(at), description="€" * 4_000)
    found = pages(ann, 100)
    assert [title for page in found for title in page] == [str(at) for at in reversed(range(100))]
    assert len(found) == 2


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "%%%", "é", "AAAA", urlsafe_b64encode(b"item#1").decode(), urlsafe_b64encode(b"-" * 37).decode()],
)
def test_a_cursor_of_no_page_is_refused(ann: Client, cursor: str) -> None:
    refused = ann(LIST, query={"cursor": cursor})
    assert (refused.status, "next_cursor" in refused.json["detail"]) == (400, True)


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "ten"}, {"limit": ""}, {"size": "1"}])
def test_a_query_that_cannot_be_is_refused(ann: Client, query: dict[str, str]) -> None:
    assert ann(LIST, query=query).status == 400
