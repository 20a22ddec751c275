"""Which templates are one signature, although a word differs: names of people, hosts and topics.

Nothing in ``login failed for user alice`` says that ``alice`` is a name, before others have been in its place. So a
place is taken for a variable once `NAMES` different words have stood in it while all else was equal. Fewer would take
``connection to cache refused`` for a variant of ``connection to database refused``, and nobody would be told of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import msgspec

NAMES = 3
"""Different words in one place that make it a variable."""
MOST_PLACES = 2
"""That vary in one template by words: ``New customer Alice Garcia``."""
CONSTANT = 3
"""Words that have to be equal at least: ``Task failed`` and ``Job failed`` stay two."""
WORD = "<word>"
MOST_MEMBERS = 40
"""Of a signature, whose counts are read together with its own."""

_WORD = re.compile(r"(?P<start>[(\[{'\"]*)(?P<word>[^=:\s]*?[A-Za-z][^=\s]*?)(?P<end>[,;.)\]}'\"]*)")
"""A word that may vary, and the punctuation around it, which may not. Keys and labels may not either."""
_TYPE = re.compile(r"(?:Error|Exception|Failure|Fault|Timeout)$")
_FRAME = " @ "
Words = tuple[str, ...]


class Placed(msgspec.Struct, frozen=True):
    """Where a template belongs."""

    template: str
    """Of the signature; may have places for words."""
    members: tuple[str, ...] = ()
    """Templates known before that belong to it from now on."""


def signature_id(template: str) -> str:
    """Sixteen hexadecimal digits."""
    return hashlib.sha256(template.encode()).hexdigest()[:16]


class Vocabulary:
    """The templates of one log group."""

    def __init__(self, templates: Iterable[str] = ()) -> None:
        self._by_length: dict[int, dict[Words, str]] = {}
        self._general: dict[int, dict[Words, str]] = {}
        for each in templates:
            self.add(each)

    def add(self, template: str, members: Iterable[str] = ()) -> None:
        """Makes a template known, in the place of its members."""
        for each in (self._by_length, self._general):
            for member in members:
                each.get(member.count(" ") + 1, {}).pop(tuple(member.split(" ")), None)
        words = tuple(template.split(" "))
        known = self._general if WORD in template else self._by_length
        known.setdefault(len(words), {})[words] = template

    def general(self, template: str) -> str | None:
        """The known template with places for words that this one fits; of several, one with fewer places."""
        known = self._general.get(template.count(" ") + 1)
        if not known:
            return None
        words = tuple(template.split(" "))
        fitting = [each for each in known if _fits(words, each)]
        return known[min(fitting, key=_places)] if fitting else None

    def place(self, template: str) -> Placed:
        """Where a template that is not known belongs: to a known signature, a more general one, or a new one."""
        if found := self.general(template):
            return Placed(found)
        words = tuple(template.split(" "))
        varying = {at for at, word in enumerate(words) if _may_vary(word, words, at)}
        alike = dict(self._alike(words, varying))
        for places in _candidates(alike):
            members = {each: at for each, at in alike.items() if at <= places}
            if _proven(words, places, list(members)):
                general = " ".join(_hole(word) if at in places else word for at, word in enumerate(words))
                known = self._by_length.get(len(words), {}) | self._general.get(len(words), {})
                return Placed(general, tuple(known[each] for each in members)[:MOST_MEMBERS])
        return Placed(template)

    def _alike(self, words: Words, varying: set[int]) -> Iterator[tuple[Words, frozenset[int]]]:
        """Known templates that differ in few places, in all of which words may vary, and in which places."""
        for known in (self._by_length, self._general):
            for each in known.get(len(words), ()):
                different = [at for at, pair in enumerate(zip(words, each, strict=True)) if pair[0] != pair[1]]
                if len(different) <= MOST_PLACES and all(
                    at in varying and _may_stand_for(words[at], each[at]) for at in different
                ):
                    yield each, frozenset(different)


def _candidates(alike: dict[Words, frozenset[int]]) -> list[frozenset[int]]:
    """Sets of places to try: those in which some known template differs, and two such sets together; fewest first."""
    single = set(alike.values())
    both = {one | other for one, other in combinations(single, 2) if len(one | other) <= MOST_PLACES}
    return sorted(single | both, key=lambda places: (len(places), sorted(places)))


def _proven(words: Words, places: frozenset[int], members: Sequence[Words]) -> bool:
    """Whether enough words have stood in each of the places, and enough else is equal."""
    constant = sum(_is_prose(word) for at, word in enumerate(words) if at not in places)
    if constant < CONSTANT:
        return False
    return all(_weight({words[at], *(each[at] for each in members)}) >= NAMES for at in places)


def _weight(words: set[str]) -> int:
    """How many words have stood in a place; what is masked has been found to vary, and counts for two."""
    return sum(NAMES if WORD in each else 2 if "<" in each else 1 for each in words)


def _is_prose(word: str) -> bool:
    """Levels are in capitals, masks in angle brackets, and names of loggers have dots: they tell nothing here."""
    bare = word.strip(".,:;()[]-")
    return bare.isalpha() and not (bare.isupper() and len(bare) > 1)


def _may_vary(word: str, words: Words, at: int) -> bool:
    """Types of exceptions and frames of stack traces say what went wrong."""
    found = _WORD.fullmatch(word)
    if found is None or found["word"].endswith(":"):
        return False
    return not _TYPE.search(found["word"]) and "@" not in words[:at]


def _may_stand_for(word: str, other: str) -> bool:
    """Whether both may vary, and have the same punctuation."""
    found, stranger = _WORD.fullmatch(word), _WORD.fullmatch(other)
    if found is None or stranger is None or _TYPE.search(stranger["word"]) or stranger["word"].endswith(":"):
        return False
    return (found["start"], found["end"]) == (stranger["start"], stranger["end"])


def _fits(words: Words, general: Words) -> bool:
    return all(
        word == other or (WORD in other and _may_vary(word, words, at) and _may_stand_for(word, other))
        for at, (word, other) in enumerate(zip(words, general, strict=True))
    )


def _places(general: Words) -> int:
    return sum(WORD in each for each in general)


def _hole(word: str) -> str:
    found = _WORD.fullmatch(word)
    return f"{found['start']}{WORD}{found['end']}" if found else WORD
