"""How a chapter of a use case is told, well or not."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError

from local.use_cases.chapters import Shown, problems, told
from local.use_cases.clients import Reply, Transcript
from local.use_cases.outcome import Figure, Listing, UseCaseError

CHART = Figure(title="Chart", alt="Chart", file="a.svg", chart=True)
PICTURE = Figure(title="Picture", alt="Picture", file="a.jpg")
TABLE = Listing(title="Table", heads=("A",), rows=(("1",),))


def asks(transcript: Transcript, expect: int = 200) -> None:
    transcript.note("it", "GET /a", Reply(status=200, headers={}, body=b""), expect=expect)


def test_a_chapter_without_problems_is_good() -> None:
    def story(transcript: Transcript) -> Shown:
        asks(transcript)
        return Shown(facts=(("A", "1"),), figures=(PICTURE,), listings=(TABLE,))

    chapter = told("Title", story)
    assert (chapter.card.good, chapter.problems, chapter.requests) == (True, (), 1)
    assert [each.title for each in chapter.card.listings] == ["Requests", "Table"]
    assert (chapter.card.facts, chapter.card.figures) == ((("A", "1"),), (PICTURE,))


@pytest.mark.parametrize("error", [UseCaseError("no item"), EndpointConnectionError(endpoint_url="there")])
def test_what_keeps_a_story_from_going_on_is_told_beside_what_came_before(error: Exception) -> None:
    def story(transcript: Transcript) -> Shown:
        asks(transcript, expect=201)
        raise error

    broken, whole = told("One", story), told("Two", lambda _: Shown())
    first, second = problems([broken, whole])
    assert first.startswith("One: GET /a is answered 200, not 201")
    assert second == f"One: {error}"
    assert not broken.card.good
    assert [name for name, _ in broken.card.facts] == ["Problem", "Problem"]
    assert whole.card.good


def test_a_mistake_of_the_demo_itself_is_not_taken_for_the_backends() -> None:
    with pytest.raises(ZeroDivisionError):
        told("One", lambda _: Shown(facts=(("", f"{1 // 0}"),)))


@pytest.mark.parametrize(
    ("shown", "whole"),
    [
        (Shown(), True),
        (Shown(figures=(PICTURE,)), True),
        (Shown(figures=(CHART,)), False),
        (Shown(listings=(TABLE,)), False),
    ],
)
def test_requests_take_the_width_that_nothing_else_needs(shown: Shown, whole: bool) -> None:  # noqa: FBT001
    def story(transcript: Transcript) -> Shown:
        asks(transcript)
        return shown

    assert told("One", story).card.listings[0].whole is whole
