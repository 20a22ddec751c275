"""ODT, ODS and ODP (OpenDocument 1.3, part 3): one part has all the content."""

from __future__ import annotations

from lambdas.file_processing.domain.documents.draft import Draft, Gap
from lambdas.file_processing.domain.documents.package import Package
from lambdas.file_processing.domain.documents.properties import Properties
from lambdas.file_processing.domain.documents.story import FALSE, Role, Story
from lambdas.file_processing.domain.documents.xml import Attributes
from lambdas.file_processing.domain.processing import Rejected

ROLES = {
    "p": Role.TEXT_PARAGRAPH,
    "h": Role.TEXT_PARAGRAPH,
    "s": Role.SPACE,
    "tab": Role.TAB,
    "line-break": Role.BREAK,
    "table": Role.BLOCK,
    "table-row": Role.ROW,
    "table-cell": Role.CELL,
    "covered-table-cell": Role.CELL,
    "page": Role.BLOCK,
    "frame": Role.BLOCK,
    "notes": Role.BLOCK,
    "section": Role.SKIPPED_IF_HIDDEN,
} | dict.fromkeys(
    (
        "binary-data",
        "creator",
        "creator-initials",
        "date",
        "date-string",
        "desc",
        "note-citation",
        "page-count",
        "page-number",
        "ruby-text",
        "title",
        "tracked-changes",
    ),
    Role.SKIPPED,
)
"""What is deleted is kept in `tracked-changes`; who commented when stands amid the paragraph."""

_TYPE = "application/vnd.oasis.opendocument."
_FORMATS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}
_PROPERTIES = frozenset({"drawing-page-properties", "table-properties", "text-properties"})
_STYLED = frozenset({"h", "p", "page", "span", "table"})
_MARGINS = frozenset(f"{each}{which}" for each in ("header", "footer") for which in ("", "-left", "-first"))
MAX_HIDDEN = 10_000
"""Styles that hide what has them."""


def claims(package: Package) -> bool:
    """Whether the package says that it is OpenDocument."""
    return _type(package).startswith(_TYPE)


def read(package: Package, draft: Draft) -> None:
    """Content, then headers and footers."""
    name = _type(package).removeprefix(_TYPE).partition("-")[0].strip()
    if name not in _FORMATS:
        raise Rejected(
            "unknown_document",
            f"An OpenDocument file of the type {name} is not read. Save it as ODT, ODS or ODP, and upload that.",
        )
    draft.facts["format"] = _FORMATS[name]
    package.try_read("META-INF/manifest.xml", _Manifest())
    package.try_read("meta.xml", Properties(draft))
    package.read("content.xml", _Content(draft, names_tables=name == "spreadsheet"))
    package.try_read("styles.xml", _Margins(draft))


def _type(package: Package) -> str:
    return package.first_bytes("mimetype", 100).decode("ascii", "replace")


class _Manifest:
    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002
        if name == "encryption-data":
            raise Rejected(
                "encrypted_document",
                "The document opens with a password only. Save it without one, and upload it again.",
            )

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


class _Content(Story):
    """Leaves out what has a style that hides it; such styles stand before the content."""

    def __init__(self, draft: Draft, *, names_tables: bool) -> None:
        super().__init__(ROLES, draft)
        self._draft = draft
        self._names_tables = names_tables
        self._style = ""
        self._hiding: set[str] = set()

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if name == "style":
            self._style = attributes.get("name", "")[:100]
        elif name in _PROPERTIES and len(self._hiding) < MAX_HIDDEN:
            if attributes.get("display", "") in FALSE or attributes.get("visibility") == "hidden":
                self._hiding.add(self._style)
        elif name in _STYLED and not self.skipping and attributes.get("style-name") in self._hiding:
            self.skip()
            return
        super().start(name, attributes)
        if name == "table" and self._names_tables and not self.skipping:
            self._draft.write(attributes.get("name", ""))
            self._draft.gap(Gap.LINE)


class _Margins:
    """Headers and footers of the pages; all else in the part is styles and what presentations are made from."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._story = Story(ROLES, draft)
        self._depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if self._depth or name in _MARGINS:
            self._depth += 1
            self._story.start(name, attributes)

    def end(self, name: str) -> None:
        if self._depth:
            self._story.end(name)
            self._depth -= 1
            if not self._depth:
                self._draft.gap(Gap.PARAGRAPH)

    def data(self, text: str) -> None:
        if self._depth:
            self._story.data(text)
