"""Posts of a social network: hashtags, mentions and sentiment per minute.

What is trending is a question to the reader of the metrics: ``lambdas/common/tables/metrics/trending.py``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from operator import attrgetter
from typing import Annotated
from unicodedata import normalize

from msgspec import Meta

from lambdas.stream_analytics.domain.cleansing import PERSONAL, TRIM
from lambdas.stream_analytics.domain.events import Event, Name, Text
from lambdas.stream_analytics.domain.recipe import Recipe, count, stats, top_of_many

Language = Annotated[str, Meta(pattern=r"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")]
"""Language, script and region of BCP 47, in its customary case: ``en``, ``pt-BR``, ``zh-Hant-TW``."""


class Post(Event, tag="social"):
    """What somebody published."""

    author: Name
    """Handle. It is public, yet nothing is counted by it, so a pseudonym is kept; those mentioned stay as they are."""
    text: Text
    language: Language


# --- hashtags and mentions ------------------------------------------------------------------------------------------

_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670"  # combining; Hebrew, Arabic
    "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u200c\u200d"  # Indic scripts, Thai; joiners
)
r"""Vowel signs and the like, which ``\w`` leaves out although words are written with them."""
_HASH, _AT = "#\uff03", "@\uff20"
"""Also as wide as Chinese and Japanese keyboards write them."""
_HASHTAG = re.compile(rf"(?<![\w{_MARKS}&/{_HASH}])[{_HASH}]([\w{_MARKS}]+)")
_MENTION = re.compile(rf"(?<![\w./+{_AT}-])[{_AT}](\w+)")
_LONGEST = 100
"""Characters of a tag or a handle; longer ones are none."""


def hashtags(post: Post) -> set[str]:
    """Tags of a post, each once, without ``#``, case-folded; with a letter at least, so not ``#1``."""
    return {tag for tag in _names(_HASHTAG, post.text) if any(map(str.isalpha, tag))}


def mentions(post: Post) -> set[str]:
    """Handles that a post names with ``@``, each once, case-folded; e-mail addresses name none."""
    return _names(_MENTION, post.text)


def _names(pattern: re.Pattern[str], text: str) -> set[str]:
    found = pattern.findall(normalize("NFC", text))
    folded = [normalize("NFC", name.casefold()) for name in found]
    return {name for name in folded if len(name) <= _LONGEST}


# --- sentiment ------------------------------------------------------------------------------------------------------

_GOOD = (
    "amazing awesome beautiful best better brilliant delighted easy enjoy enjoyed excellent excited fantastic fast "
    "favourite favorite fine friendly fun glad good great happy helpful love loved nice perfect pleased recommend "
    "reliable thanks wonderful works"
)
_BAD = (
    "angry annoying awful bad boring broke broken bug buggy confusing crash crashes disappointed disappointing "
    "fail failed fails hate hated horrible lost poor problem sad scam slow terrible ugly unhappy useless waste worse "
    "worst wrong"
)
_SCORES = dict.fromkeys(_GOOD.split(), 1) | dict.fromkeys(_BAD.split(), -1)
_WORD = re.compile(r"[a-z]+")
_STRONGEST = 5


def sentiment(post: Post) -> Decimal:
    """Good words less bad words of a short English list, from -5 to 5.

    It tells how the mood of many posts moves, not what one of them means: negation, irony, emoji and everything that
    is not on the list go unheard. Whoever needs more replaces this function, by a model for example.
    """
    score = sum([_SCORES.get(word, 0) for word in _WORD.findall(post.text.lower())])
    return Decimal(max(-_STRONGEST, min(score, _STRONGEST)))


def is_english(post: Post) -> bool:
    """Whether the list of words is in the language of the post."""
    return post.language == "en" or post.language.startswith("en-")


RECIPE = Recipe(
    event=Post,
    cleanse={"author": PERSONAL, "text": TRIM},
    measures=(
        count("posts", by=attrgetter("language")),
        top_of_many("hashtags", hashtags),
        top_of_many("mentions", mentions),
        stats("sentiment", sentiment, where=is_english),
    ),
    entities={"hashtag": hashtags},
)
