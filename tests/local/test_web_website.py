"""Whether the demo of the web backend notices a page that is served badly, and what it does without a browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.journal import Journal
from local.use_cases.chapters import Shown
from local.use_cases.clients import Reply, Transcript
from local.use_cases.outcome import UseCaseError
from local.use_cases.web_backend import browser, items, journey, pictures, shopping, stream, website
from local.use_cases.web_backend.visit import Visit
from local.use_cases.web_backend.website import served
from tests.local.web import Gateway, answered, visit

HEADERS = {
    "content-type": "text/html",
    "content-security-policy": "default-src 'none'; script-src 'self'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=()",
}
PAGE = Reply(status=200, headers=HEADERS, body=b'<html><script type="module" src="/assets/app-A1.js"></script></html>')


def site() -> dict[str, Reply]:
    """Everything as it should be."""
    return {
        "GET /": PAGE,
        "GET /items/some-id/edit": PAGE,
        "GET /config.json": Reply(status=200, headers={}, body=b'{"apiUrl": "/api"}'),
        "GET /assets/app-A1.js": Reply(status=200, headers={"cache-control": "public, immutable"}, body=b""),
        "GET /api/health": Reply(status=200, headers={}, body=b'{"status": "ok"}'),
        "GET /api/items": Reply(status=401, headers={}, body=b""),
    }


def problems_of(answers: dict[str, Reply], directory: Path) -> list[str]:
    transcript = Transcript()
    with answered(Gateway(others=answers)):
        served(visit(directory), transcript)
    return transcript.problems


def test_a_site_as_it_should_be_has_no_problems(tmp_path: Path) -> None:
    assert problems_of(site(), tmp_path) == []


@pytest.mark.parametrize("name", [each for each in HEADERS if each != "content-type"])
def test_a_security_header_that_is_missing_is_noticed(name: str, tmp_path: Path) -> None:
    headers = {each: value for each, value in HEADERS.items() if each != name}
    page = replace(PAGE, headers=headers)
    answers = site() | {"GET /": page, "GET /items/some-id/edit": page}
    assert problems_of(answers, tmp_path) == [f"header {name} is None"]


@pytest.mark.parametrize(
    ("request_line", "reply", "problem"),
    [
        ("GET /items/some-id/edit", replace(PAGE, body=b"<Error/>"), "a deep link is not answered with the page"),
        ("GET /", replace(PAGE, body=b"<html></html>"), "the page has no script"),
        ("GET /assets/app-A1.js", Reply(status=200, headers={}, body=b""), "the script is not cached for good"),
        ("GET /api/items", Reply(status=200, headers={}, body=b""), "is answered 200, not 401"),
    ],
)
def test_what_is_served_otherwise_is_noticed(request_line: str, reply: Reply, problem: str, tmp_path: Path) -> None:
    assert any(problem in each for each in problems_of(site() | {request_line: reply}, tmp_path))


# --- the whole journey ----------------------------------------------------------------------------------------------

STORIES = (
    (items, "life_of_an_item"),
    (items, "refusals"),
    (pictures, "uploaded"),
    (shopping, "feed"),
    (shopping, "order"),
    (stream, "series"),
    (website, "served"),
)


def breaks(*_: object) -> Shown:
    raise UseCaseError("by design")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """One in which every chapter but the browser's goes well."""
    for module, name in STORIES:
        monkeypatch.setattr(module, name, lambda *_: Shown())
    monkeypatch.setattr(Visit, "of", lambda *_: visit(tmp_path))
    monkeypatch.setattr(browser, "chromium", lambda: None)
    return SimpleNamespace(journal=Journal())


def test_without_chromium_the_card_says_how_to_get_it_and_nothing_fails(cloud: Any, tmp_path: Path) -> None:
    outcome = journey.run(cloud, tmp_path)
    assert outcome.problems == ()
    assert outcome.cards[0].facts == (("Why", browser.MISSING),)
    assert outcome.output == "8 of 8 chapters as they should be"


@pytest.mark.parametrize(("module", "name"), STORIES)
def test_each_chapter_is_told_and_fails_by_itself(
    cloud: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: Any, name: str
) -> None:
    monkeypatch.setattr(module, name, breaks)
    outcome = journey.run(cloud, tmp_path)
    (problem,) = outcome.problems
    assert problem.endswith(": by design")
    assert [card.good for card in outcome.cards].count(False) == 1
