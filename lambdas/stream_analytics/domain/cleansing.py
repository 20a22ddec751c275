"""Rules that bring a field into its canonical form; pure functions, and how they are applied to many events.

Every rule takes any text and answers with one, never with an error: what it does not understand it leaves as it is.
Applied twice a rule changes nothing more, pseudonyms apart.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter

from lambdas.stream_analytics.domain.events import Event


@dataclass(frozen=True)
class Rule:
    """A named function from one text to its canonical form; ``personal`` ones get the key of the pseudonyms, too."""

    name: str
    apply: Callable[..., str]
    personal: bool = False


def trim(text: str) -> str:
    """Without white space around it, and with single spaces inside.

    Nothing but white space becomes one space rather than nothing: an empty dimension would be the sum of all others.
    """
    return " ".join(text.split()) or (text and " ")


_DEFAULT_PORTS = {"http": "80", "https": "443"}
_TRACKING = ("utm_", "mc_")
_TRACKING_NAMES = frozenset({"gclid", "fbclid", "msclkid", "dclid", "igshid", "yclid"})

_NEVER = r"\s\\\x00-\x1f\x7f"
"""White space, backslashes and controls stand in no URL, and its readers differ on what they mean there."""
_URL = re.compile(
    r"([Hh][Tt][Tt][Pp][Ss]?)://"
    rf"(?:[^/?#{_NEVER}]*@)?([^]/?#@:[{_NEVER}]+|\[[0-9A-Fa-f:.]+])(?::([0-9]*))?"
    rf"(/[^?#{_NEVER}]*)?(?:\?([^#{_NEVER}]*))?(?:\#[^{_NEVER}]*)?"
)
"""Scheme, host, port, path, query. Several times as fast as urllib's, and stricter."""
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+/[A-Za-z0-9_/.~!$&'()*+,;=:@-]*")
"""Canonical already, as most URLs are. Without ``\\w`` and ``\\s``: `re` is slow at sets that hold a category."""
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LOWER_ASCII = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
"""Other letters of host names are left alone: lower case is not what IDNA makes of a final sigma."""


def canonical_url(text: str) -> str:
    """Scheme and host in lower case; no default port, credentials, fragment or tracking parameters; query sorted.

    Of RFC 3986, section 6.2, what does not change the resource that is meant: escapes in upper case, or decoded where
    they stand for letters, digits and ``-._~``; a path is ``/`` at least. Parameters are sorted by name, those of the
    same name kept in order, and only where each has a name and a value, or else the place may be what has a meaning.
    Credentials are dropped for the sake of whom they belong to. What is not an absolute URL of http or https, or is
    read in different ways by different programs, is only trimmed.
    """
    if _PLAIN_URL.fullmatch(text):
        return text
    trimmed = text.strip()
    match = _URL.fullmatch(trimmed)
    if not match:
        return trimmed
    scheme, host, port, path, query = match.groups("")
    scheme = scheme.lower()
    port = port.lstrip("0") or port[:1]
    place = host if "%" in host else host.translate(_LOWER_ASCII)
    if port not in {"", _DEFAULT_PORTS[scheme]}:
        place += f":{port}"
    if query:
        query = _canonical_query(_unescaped(query))
    return f"{scheme}://{place}{_unescaped(path) or '/'}{query and '?'}{query}"


def _unescaped(text: str) -> str:
    """With the escapes that RFC 3986, sections 6.2.2.1 and 6.2.2.2, calls for; untouched if a percent sign is none."""
    if "%" not in text or _BROKEN_ESCAPE.search(text):
        return text
    return _ESCAPE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[0][1:], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _canonical_query(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not _tracks(pair)]
    if all("=" in pair for pair in pairs):
        pairs.sort(key=lambda pair: pair.partition("=")[0])
    return "&".join(pairs)


def _tracks(pair: str) -> bool:
    return pair.startswith(_TRACKING) or pair.partition("=")[0] in _TRACKING_NAMES


def canonical_email(text: str) -> str:
    """Without white space around it, in lower case: mail systems that tell cases apart are a thing of the past."""
    return text.strip().lower()


def pseudonym(text: str, key: bytes) -> str:
    """32 hex digits that stand for a person: BLAKE2b keyed with a secret, so that nobody can try out known names.

    The same for the same text without white space around it. Identifiers that differ in case are different.
    """
    keyed = _keyed(key).copy()
    keyed.update(text.strip().encode("utf-8", "surrogatepass"))
    return keyed.hexdigest()


@lru_cache
def _keyed(key: bytes) -> hashlib.blake2b:
    """The state after the key, which is a block of its own: half of the work of hashing something short."""
    return hashlib.blake2b(key=key, digest_size=16)


def pseudonym_of_email(text: str, key: bytes) -> str:
    """The pseudonym of an e-mail address, however it is spelt."""
    return pseudonym(canonical_email(text), key)


TRIM = Rule("trim", trim)
URL = Rule("canonical_url", canonical_url)
EMAIL = Rule("canonical_email", canonical_email)
PERSONAL = Rule("pseudonym", pseudonym, personal=True)
PERSONAL_EMAIL = Rule("pseudonym_of_email", pseudonym_of_email, personal=True)
UTC_TIME = "utc_time"
"""Name of the rule that holds for every event's time."""


MOST_REMEMBERED = 50_000
"""Texts of a rule, some 10 MB; then it starts anew."""


class _Memo(dict[str | None, str | None]):
    """Remembers canonical forms, since visitors and pages come again and again; None where nothing changes."""

    def __init__(self, canonical: Callable[[str], str]) -> None:
        super().__init__({None: None})
        self._canonical = canonical

    def __missing__(self, text: str) -> str | None:
        if len(self) > MOST_REMEMBERED:
            self.clear()
            self[None] = None
        canonical = self._canonical(text)
        answer = self[text] = None if canonical == text else canonical
        return answer


class Cleanser:
    """Applies rules to events in place."""

    def __init__(self, pseudonym_key: bytes) -> None:
        self._key = pseudonym_key
        self._memos: dict[Rule, _Memo] = {}

    def cleanse(self, events: Sequence[Event], rules: Mapping[str, Rule]) -> Iterator[tuple[str, list[int]]]:
        """The rules that changed anything, each with the indices of the events that it changed."""
        for name, rule in rules.items():
            memo = self._memo(rule)
            canonical = list(map(memo.__getitem__, map(attrgetter(name), events)))
            if canonical.count(None) == len(canonical):
                continue
            changed = [at for at, text in enumerate(canonical) if text is not None]
            for at in changed:
                setattr(events[at], name, canonical[at])
            yield rule.name, changed

    def _memo(self, rule: Rule) -> _Memo:
        if rule not in self._memos:
            self._memos[rule] = _Memo(partial(rule.apply, key=self._key) if rule.personal else rule.apply)
        return self._memos[rule]
