"""Whether bytes are text, in which encoding, and what its lines are."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from lambdas.file_processing.domain.processing import Head

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile("[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
"""What no text has in it: the control characters but for bell to carriage return, and escape (colours of terminals)."""
_HIGH = re.compile(rb"[\x80-\xff]+")
_MAX_HIGH_SHARE = 0.25
"""Of the bytes of text in a Western 8-bit encoding: other alphabets have more, and nobody says which one it is."""
_CHARACTERS_PER_ERROR = 20
"""At least, of text that is UTF-8 but for some bytes; in noise every second byte is an error."""
_NOT_PROSE = "{\\rtf", "%!PS"
"""Page descriptions in ASCII: their words stand between commands."""


def encoding(data: bytes, *, whole: bool) -> str | None:
    """Python's name of the encoding of text that begins with ``data``; None if it is no text.

    A character that the end of ``data`` cuts in two is forgiven, if it is not the ``whole``; so are a few bytes that
    are no UTF-8, where it is nothing else. UTF-16 takes almost any bytes, so there a mistake tells noise from text.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            is_text = _is_readable(data, name, whole=whole) or (name == "utf-8-sig" and _is_nearly_utf8(data))
            return name if is_text else None
    for name in (*_without_mark(data), "utf-8"):
        if _is_readable(data, name, whole=whole):
            return name
    if _is_western(data) and _is_readable(data, "cp1252", whole=whole):
        return "cp1252"
    return "utf-8" if _is_nearly_utf8(data) else None


@lru_cache(maxsize=4)
def text_of(head: Head) -> str | None:
    """The text that a file begins with, its byte order mark left out, and errors replaced; None if it is none."""
    name = encoding(head.data, whole=head.whole)
    if name is None:
        return None
    text = _decoded(head.data, name, whole=head.whole, errors="replace")
    return None if text.startswith(_NOT_PROSE) else text


def lines_of(head: Head) -> list[str]:
    """Lines of text without their ends, but not a last one that is cut; empty for what is no text."""
    text = text_of(head)
    if text is None:
        return []
    lines = re.split("\r\n|\n|\r", text)
    return lines if head.whole and lines[-1] else lines[:-1]


def _without_mark(data: bytes) -> tuple[str, ...]:
    """UTF-16 is told by the zeros in its ASCII characters: more than half of the characters, and on one side alone."""
    half = len(data) // 2
    if not half or 0 not in data:
        return ()
    even, odd = data[: half * 2 : 2].count(0), data[1::2].count(0)
    if odd > half / 2 and not even:
        return ("utf-16-le",)
    return ("utf-16-be",) if even > half / 2 and not odd else ()


def _is_readable(data: bytes, name: str, *, whole: bool) -> bool:
    try:
        return _CONTROLS.search(_decoded(data, name, whole=whole)) is None
    except UnicodeDecodeError:
        return False


def _is_nearly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    return text.count("\ufffd") * _CHARACTERS_PER_ERROR < len(text) and _CONTROLS.search(text) is None


def _decoded(data: bytes, name: str, *, whole: bool, errors: str = "strict") -> str:
    return codecs.getincrementaldecoder(name)(errors).decode(data, whole)


def _is_western(data: bytes) -> bool:
    """Among few bytes, accented letters are told from noise by the ASCII around them."""
    return sum(map(len, _HIGH.findall(data))) <= _MAX_HIGH_SHARE * len(data)
