"""Masks what varies in a text, so that equal templates tell equal errors.

A text is taken apart at its blanks, and each word is looked up: words are remembered with their masks, with one digit
in the place of any other, so that few are looked at closely. That is several times faster than patterns that run over
whole lines.

Whatever has a digit in it is masked as a whole, with hyphens and underscores: ``ORD-7``, ``i-0ab3``, ``36ms``. Numbers
and ids share one mask, since an id in hexadecimal may well be all digits.
"""

from __future__ import annotations

import re

NUM, IP, TIME, STR, PATH, MAIL, HOST = "<num>", "<ip>", "<time>", "<str>", "<path>", "<mail>", "<host>"
MOST_WORDS = 120
"""Of a text. It is cut between words: numbers of other lengths would be cut elsewhere."""
MOST_CHARACTERS = 1_000
"""Of a masked text."""
MOST_LETTERS = 300
"""Of a word that is looked at closely: some patterns take the square of its length."""
_REMEMBERED = 20_000
"""Words, of 2 MB together with their masks."""

_QUOTED = re.compile(r"""(?<!\w)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)(?!\w)|(?<=\w)\("[^"]*"\)""")
_LIST = re.compile(r"(<num>|<str>)(,?)(?: \1\2)+(?: \1)?")
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
_DATUM = re.compile(
    rf"(?P<time>\d{{4}}[-/]\d\d[-/]\d\d(?:[T:]{_CLOCK})?|\d{{1,2}}/[A-Z][a-z][a-z]/\d{{4}}(?::{_CLOCK})?|{_CLOCK})"
    r"|(?P<ip>\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])"
    r"|\[?(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])(?:\]:\d+)?)"
    r"|(?P<num>[+-]?[\w-]*\d[\w-]*(?:[.,:+]\d[\w-]*)*)"
)
_MASKS = {"time": TIME, "ip": IP, "num": NUM}
_ID = re.compile(r"[a-f]{7,}|[a-z]{21,}|[A-Z]{21,}|(?!\d{4}-\d\d-\d\d)[A-Za-z_-]*\d[\w-]*")
"""Ids and numbers, but for dates. Of ids in hexadecimal, of eight digits, one in 2,600 has letters alone."""
_SHAPE = {ord(digit): "3" for digit in "012456789"}
"""``s3://`` keeps its name so."""
_POD = re.compile(r"-[bcdf-hj-np-tv-z\d]{5,10}-[bcdf-hj-np-tv-z\d]{5}\b")
"""Suffix of a pod; Kubernetes draws it out of these letters, and now and then without a digit."""
_KEY = re.compile(r"([(\[{<]*[A-Za-z_][\w.-]*)=(?!=)(.+?)([)\]}>,;.]*)")
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(
    r"(?<![\w.-])(?:[a-z0-9][a-z0-9-]*\.){2,}(?:com|net|org|io|dev|internal|local|localdomain|arpa|edu|gov)\b(?!\.\w)"
    r"|(?<![\w.-])(?:[a-z0-9][a-z0-9-]*\.)+(?:com|net|org|co|ac|edu|gov)\.[a-z]{2}\b(?!\.\w)"
    r"|(?<![\w.-])(?=[a-z0-9.]*-)(?:[a-z0-9][a-z0-9-]*\.){2,}[a-z]{2,}\b(?!\.\w)"
)
"""Names in the domain name system. Those of classes and loggers begin with what these end in, and have no hyphens."""
_STEPS = re.compile(rf"(?:/{NUM}){{2,}}")
_URL = re.compile(r"([a-z][a-z0-9+]*://)(?:[^/@\s]+@)?([^/?#\s]+)([^?#\s]*)([?#]\S*)?")
_ARN = re.compile(r"(arn:[\w-]+:[\w-]+):[^\s,;)\]}]+")
_FILE = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][^\\/\s]+)*[\\/][^\\/\s]*[^\\/\s]\.[A-Za-z]\w{0,5}")
_DIGIT = re.compile(r"\d")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class _Words(dict[str, str]):
    """Masks of words, remembered by their shapes. A mask depends on nothing else, and so on no word before."""

    def __missing__(self, word: str) -> str:
        if _ID.fullmatch(word):
            return NUM
        if len(word) > MOST_LETTERS:
            return _masked_long(word)
        shape = word.translate(_SHAPE)
        masked = self.get(shape)
        if masked is None:
            masked = _masked(shape)
            if len(self) >= _REMEMBERED:
                self.clear()
                self.update(_CALENDAR)
            self[shape] = masked
        return masked


_CALENDAR = dict.fromkeys(_MONTHS + _DAYS, TIME) | {f"{day},": f"{TIME}," for day in _DAYS}
_words = _Words(_CALENDAR)


def mask(text: str) -> str:
    """The template of a text: its words, one blank between two, with masks for what varies."""
    if '"' in text or "'" in text or "`" in text:
        text = _QUOTED.sub(STR, text)
    words = text.split(None, MOST_WORDS)[:MOST_WORDS]
    masked = " ".join(map(_words.__getitem__, words))
    if "> <" in masked or ">, <" in masked:
        masked = _LIST.sub(r"\1", masked)
    return masked[:MOST_CHARACTERS]


def mask_path(path: str) -> str:
    """A request's path without its query, each step masked by itself."""
    return "/".join(map(_words.__getitem__, path.partition("?")[0].split("/")))[:MOST_CHARACTERS]


def _masked_long(word: str) -> str:
    """Of a word with many characters: data, but for URLs with a long query. It is not remembered, so that memory is
    bounded."""
    head, question, _ = word.partition("?")
    return _masked(head + question) if len(head) < MOST_LETTERS else STR


def _masked(word: str) -> str:
    if word.isalpha():
        return word
    if "=" in word and (pair := _KEY.fullmatch(word)):
        return f"{pair[1]}={STR}{pair[3]}"
    if "/" in word or "\\" in word:
        if "://" in word:
            return _URL.sub(_masked_url, word)
        if not word.lstrip("[(")[:1].isdigit():
            return _masked_path(word)
    if "@" in word:
        word = _MAIL.sub(MAIL, word)
    elif "." in word:
        word = _HOST.sub(HOST, word)
    if "arn:" in word:
        word = _ARN.sub(rf"\1:{NUM}", word)
    return _masked_data(word)


def _masked_data(word: str) -> str:
    return _DATUM.sub(_mask_of, _POD.sub("-0", word)) if _DIGIT.search(word) or "::" in word or "-" in word else word


def _mask_of(datum: re.Match[str]) -> str:
    return _MASKS[str(datum.lastgroup)]


def _masked_url(url: re.Match[str]) -> str:
    """Scheme and host say what was called; credentials and query go."""
    path = "/".join(map(_words.__getitem__, url[3].split("/")))
    return f"{url[1]}{_masked_data(url[2])}{path}{'?' + STR if url[4] else ''}"


def _masked_path(word: str) -> str:
    """Files as a whole, other paths step by step: ``/basket/<num>/``."""
    masked = _FILE.sub(PATH, word)
    if masked == word and "/" in word:
        return _STEPS.sub(f"/{NUM}", "/".join(map(_words.__getitem__, masked.partition("?")[0].split("/"))))
    return _masked_data(masked)
