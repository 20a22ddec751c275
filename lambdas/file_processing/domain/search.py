"""What is searched for, and what is found: the index's documents, the language of queries, hits."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A file that the index is to have, as the catalog knows it."""

    file_id: str
    name: str
    kind: str
    title: str = ""
    """As the document itself says; empty if it says none."""
    text_key: str | None = None
    """Of the product that holds its text."""

    @property
    def state(self) -> str:
        """Equal if and only if the index would hold the same; the key of the text names its generation."""
        facts = json.dumps([self.name, self.kind, self.title, self.text_key])
        return hashlib.sha256(facts.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Document:
    """What the index holds of a file."""

    file: Shown
    text: str


@dataclass(frozen=True)
class IndexSize:
    """How large the index is."""

    segments: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Clause:
    """Words that stand one after the other, wherever in a document or in its name."""

    words: str
    in_name: bool = False
    """Only names count, and the last word may be the beginning of one."""


@dataclass(frozen=True)
class Query:
    """What somebody searches for."""

    wanted: tuple[Clause, ...] = ()
    """Documents with one of them are found; those with all of them come first."""
    unwanted: tuple[Clause, ...] = ()
    """Documents with one of them are not found."""


_TERM = re.compile(r'(?P<minus>-)?(?P<name>name:)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


def parse(text: str) -> Query:
    """Understands ``words "a phrase" -without name:beginning``; whatever else there is are words."""
    wanted: list[Clause] = []
    unwanted: list[Clause] = []
    # Half a surrogate pair is in no text, and nothing takes it.
    for found in _TERM.finditer(text.encode(errors="replace").decode()):
        words = found["phrase"] if found["word"] is None else found["word"]
        (unwanted if found["minus"] else wanted).append(Clause(words, bool(found["name"])))
    return Query(tuple(wanted), tuple(unwanted))


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A file that was found."""

    file_id: str
    name: str
    kind: str
    title: str
    score: float
    snippet: str
    """Plain text of the document around what was found in it, or its beginning."""
    highlights: Sequence[tuple[int, int]]
    """Start and end of each word in the snippet that was searched for, in Unicode code points."""


@dataclass(frozen=True)
class Found:
    """Hits, the best first, and how many files there are in all."""

    total: int
    hits: Sequence[Hit]


def code_points(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of a text that are told in bytes of UTF-8, in code points."""
    data = text.encode()
    return [(len(data[:start].decode()), len(data[:end].decode())) for start, end in spans]


def beginning(text: str, length: int) -> str:
    """The first words of a text."""
    if len(text) <= length:
        return text
    return text[:length].rsplit(maxsplit=1)[0]
