"""Preconditions and repetitions: If-Match, If-None-Match and Idempotency-Key as RFC 9110 and its draft have them."""

from __future__ import annotations

from hashlib import sha256

import pytest

from lambdas.common.http.exchange import Answer
from tests.common.http.shelf import Shelf, said

EMMA = '{"title": "Emma"}'
ONE = {"book_id": "1"}


def replace(shelf: Shelf, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return shelf("PUT /books/{book_id}", parameters=ONE, body=EMMA, headers=named)


def get(shelf: Shelf, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return shelf(f"{method} /books/{{book_id}}", parameters=ONE, headers=named)


IF_MATCH = {
    '"a"': ("a",),
    ' "a" ': ("a",),
    '"a", "b" ,"c"': ("a", "b", "c"),
    '""': ("",),
    '"a"; "b"': (),
    'W/"a"': (),
    'W/"a", "b"': ("b",),
    "a": (),
    "": (),
    ",,": (),
    '"a': (),
    '"a"b"': (),
    '"\u00e4"': (),
    '*, "a"': ("a",),
}


@pytest.mark.parametrize(("header", "revisions"), IF_MATCH.items())
def test_if_match_gives_the_strong_etags_of_its_list(shelf: Shelf, header: str, revisions: tuple[str, ...]) -> None:
    replace(shelf, if_match=header)
    assert shelf.last.revisions == revisions


@pytest.mark.parametrize("header", ["*", " * "])
def test_a_star_lets_any_revision_pass(shelf: Shelf, header: str) -> None:
    replace(shelf, if_match=header)
    assert shelf.last.revisions is None


def test_without_a_needed_if_match_nothing_is_done_and_it_is_428(shelf: Shelf) -> None:
    assert said(replace(shelf))["status"] == 428
    assert shelf.call is None


def test_without_an_if_match_that_is_only_heard_any_revision_passes(shelf: Shelf) -> None:
    assert shelf("DELETE /books/{book_id}", parameters=ONE).status == 204
    assert shelf.last.revisions is None


def test_an_if_match_that_is_only_heard_is_heard(shelf: Shelf) -> None:
    shelf("DELETE /books/{book_id}", parameters=ONE, headers={"if-match": '"a"'})
    assert shelf.last.revisions == ("a",)


@pytest.mark.parametrize("header", ['"r1"', 'W/"r1"', '"r0", "r1"', '"r0", W/"r1"', "*", " * "])
def test_what_the_client_has_is_not_sent_again(shelf: Shelf, header: str) -> None:
    assert get(shelf, if_none_match=header) == Answer(304, "", {"etag": '"r1"'})


@pytest.mark.parametrize("header", ["", '"r2"', "r1", '"R1"', '"r1', "W/r1", '"*"'])
def test_what_the_client_has_not_is_sent(shelf: Shelf, header: str) -> None:
    assert (get(shelf, if_none_match=header).status, get(shelf, if_none_match=header).body) == (200, '{"title":"Emma"}')


def test_if_none_match_holds_for_head_too(shelf: Shelf) -> None:
    assert get(shelf, "HEAD", if_none_match='"r1"').status == 304


def test_a_change_is_never_answered_as_not_modified(shelf: Shelf) -> None:
    assert replace(shelf, if_match='"r0"', if_none_match='"r1"').status == 200


def test_if_none_match_means_nothing_where_an_answer_has_no_etag(shelf: Shelf) -> None:
    assert shelf("GET /books", headers={"if-none-match": "*"}).status == 200


def test_an_idempotency_key_comes_with_the_operation_and_a_digest_of_the_body(shelf: Shelf) -> None:
    shelf.posts(EMMA, idempotency_key="8e03978e-40d5-43dd-bc93-6894a57f9324")
    found = shelf.last.idempotency
    assert found
    assert (found.operation, found.key) == ("create_book", "8e03978e-40d5-43dd-bc93-6894a57f9324")
    assert found.digest == sha256(EMMA.encode()).hexdigest()


def test_the_digest_is_the_same_whether_the_gateway_took_the_body_for_text_or_binary(shelf: Shelf) -> None:
    shelf.posts(EMMA, idempotency_key="k")
    as_text = shelf.last.idempotency
    shelf.posts(EMMA.encode(), idempotency_key="k")
    assert shelf.last.idempotency == as_text


def test_without_a_key_there_is_none(shelf: Shelf) -> None:
    shelf.posts(EMMA)
    assert shelf.last.idempotency is None


@pytest.mark.parametrize("key", ["k", "~" * 255, "!"])
def test_any_visible_ascii_is_a_key(shelf: Shelf, key: str) -> None:
    assert shelf.posts(EMMA, idempotency_key=key).status == 201


@pytest.mark.parametrize("key", ["", "~" * 256, "a b", "a\n", "\u00e4", "\x7f"])
def test_what_can_be_no_key_is_400_and_nothing_is_done(shelf: Shelf, key: str) -> None:
    assert said(shelf.posts(EMMA, idempotency_key=key))["status"] == 400
    assert shelf.call is None


def test_where_no_key_is_heard_none_can_be_wrong(shelf: Shelf) -> None:
    assert replace(shelf, if_match="*", idempotency_key="").status == 200
    assert shelf.last.idempotency is None
