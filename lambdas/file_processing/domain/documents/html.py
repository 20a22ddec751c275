"""Text of HTML: what a browser shows of it, without running its scripts.

The parser makes events of the page and keeps no tree, so memory is flat and the time limit holds amid a page. Parsers
that build the tree of the HTML Standard take the square of the depth, with no way to stop them.
The price: where an end tag is missing, a hidden element may reach further than it does in browsers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from time import monotonic

from lxml.etree import HTMLParser

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.documents.draft import Clock, Draft, EnoughError, extracted
from lambdas.file_processing.domain.documents.elements import (
    DRAWINGS,
    GAPS,
    HIDDEN,
    HIDDEN_IN_DRAWINGS,
    LINES_KEPT,
    hides,
)
from lambdas.file_processing.domain.documents.encodings import encoding_of
from lambdas.file_processing.domain.documents.text import decoded
from lambdas.file_processing.domain.processing import Input, Processed, Rejected

PRESCANNED = 4096
"""Bytes in which a declaration of the encoding is looked for; browsers look at 1,024 at least."""
MAX_TITLE = 1_000
"""Characters of each piece of a title."""

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:+-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:+-]+)""",
    re.IGNORECASE,
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


def process(file: Input, output: Path, limits: Limits, clock: Clock = monotonic) -> Processed:
    """Shown text, with title, author, language and encoding as facts."""
    most = limits.documents.max_html_bytes
    if file.size > most:
        raise Rejected(
            "document_too_big",
            f"The page has {file.size} bytes, and of HTML at most {most} are read. Split it, or raise max_html_bytes "
            "of the document limits, and the memory of Extract with it.",
        )
    return extracted(file, output, limits, clock, _read)


def declared_encoding(start: bytes) -> str | None:
    """What the page says about its encoding."""
    match = _DECLARED.search(_COMMENT.sub(b"", start))
    return (match[1] or match[2]).decode("ascii", "replace") if match else None


def _read(path: Path, draft: Draft) -> None:
    with path.open("rb") as stream:
        declared = declared_encoding(stream.read(PRESCANNED))
    write_shown(decoded(path, encoding_of(path, declared), draft), draft)


def write_shown(page: Iterable[str], draft: Draft) -> None:
    """Adds what is shown of a page that comes in pieces. Raises EnoughError when a limit is reached."""
    # The encoding keeps declarations within the page from being obeyed: it is text already. Without `huge_tree`, a
    # long attribute ends the page.
    parser = HTMLParser(target=_Shown(draft), encoding="utf-8", huge_tree=True)
    parser.feed(b"<!DOCTYPE html>")  # a page without anything is an error to the parser
    for piece in page:
        parser.feed(piece.encode())
    parser.close()


class _Shown:
    """What the parser calls: each start has its end, those that the page leaves out included."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._depth = 0
        self._hidden_at: int | None = None
        """Depth of the outermost hidden element."""
        self._lines_kept = 0
        self._drawings = 0
        self._title: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A start tag, of the page or implied."""
        self._depth += 1
        if self._depth > self._draft.limits.max_depth:
            raise EnoughError("max_depth")
        if self._hidden_at is not None:
            return
        if self._hides(name, attributes):
            self._hidden_at = self._depth
            return
        self._space(name)
        self._note(name, attributes)
        self._lines_kept += name in LINES_KEPT
        self._drawings += name in DRAWINGS
        if name == "title":
            self._title = []

    def end(self, name: str) -> None:
        """An end tag, of the page or implied."""
        self._depth -= 1
        if self._hidden_at is not None:
            if self._depth < self._hidden_at:
                self._hidden_at = None
            return
        self._space(name)
        self._lines_kept -= name in LINES_KEPT
        self._drawings -= name in DRAWINGS
        if name == "title" and self._title is not None:
            self._draft.tell("title", "".join(self._title))
            self._title = None

    def data(self, text: str) -> None:
        """Text, character references resolved, in pieces of any size."""
        if self._hidden_at is not None:
            return
        if self._title is not None:
            self._title.append(text[:MAX_TITLE])
        if self._lines_kept:
            self._draft.write_lines(text)
        else:
            self._draft.write(text)

    def close(self) -> None:
        """The parser's last call, also after an error."""

    def _hides(self, name: str, attributes: dict[str, str]) -> bool:
        if name in HIDDEN or (self._drawings and name in HIDDEN_IN_DRAWINGS):
            return True
        return bool(attributes) and hides(attributes.get("hidden"), attributes.get("style", ""))

    def _note(self, name: str, attributes: dict[str, str]) -> None:
        if name == "html":
            self._draft.tell("language", attributes.get("lang") or attributes.get("xml:lang"))
        elif name == "meta" and attributes.get("name", "").strip().lower() == "author":
            self._draft.tell("author", attributes.get("content"))

    def _space(self, name: str) -> None:
        if gap := GAPS.get(name):
            self._draft.gap(gap)
