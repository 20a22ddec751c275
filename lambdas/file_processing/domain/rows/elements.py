"""The elements of a huge array of JSON, each as it stands in the file, without reading what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lambdas.common.lines import KEPT, Line, Overlong

_STRING = rb'"(?:[^"\\]++|\\.)*+'
_WITHIN = re.compile(rb'[^"\[\]{}]*+(?:' + _STRING + rb'"[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL)
_BETWEEN = re.compile(rb'[^"\[\]{},]*+(?:' + _STRING + rb'"[^"\[\]{},]*+)*+([\[\]{},])', re.DOTALL)
_TO_STRING = re.compile(rb'[^"]*+(?:' + _STRING + rb'"[^"]*+)*+', re.DOTALL)
"""Up to the next bracket; bracket or comma; string that has no end yet. All of them skip strings."""


class Element(NamedTuple):
    """One element."""

    text: Line
    """Without white space around it; empty where there is none between two commas."""
    line: int
    """Where it begins, as the file's lines are counted."""


class Elements:
    """Iterates over what stands between the commas of an array; how much of it is JSON is not looked at."""

    def __init__(self, text: bytes, pieces: Iterator[bytes], line: int, most: int) -> None:
        """``text`` and ``pieces`` are what follows the array's opening bracket, which stands in this line."""
        self.closed = False
        """Whether the array has its end."""
        self._text = text
        self._pieces = pieces
        self._line = line
        """At which the text begins."""
        self._most = most
        self._start = self._at = self._depth = 0
        """Where the present element starts in the text, how far it is read, and the brackets that are open there."""
        self._cut: bytes | None = None
        """The beginning of the present element, if it is too long; the text is the rest, or some of it."""
        self._dropped = 0
        """Line feeds of that element that are not in the text any more."""

    def __iter__(self) -> Iterator[Element]:
        """The last one may be cut short, if the array is not closed."""
        first = True
        while not self.closed:
            found = (_WITHIN if self._depth else _BETWEEN).match(self._text, self._at)
            if found is None:
                if not self._refill():
                    break
                continue
            self._at = found.end()
            token = found[1]
            if token in b"[{":
                self._depth += 1
            elif self._depth:
                self._depth -= token != b","
            elif token != b"}":
                self.closed = token == b"]"
                element = self._element(self._at - 1)
                if element.text or not (first and self.closed):
                    yield element
                first = False
        if not self.closed and (left := self._element(len(self._text))).text:
            yield left

    def trailing(self) -> Element | None:
        """What is behind the array, or its beginning; None if it is nothing but white space."""
        while not self._text[self._start :].strip() and self._refill():
            pass
        left = self._element(len(self._text))
        return left if left.text else None

    def _element(self, end: int) -> Element:
        text = self._text[self._start : end]
        line = self._line
        self._line += self._dropped + text.count(b"\n")
        self._start, self._dropped = end + 1, 0
        if self._cut is not None:
            cut, self._cut = self._cut, None
            return Element(Overlong(cut), line)
        stripped = text.strip()
        line += text.count(b"\n", 0, len(text) - len(text.lstrip()))
        return Element(stripped if len(stripped) <= self._most else Overlong(stripped[:KEPT]), line)

    def _refill(self) -> bool:
        """Reads on, and forgets what is not needed; False if there is no more."""
        text = self._text[self._start :]
        self._at = max(0, self._at - self._start)
        self._start = 0
        if self._cut is None:
            stripped = text.lstrip()
            self._line += text.count(b"\n") - stripped.count(b"\n")
            self._at = max(0, self._at - len(text) + len(stripped))
            text = stripped
        if len(text) > self._most:
            if self._cut is None:
                self._cut = text[:KEPT]
            self._dropped += text.count(b"\n")
            text, self._at = _open_string(text, self._at), 0
        piece = next(self._pieces, b"")
        self._text = text + piece
        return bool(piece)


def _open_string(text: bytes, at: int) -> bytes:
    """A short text that leaves a reader in the same string as this one does; nothing if it ends outside of strings."""
    found = _TO_STRING.match(text, at)
    if found is None or found.end() == len(text):
        return b""
    backslashes = len(text) - len(text.rstrip(b"\\"))
    return b'"\\' if backslashes % 2 else b'"'
