"""Whether the demo of the web backend notices what is wrong with items, and with what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.use_cases.clients import Reply, Transcript
from local.use_cases.outcome import UseCaseError
from local.use_cases.web_backend.items import life_of_an_item, refusals
from tests.local.web import Gateway, Spoil, Story, answered, changed, problems_of, visit

STORIES: list[Story] = [life_of_an_item, refusals]


def requests_of(story: Story, directory: Path) -> int:
    gateway = Gateway()
    problems_of(story, directory, gateway)
    return len(gateway.asked)


@pytest.mark.parametrize("story", STORIES)
def test_a_right_backend_has_no_problems(story: Story, tmp_path: Path) -> None:
    assert problems_of(story, tmp_path) == []


@pytest.mark.parametrize("story", STORIES)
def test_another_status_of_any_one_answer_is_noticed(story: Story, tmp_path: Path) -> None:
    for number in range(requests_of(story, tmp_path)):
        left = iter([*[False] * number, True])

        def spoil(request: str, reply: Reply, left: Any = left) -> Reply:
            del request
            return replace(reply, status=299) if next(left, False) else reply

        assert any("is answered 299" in each for each in problems_of(story, tmp_path, Gateway(spoil=spoil))), number


def swapped(which: str, before: bytes, after: bytes) -> Spoil:
    """Other words in the body of such answers."""

    def spoil(request: str, reply: Reply) -> Reply:
        return replace(reply, body=reply.body.replace(before, after)) if re.fullmatch(which, request) else reply

    return spoil


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (changed(r"POST /items", headers={"location": "items/elsewhere"}), "Location leads to /items/elsewhere"),
        (changed(r"HEAD .*", body=b"{}"), "HEAD is not as GET"),
        (changed(r"HEAD .*", headers={}), "HEAD is not as GET"),
        (swapped(r"GET /items", b"Lighthouse", b"Pier"), "the item is not there once"),
        (swapped(r"GET /items/.*", b"sea", b"lake"), "what is read is not what was made"),
        (swapped(r"GET /items/.*", b"at dusk", b"in fog"), "the item is called 'Lighthouse in fog'"),
    ],
)
def test_a_wrong_answer_about_an_item_is_noticed(spoil: Spoil, problem: str, tmp_path: Path) -> None:
    assert any(problem in each for each in problems_of(life_of_an_item, tmp_path, Gateway(spoil=spoil)))


def test_an_idempotency_key_that_makes_a_second_item_is_noticed(tmp_path: Path) -> None:
    gateway = Gateway()

    def unheard(client: Any, method: str, path: str, body: bytes = b"", headers: Any = None) -> Reply:
        kept = {name: value for name, value in (headers or {}).items() if name != "idempotency-key"}
        return Gateway.answer(gateway, client, method, path, body, kept)

    gateway.answer = unheard  # type: ignore[method-assign]
    problems = problems_of(life_of_an_item, tmp_path, gateway)
    assert "the second answer to an Idempotency-Key is not the first one" in problems
    assert "the item is not there once" in problems


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (swapped(r"PUT /items", b"405", b"404"), "Method Not Allowed says 404"),
        (swapped(r"POST /items", b"#/tags/1", b"#/tags/0"), "the wrong tag is pointed to by ['#/tags/0']"),
        (changed(r"PUT /items", headers={"content-type": "application/problem+json"}), "Allow is ''"),
        (changed(r"PUT /items", headers={"allow": "GET"}), "has no request id"),
        (changed(r"PUT /items", headers={"content-type": "application/json"}), "is no application/problem+json"),
    ],
)
def test_problem_details_that_lack_something_are_noticed(spoil: Spoil, problem: str, tmp_path: Path) -> None:
    assert any(problem in each for each in problems_of(refusals, tmp_path, Gateway(spoil=spoil)))


def test_an_answer_that_is_no_item_ends_the_chapter(tmp_path: Path) -> None:
    gateway = Gateway(spoil=changed(r"POST /items", body=b'{"message":"Internal Server Error"}'))
    with answered(gateway), pytest.raises(UseCaseError, match=r"no Item in .*Internal Server Error"):
        life_of_an_item(visit(tmp_path), Transcript())


def test_the_whole_of_a_problem_is_shown(tmp_path: Path) -> None:
    with answered(Gateway()):
        (details,) = refusals(visit(tmp_path), Transcript()).listings
    assert '"pointer": "#/tags/1"' in details.code
    assert details.rows[0][0] == "#/tags/1"
