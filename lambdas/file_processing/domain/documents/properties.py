"""What office files say about themselves: title, author, language."""

from __future__ import annotations

from lambdas.file_processing.domain.documents.draft import MAX_FACT, Draft
from lambdas.file_processing.domain.documents.xml import Attributes

_FACTS = {"title": "title", "creator": "author", "initial-creator": "author", "language": "language"}
"""Dublin Core's elements, and OpenDocument's own for the first author, which comes first in its files."""
_COUNTS = {"Pages": "pages"}


class Properties:
    """Reads ``docProps/core.xml``, ``docProps/app.xml`` and ``meta.xml``."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._text: str | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        self._text = "" if name in _FACTS or name in _COUNTS else None
        if name == "document-statistic":
            self._count("pages", attributes.get("page-count", ""))

    def end(self, name: str) -> None:
        """An element ends."""
        if self._text and name in _FACTS:
            self._draft.tell(_FACTS[name], self._text)
        elif self._text and name in _COUNTS:
            self._count(_COUNTS[name], self._text)
        self._text = None

    def data(self, text: str) -> None:
        """Text."""
        if self._text is not None and len(self._text) < MAX_FACT:
            self._text += text[:MAX_FACT]

    def _count(self, name: str, value: str) -> None:
        if value.isascii() and value.isdigit() and len(value) < 10:
            self._draft.facts.setdefault(name, int(value))
