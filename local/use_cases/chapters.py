"""Use cases that are told in chapters: one fails, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from local.use_cases.clients import Transcript
from local.use_cases.outcome import Card, Figure, Listing, UseCaseError


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a chapter shows beside its requests."""

    facts: tuple[tuple[str, str], ...] = ()
    figures: tuple[Figure, ...] = ()
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """How a part of the journey went."""

    card: Card
    problems: tuple[str, ...]
    requests: int


def told(title: str, story: Callable[[Transcript], Shown]) -> Chapter:
    """Lets a story happen; what keeps it from going on is a problem of its own."""
    transcript = Transcript()
    try:
        shown = story(transcript)
    except (UseCaseError, BotoCoreError, ClientError) as error:
        transcript.problems.append(f"{error}")
        shown = Shown()
    good = not transcript.problems
    card = Card(
        title=title,
        status="as it should be" if good else "wrong",
        good=good,
        facts=(*shown.facts, *(("Problem", each) for each in transcript.problems)),
        figures=shown.figures,
        listings=(*_requests(transcript, shown), *shown.listings),
    )
    return Chapter(card, tuple(f"{title}: {each}" for each in transcript.problems), len(transcript.rows))


def _requests(transcript: Transcript, shown: Shown) -> tuple[Listing, ...]:
    """As wide as what there is beside them lets them be."""
    alone = not shown.listings and not any(each.chart for each in shown.figures)
    return (transcript.listing(whole=alone),) if transcript.rows else ()


def problems(chapters: Iterable[Chapter]) -> tuple[str, ...]:
    """Of all chapters."""
    return tuple(problem for chapter in chapters for problem in chapter.problems)
