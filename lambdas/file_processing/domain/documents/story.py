"""Running text of office files: paragraphs, tables, notes and comments, in Office Open XML and OpenDocument alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from lambdas.file_processing.domain.documents.draft import Draft, Gap
from lambdas.file_processing.domain.documents.xml import Attributes

FALSE = frozenset({"0", "false", "off", "none"})


class Role(Enum):
    """What an element means to text."""

    PARAGRAPH = auto()
    """One within another, as in a note or a text box, comes after it."""
    TEXT = auto()
    """What it contains is text."""
    TEXT_PARAGRAPH = auto()
    """Both at once."""
    BLOCK = auto()
    """Stands apart from what is before and after it."""
    ROW = auto()
    CELL = auto()
    """Its paragraphs are in one line."""
    RUN = auto()
    """Its text is hidden if a `VANISH` says so."""
    VANISH = auto()
    SPACE = auto()
    TAB = auto()
    BREAK = auto()
    HYPHEN = auto()
    SKIPPED = auto()
    """Nothing in it is shown."""
    SKIPPED_IF_HIDDEN = auto()
    """The same where an attribute says so."""
    SKIPPED_IF_COMPUTED = auto()
    """Fields that show a page's number or the date."""


_GAPS = {Role.SPACE: Gap.SPACE, Role.TAB: Gap.TAB, Role.BREAK: Gap.LINE}


@dataclass
class _Paragraph:
    after: list[str]
    """What lies in it and comes after it."""


class Story:
    """Writes the text of one part after the other."""

    def __init__(self, roles: Mapping[str, Role], draft: Draft) -> None:
        self.hidden = False
        """Whether anything was `SKIPPED_IF_HIDDEN`."""
        self._roles = roles
        self._draft = draft
        self._skipped = 0
        self._text = 0
        self._vanished = False
        self._cells = 0
        self._paragraphs: list[_Paragraph] = []

    @property
    def skipping(self) -> bool:
        """Whether what comes is not shown."""
        return self._skipped > 0

    def skip(self) -> None:
        """The element that begins, with all that it contains, is not shown."""
        self._skipped += 1

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        role = self._roles.get(name)
        if self._skipped:
            self._skipped += 1
            return
        if role is None:
            return
        if role is Role.TEXT:
            self._text += 1
        elif role is Role.PARAGRAPH or role is Role.TEXT_PARAGRAPH:
            self._begin_paragraph(role)
        elif role is Role.RUN:
            self._vanished = False
        elif role in _GAPS:
            self._gap(_GAPS[role])
        else:
            self._start_rare(role, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
            return
        role = self._roles.get(name)
        if role is Role.TEXT:
            self._text -= 1
        elif role is Role.PARAGRAPH or role is Role.TEXT_PARAGRAPH:
            self._end_paragraph(role)
        elif role is Role.RUN:
            self._vanished = False
        elif role is Role.CELL:
            self._cells -= 1
            self._gap(Gap.SPACE if self._cells else Gap.TAB)
        elif role is Role.ROW:
            self._gap(Gap.LINE)
        elif role is Role.BLOCK:
            self._gap(Gap.PARAGRAPH)

    def data(self, text: str) -> None:
        """Text."""
        if self._text and not self._skipped and not self._vanished:
            self._draft.write(text)

    def _start_rare(self, role: Role, attributes: Attributes) -> None:
        if role is Role.CELL:
            self._cells += 1
        elif role is Role.BLOCK:
            self._gap(Gap.PARAGRAPH)
        elif role is Role.VANISH:
            self._vanished = attributes.get("val", "true").lower() not in FALSE
        elif role is Role.HYPHEN:
            self._draft.write("-")
        elif role is Role.SKIPPED_IF_HIDDEN:
            self.hidden = attributes.get("show", "") in FALSE or attributes.get("display", "") in FALSE
            self._skipped = int(self.hidden)
        elif role is Role.SKIPPED_IF_COMPUTED:
            self._skipped = int(attributes.get("type", "").startswith(("slidenum", "datetime")))
        elif role is Role.SKIPPED:
            self._skipped = 1

    def _gap(self, gap: Gap) -> None:
        self._draft.gap(min(gap, Gap.SPACE) if self._cells else gap)

    def _begin_paragraph(self, role: Role) -> None:
        if self._paragraphs:
            self._draft.divert()
        self._paragraphs.append(_Paragraph([]))
        self._text += role is Role.TEXT_PARAGRAPH

    def _end_paragraph(self, role: Role) -> None:
        self._text -= role is Role.TEXT_PARAGRAPH
        ended = self._paragraphs.pop()
        if self._paragraphs:
            self._paragraphs[-1].after += [self._draft.resume(), *ended.after]
            return
        for text in ended.after:
            self._draft.add(text)
        self._gap(Gap.PARAGRAPH)
