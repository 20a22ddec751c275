"""What a use case hands back: a summary for the table and the report, and cards for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.cloud import Cloud, Outputs


class Medium(Enum):
    """How a figure is shown."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One picture, video or sound on the page; ``file`` is relative to the page."""

    title: str
    alt: str
    """What is to be seen or heard, for those who do neither."""
    file: str
    facts: tuple[str, ...] = ()
    chart: bool = False
    """Whether it is to be read rather than looked at, and so takes more room."""
    medium: Medium = Medium.IMAGE
    poster: str = ""
    """Picture that stands for a video until it is played."""

    @property
    def large(self) -> bool:
        """Whether it takes more room than pictures in a row."""
        return self.chart or self.medium is not Medium.IMAGE


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A small table on the page."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    code: str = ""
    """What was asked for it, such as SQL."""
    numbers: tuple[int, ...] = ()
    """Columns that hold numbers."""
    whole: bool = False
    """Whether it takes the page's whole width."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One piece of input beside what came out of it."""

    title: str
    status: str
    good: bool
    """Whether the status is a success or a refusal, for its colour."""
    facts: tuple[tuple[str, str], ...] = ()
    figures: tuple[Figure, ...] = ()
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What went in, what came out, what of it is not as it should be, and how the page shows it."""

    input: str
    output: str
    problems: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UseCase:
    """One slice in the laptop cloud."""

    name: str
    """Of the slice."""
    title: str
    run: Callable[[Cloud, Path], Outcome]
    """Sends sample input and checks what comes out; files for the page go into the directory given."""
    example: Callable[[Outputs], str]
    """Commands that send one piece of input by hand and look at what comes of it."""


_MOST_TOLD = 20


def first_of(problems: Sequence[str]) -> tuple[str, ...]:
    """Some, and how many more there are: what one fault does to thousands of things need not be read for each."""
    more = len(problems) - _MOST_TOLD
    return (*problems[:_MOST_TOLD], f"and {more:,} more") if more > 0 else tuple(problems)


class UseCaseError(Exception):
    """Something else came out than should; the message says what."""
