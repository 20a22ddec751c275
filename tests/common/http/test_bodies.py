"""Bodies: each reaches the operation as its model, or is refused with the status that says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.common.http.shelf import MAX_BODY_BYTES, Draft, Page, Shelf, pointers, said

EMMA = '{"title": "Emma"}'


def test_a_body_reaches_the_operation_as_its_model(shelf: Shelf) -> None:
    found = shelf.posts('{"title": "Emma", "chapters": [[{"number": 1}]]}')
    assert (found.status, found.headers["location"]) == (201, "/books/1")
    assert shelf.last.body == Draft(title="Emma", chapters=[[Page(number=1)]])


def test_a_body_that_the_gateway_took_for_binary_is_read_all_the_same(shelf: Shelf) -> None:
    assert shelf.posts('{"title": "Émile"}'.encode()).status == 201
    assert shelf.last.body.title == "Émile"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "application/a+json"])
def test_json_by_any_of_its_names_is_taken(shelf: Shelf, content_type: str) -> None:
    assert shelf.posts(EMMA, content_type=content_type).status == 201


@pytest.mark.parametrize("content_type", ["", "text/plain", "text/json", "application/jsonp", "json", "\ud800"])
def test_what_is_not_sent_as_json_is_415_with_what_would_do(shelf: Shelf, content_type: str) -> None:
    found = shelf.posts(EMMA, content_type=content_type)
    assert (said(found)["status"], found.headers["accept"]) == (415, "application/json")


def test_a_body_as_large_as_allowed_is_taken_and_a_byte_more_is_413(shelf: Shelf) -> None:
    full = EMMA + " " * (MAX_BODY_BYTES - len(EMMA))
    assert shelf.posts(full).status == 201
    assert "1,001 bytes, and 1,000" in said(shelf.posts(full + " "))["detail"]


def test_size_counts_in_bytes_and_not_in_letters(shelf: Shelf) -> None:
    assert shelf.posts('{"title": "' + "é" * 600 + '"}').status == 413


NOT_JSON = {
    "empty": "",
    "blank": "  ",
    "cut off": '{"title": "Em',
    "followed by something": EMMA + "x",
    "two documents": EMMA + EMMA,
    "not a number": '{"title": "a", "weights": {"a": NaN}}',
    "infinite": '{"title": "a", "weights": {"a": -Infinity}}',
    "single quotes": "{'title': 'Emma'}",
    "byte order mark": "\ufeff" + EMMA,
    "half a surrogate pair, escaped": '{"title": "\\ud800"}',
    "two high surrogates, escaped": '{"title": "\\ud800\\ud800"}',
    "half a surrogate pair": '{"title": "\ud800"}',
    "raw line break in a string": '{"title": "a\nb"}',
    "no UTF-8": b'{"title": "\xff"}',
    "UTF-16": EMMA.encode("utf-16"),
    "a picture": b"\x89PNG\r\n\x1a\n\x00",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_no_json_is_400(shelf: Shelf, body: str | bytes) -> None:
    assert said(shelf.posts(body))["status"] == 400


@pytest.mark.parametrize("where", ["notes", "chapters", "unknown"])
def test_nesting_deeper_than_can_be_read_is_refused_like_other_garbage(where: str) -> None:
    found = Shelf(max_body_bytes=1_000_000).posts(f'{{"title": "a", "{where}": ' + "[" * 100_000)
    assert said(found)["status"] in {400, 422}


NOT_THE_MODEL = {
    "an array": ("[]", "#"),
    "null": ("null", "#"),
    "a field too few": ("{}", "#"),
    "a field too many": ('{"title": "a", "colour": "red"}', "#"),
    "wrong type": ('{"title": 7}', "#/title"),
    "too long": ('{"title": "123456789012345678901"}', "#/title"),
    "deep inside": ('{"title": "a", "chapters": [[], [{"number": 1}, {"number": "x"}]]}', "#/chapters/1/1/number"),
    "a field too few inside": ('{"title": "a", "chapters": [[{}]]}', "#/chapters/0/0"),
    "in an array of words": (
        '{"title": "a", "chapters": [[{"number": 1, "words": ["a", 2]}]]}',
        "#/chapters/0/0/words/1",
    ),
    "under a name that pointers escape": (
        '{"title": "a", "chapters": [[{"number": 1, "a/b~c": 1.5}]]}',
        "#/chapters/0/0/a~1b~0c",
    ),
    "some value of a mapping": ('{"title": "a", "weights": {"b": "heavy"}}', "#/weights"),
    "inside some value of a mapping": ('{"title": "a", "index": {"b": {"number": "x"}}}', "#/index"),
    "some key of a mapping": ('{"title": "a", "weights": {"B": 1}}', "#/weights"),
    "a number out of range": ('{"title": "a", "weights": {"a": 1e999}}', "#/weights"),
}


@pytest.mark.parametrize(("body", "pointer"), NOT_THE_MODEL.values(), ids=NOT_THE_MODEL)
def test_json_that_is_not_the_model_is_422_and_the_fault_is_pointed_to(shelf: Shelf, body: str, pointer: str) -> None:
    found = shelf.posts(body)
    assert (said(found)["status"], pointers(found)) == (422, [pointer])


def test_a_fault_says_what_was_expected_without_its_place(shelf: Shelf) -> None:
    (fault,) = said(shelf.posts('{"title": "a", "chapters": [[{"number": "x"}]]}'))["errors"]
    assert fault["detail"] == "Expected `int`, got `str`"


def test_a_fault_of_a_key_says_so(shelf: Shelf) -> None:
    (fault,) = said(shelf.posts('{"title": "a", "weights": {"B": 1}}'))["errors"]
    assert fault["detail"].startswith("a key: Expected `str` matching")


def test_what_the_operation_finds_at_fault_is_pointed_to_as_well(shelf: Shelf) -> None:
    found = shelf.posts('{"title": "taken"}')
    assert (said(found)["title"], pointers(found)) == ("Unprocessable Entity", ["#/title"])


def test_of_a_name_said_twice_the_last_holds(shelf: Shelf) -> None:
    assert shelf.posts('{"title": "Emma", "title": "Persuasion"}').status == 201
    assert shelf.last.body.title == "Persuasion"


@given(st.binary() | st.text(st.characters(codec=None)))
def test_whatever_is_sent_there_is_an_answer(body: str | bytes) -> None:
    assert Shelf().posts(body).status in {201, 400, 422}
