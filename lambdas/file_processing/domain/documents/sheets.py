"""XLSX: the values that cells show, sheet by sheet and row by row."""

from __future__ import annotations

import re
from datetime import datetime
from sys import getsizeof

from lambdas.file_processing.domain.documents.draft import Draft, EnoughError, Gap
from lambdas.file_processing.domain.documents.numbers import DATES_1900, DATES_1904, Shown, shown, shows
from lambdas.file_processing.domain.documents.package import Package
from lambdas.file_processing.domain.documents.story import FALSE, Role, Story
from lambdas.file_processing.domain.documents.xml import Attributes

MAX_CELL = 64 * 1024
"""Characters of a cell; Excel allows half of that."""
MAX_SHARED = 96 * 1024 * 1024
"""Bytes of memory for the strings that cells refer to."""
_PLACE = 8
"""Bytes of a list's place."""
MAX_STYLES = 100_000
"""Excel allows 65,490."""

NOTES = {"comment": Role.BLOCK, "t": Role.TEXT, "p": Role.PARAGRAPH, "br": Role.BREAK, "rPh": Role.SKIPPED}
"""Comments, and text boxes of drawings."""
_MARGIN_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|[0-9]+|[A-Za-z])')
_MARGINS = frozenset({"oddHeader", "evenHeader", "firstHeader", "oddFooter", "evenFooter", "firstFooter"})


def read_workbook(package: Package, main: str, draft: Draft) -> None:
    """Each shown sheet: its name, its rows, its comments and text boxes."""
    book = _Workbook()
    package.read(main, book)
    relations = package.relations(main)
    strings, styles = _Strings(), _Styles()
    for relation in relations.values():
        if relation.kind == "sharedStrings":
            package.read(relation.target, strings)
        elif relation.kind == "styles":
            package.read(relation.target, styles)
    draft.facts["pages"] = len(book.sheets)
    for number, (name, identity) in enumerate(book.sheets):
        if number >= draft.limits.max_pages:
            raise EnoughError("max_pages")
        if identity in relations:
            draft.gap(Gap.PARAGRAPH)
            draft.write(name)
            draft.gap(Gap.LINE)
            part = relations[identity].target
            package.read(part, _Sheet(draft, strings.values, styles.by_style, book.epoch))
            for relation in package.relations(part).values():
                if relation.kind in {"comments", "drawing"}:
                    draft.gap(Gap.PARAGRAPH)
                    package.read(relation.target, Story(NOTES, draft))
    if strings.dropped:
        raise EnoughError("max_text_bytes")


class _Workbook:
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        """Name and id of the relation, of sheets that are shown."""
        self.epoch = DATES_1900

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible" and len(self.sheets) < MAX_STYLES:
            self.sheets.append((attributes.get("name", "")[:1000], attributes.get("r:id", "")))
        elif name == "workbookPr" and attributes.get("date1904", "0") not in FALSE:
            self.epoch = DATES_1904

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


class _Styles:
    """What number format each style of cells has."""

    def __init__(self) -> None:
        self.by_style: list[Shown] = []
        self._codes: dict[str, str] = {}
        self._in_cells = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt" and len(self._codes) < MAX_STYLES:
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:255]
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells and len(self.by_style) < MAX_STYLES:
            identity = attributes.get("numFmtId", "0")
            self.by_style.append(shows(identity, self._codes.get(identity)))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def data(self, text: str) -> None:
        pass


class _Strings:
    """Strings that cells refer to by number; beyond `MAX_SHARED` they are empty."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.dropped = False
        self._held = 0
        self._parts: list[str] = []
        self._size = 0
        self._taken = False
        self._spoken = False

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002
        if name == "si":
            self._parts, self._size = [], 0
        elif name == "rPh":  # how to pronounce what stands before it
            self._spoken = True
        elif name == "t":
            self._taken = not self._spoken

    def end(self, name: str) -> None:
        if name == "t":
            self._taken = False
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            self._keep("".join(self._parts))

    def data(self, text: str) -> None:
        if self._taken and self._size < MAX_CELL:
            self._parts.append(text)
            self._size += len(text)

    def _keep(self, text: str) -> None:
        self._held += getsizeof(text) + _PLACE
        if self._held <= MAX_SHARED:
            self.values.append(text)
        else:
            self.dropped = True


class _Sheet:
    def __init__(self, draft: Draft, strings: list[str], styles: list[Shown], epoch: datetime) -> None:
        self._draft = draft
        self._strings = strings
        self._styles = styles
        self._epoch = epoch
        self._type = "n"
        self._style = Shown.NUMBER
        self._value = ""
        self._taken = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._type = attributes.get("t", "n")
            style = attributes.get("s", "")
            number = int(style) if style.isascii() and style.isdigit() and len(style) < 7 else -1
            self._style = self._styles[number] if 0 <= number < len(self._styles) else Shown.NUMBER
            self._value = ""
        elif name in {"v", "t"}:
            self._taken = True
        elif name in _MARGINS:
            self._value, self._taken = "", True

    def end(self, name: str) -> None:
        if name == "c":
            if self._value:
                self._draft.write(self._text())
            self._draft.gap(Gap.TAB)
        elif name == "row":
            self._draft.gap(Gap.LINE)
        elif name in {"v", "t"}:
            self._taken = False
        elif name in _MARGINS:
            self._taken = False
            self._draft.gap(Gap.LINE)
            self._draft.write(_MARGIN_CODE.sub(" ", self._value))
            self._draft.gap(Gap.LINE)

    def data(self, text: str) -> None:
        if self._taken and len(self._value) < MAX_CELL:
            self._value += text

    def _text(self) -> str:
        match self._type:
            case "s":
                place = int(self._value) if self._value.isascii() and self._value.isdigit() else len(self._strings)
                return self._strings[place] if place < len(self._strings) else ""
            case "b":
                return "TRUE" if self._value == "1" else "FALSE"
            case "n":
                return shown(self._value, self._style, self._epoch)
            case _:
                return self._value
