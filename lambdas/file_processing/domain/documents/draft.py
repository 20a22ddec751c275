"""The text of a document while it is gathered: tidy, and never more than the limits allow."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import IntEnum
from io import StringIO
from pathlib import Path
from time import monotonic

from lambdas.file_processing.contract import TEXT_PRODUCT
from lambdas.file_processing.contract.limits import DocumentLimits, Limits
from lambdas.file_processing.domain.processing import Fact, Input, Processed, Product, Rejected

Clock = Callable[[], float]
"""Seconds from any beginning."""

MAX_FACT = 500
"""Characters of a title, an author and their like."""
MAX_UNREAD = 50
"""Parts that are named, with the reason; of more, only the number is told."""

_UNWANTED = re.compile("[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
"""What no text holds, and what hides within words: soft hyphens, places where a word may break."""
_SAFE_MARKS = 30
"""Combining marks in a row, as Unicode's Stream-Safe Text Format has it (UAX 15). Putting more in order takes time by
the square of their number."""
_MAYBE_MARKS = re.compile(f"[^\0-\u02ff]{{{_SAFE_MARKS + 1}}}")


class Gap(IntEnum):
    """White space between two words; of several in a row the greatest remains."""

    NONE = 0
    SPACE = 1
    TAB = 2
    LINE = 3
    PARAGRAPH = 4


_WHITE = ("", " ", "\t", "\n", "\n\n")


class EnoughError(Exception):
    """A limit is reached: what was read until now is the text."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit
        """Name of the field of the limits."""


class Draft:
    """Text as it grows, and the facts beside it."""

    def __init__(self, limits: DocumentLimits, clock: Clock = monotonic) -> None:
        self.limits = limits
        self.facts: dict[str, Fact] = {}
        self.truncated_by: str | None = None
        self._unread: list[dict[str, Fact]] = []
        self._unread_count = 0
        self._clock = clock
        self._deadline = clock() + limits.max_seconds
        self._room = limits.max_text_bytes
        self._out = StringIO()
        self._gap = Gap.NONE
        self._outer: list[tuple[StringIO, Gap]] = []

    def check(self) -> None:
        """Raises EnoughError once the time is up; called wherever input may go on for long."""
        if self._clock() > self._deadline:
            raise EnoughError("max_seconds")

    def gap(self, gap: Gap) -> None:
        """At least this much white space before the next word, if there are words before and after."""
        self._gap = max(self._gap, gap)

    def write(self, text: str) -> None:
        """Adds flowing text, whose white space of any kind is one space. Raises EnoughError when there is no room."""
        if not text.isprintable():
            text = _UNWANTED.sub("", text)
        if words := " ".join(text.split()):
            if text[0].isspace():
                self.gap(Gap.SPACE)
            self._put(words)
        if text and text[-1].isspace():
            self.gap(Gap.SPACE)

    def write_lines(self, text: str) -> None:
        """Adds text with lines, tabs, and paragraphs between empty lines; it may go on with the next call."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.gap(Gap.PARAGRAPH if self._gap >= Gap.LINE else Gap.LINE)
            for column, cell in enumerate(line.split("\t")):
                if column:
                    self.gap(Gap.TAB)
                self.write(cell)

    def divert(self) -> None:
        """What follows is kept apart until `resume`, such as a note amid a sentence."""
        self._outer.append((self._out, self._gap))
        self._out, self._gap = StringIO(), Gap.NONE

    def resume(self) -> str:
        """Goes back to what `divert` left, and gives what was written since, to be added later."""
        text = self._out.getvalue()
        self._out, self._gap = self._outer.pop()
        return text

    def add(self, diverted: str) -> None:
        """Adds what `resume` gave, as a paragraph; it counted when it was written."""
        if diverted:
            self.gap(Gap.PARAGRAPH)
            self._out.write((_WHITE[self._gap] if self._out.tell() else "") + diverted)
            self._gap = Gap.PARAGRAPH

    def tell(self, name: str, value: str | None) -> None:
        """Notes a fact that the document states about itself; nothing if it is empty."""
        if value and (words := " ".join(_UNWANTED.sub("", value[: 4 * MAX_FACT]).split())[:MAX_FACT]):
            self.facts.setdefault(name, unicodedata.normalize("NFC", _stream_safe(words)))

    def unread(self, part: str | int, reason: object) -> None:
        """Notes a page or a part that could not be read."""
        self._unread_count += 1
        if len(self._unread) < MAX_UNREAD:
            told = _UNWANTED.sub("", str(reason))[:200]
            self._unread.append({"part": part if isinstance(part, int) else part[:200], "reason": told})

    @property
    def empty(self) -> bool:
        """Whether no word was written."""
        return not self._out.tell() and not any(out.tell() for out, _ in self._outer)

    @property
    def first_problem(self) -> str | None:
        """What the first unread part suffered from."""
        return f"{self._unread[0]['part']}: {self._unread[0]['reason']}" if self._unread else None

    def finish(self, output: Path) -> Processed:
        """Writes the product; a document without text has none."""
        while self._outer:
            self.add(self.resume())
        text = unicodedata.normalize("NFC", _stream_safe(self._out.getvalue()))
        # Composing may lengthen text: some letters with marks are only to be written by several code points.
        data = text.encode()[: self.limits.max_text_bytes]
        text = data.decode(errors="ignore")
        self.facts |= {"words": len(text.split()), "characters": len(text), "truncated": self.truncated_by is not None}
        if self.truncated_by:
            self.facts["truncated_by"] = self.truncated_by
        if self._unread:
            self.facts |= {"unread": list(self._unread), "unread_parts": self._unread_count}
        if not text:
            return Processed(facts=self.facts | {"no_text": True})
        path = output / TEXT_PRODUCT
        path.write_text(text, encoding="utf-8", newline="")
        return Processed(facts=self.facts, products=(Product(TEXT_PRODUCT, path, "text/plain; charset=utf-8"),))

    def _put(self, words: str) -> None:
        white = _WHITE[self._gap] if self._out.tell() else ""
        self._gap = Gap.NONE
        size = len(white) + (len(words) if words.isascii() else len(words.encode()))
        if size > self._room:
            self._out.write((white + words).encode()[: self._room].decode(errors="ignore").rstrip())
            self._room = 0
            raise EnoughError("max_text_bytes")
        self._room -= size
        self._out.write(white + words)


def extracted(
    file: Input, output: Path, limits: Limits, clock: Clock, read: Callable[[Path, Draft], None]
) -> Processed:
    """What ``read`` makes of a file within the limits. Raises Rejected for one that is too big, and what it raises."""
    most = limits.documents.max_bytes
    if file.size > most:
        raise Rejected(
            "document_too_big",
            f"The document has {file.size} bytes, and at most {most} are read. Split it, or raise max_bytes of the "
            "document limits.",
        )
    draft = Draft(limits.documents, clock)
    try:
        read(file.path, draft)
    except EnoughError as enough:
        draft.truncated_by = enough.limit
    return draft.finish(output)


def _stream_safe(text: str) -> str:
    """Without combining marks beyond `_SAFE_MARKS` in a row."""
    if not _MAYBE_MARKS.search(text):
        return text
    kept = StringIO()
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _SAFE_MARKS:
            kept.write(character)
    return kept.getvalue()
