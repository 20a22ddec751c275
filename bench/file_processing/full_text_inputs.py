"""Documents and queries to measure full-text search with; the same on every run.

Words are drawn by Zipf's law from 50,000 made-up ones of about the lengths of English; lengths of documents are spread
as those of offices are, most of some hundred words and a few of thousands.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Final

WORDS: Final = 50_000
DOCUMENTS: Final = 2_000
QUERIES: Final = 400
_SYLLABLES: Final = (
    "ba",
    "con",
    "de",
    "er",
    "fi",
    "gra",
    "in",
    "lo",
    "men",
    "na",
    "or",
    "per",
    "ri",
    "sta",
    "ti",
    "un",
)


@cache
def vocabulary() -> list[str]:
    """The most frequent word first."""
    chance = random.Random(1)  # noqa: S311
    found: dict[str, None] = {}
    while len(found) < WORDS:
        syllables = 1 + min(5, int(chance.expovariate(0.6) + len(found) / WORDS * 2))
        found["".join(chance.choices(_SYLLABLES, k=syllables)) + chance.choice(("", "s", "t", "n", "x", "y"))] = None
    return list(found)


@cache
def _weights() -> list[float]:
    total, sums = 0.0, []
    for rank in range(1, WORDS + 1):
        total += 1 / rank
        sums.append(total)
    return sums


def documents(count: int = DOCUMENTS) -> list[tuple[str, str]]:
    """Names and texts."""
    chance = random.Random(2)  # noqa: S311
    made = []
    for number in range(count):
        words = chance.choices(vocabulary(), cum_weights=_weights(), k=max(20, int(chance.lognormvariate(5.8, 0.9))))
        lines = [" ".join(words[at : at + 12]) for at in range(0, len(words), 12)]
        made.append((f"departments/{number % 17}/report-{number:05d}.pdf", ".\n".join(lines)))
    return made


def queries() -> list[list[str]]:
    """One to three words, neither the most frequent nor those that hardly any document has."""
    chance = random.Random(3)  # noqa: S311
    return [chance.choices(vocabulary()[30:5_000], k=chance.choice((1, 2, 2, 3))) for _ in range(QUERIES)]
