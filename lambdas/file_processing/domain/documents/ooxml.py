"""DOCX, PPTX and, by `sheets`, XLSX (ECMA-376): which parts there are, and in which order people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lambdas.file_processing.domain.documents.draft import Draft, EnoughError, Gap
from lambdas.file_processing.domain.documents.package import MAX_RELATIONS, Package, Relation, damaged
from lambdas.file_processing.domain.documents.properties import Properties
from lambdas.file_processing.domain.documents.sheets import read_workbook
from lambdas.file_processing.domain.documents.story import Role, Story
from lambdas.file_processing.domain.documents.xml import Attributes
from lambdas.file_processing.domain.processing import Rejected

ROLES = {
    "p": Role.PARAGRAPH,
    "t": Role.TEXT,
    "r": Role.RUN,
    "vanish": Role.VANISH,
    "br": Role.BREAK,
    "cr": Role.BREAK,
    "tab": Role.TAB,
    "ptab": Role.TAB,
    "noBreakHyphen": Role.HYPHEN,
    "tbl": Role.BLOCK,
    "tr": Role.ROW,
    "tc": Role.CELL,
    "sp": Role.BLOCK,
    "comment": Role.BLOCK,
    "footnote": Role.BLOCK,
    "endnote": Role.BLOCK,
    "cm": Role.BLOCK,
    "text": Role.TEXT,
    "fld": Role.SKIPPED_IF_COMPUTED,
    "sld": Role.SKIPPED_IF_HIDDEN,
    "pPr": Role.SKIPPED,
    "tblPr": Role.SKIPPED,
    "del": Role.SKIPPED,
    "moveFrom": Role.SKIPPED,
    "rt": Role.SKIPPED,
    "Fallback": Role.SKIPPED,
}
"""Of WordprocessingML and DrawingML, which share most local names. What `Fallback` holds stands before it, too; `rt` is
how to pronounce what it stands above."""


def read(package: Package, draft: Draft) -> None:
    """Reads whichever it is."""
    main = _first(package.relations(""), "officeDocument")
    if main is None:
        raise damaged(draft.first_problem or "nothing in it says which part is the document")
    types = _ContentTypes()
    package.try_read("[Content_Types].xml", types)
    declared = types.by_part.get("/" + main, main)
    found = next((each for each in _FORMATS if any(mark in declared for mark in each.marks)), None)
    if found is None:
        raise Rejected(
            "unknown_document",
            f"An office file of the type {declared[:100]} is not read. Save it as DOCX, XLSX or PPTX, and upload that.",
        )
    draft.facts["format"] = found.name
    for part in ("docProps/core.xml", "docProps/app.xml"):
        package.try_read(part, Properties(draft))
    found.read(package, main, draft)


def _read_text(package: Package, main: str, draft: Draft) -> None:
    related = package.relations(main).values()
    seen: set[str] = set()
    _read_margins(package, _parts(related, "header"), seen, draft)
    package.read(main, Story(ROLES, draft))
    for kind in ("footnotes", "endnotes", "comments"):
        for part in _parts(related, kind):
            draft.gap(Gap.PARAGRAPH)
            package.read(part, Story(ROLES, draft))
    _read_margins(package, _parts(related, "footer"), seen, draft)


def _read_margins(package: Package, parts: list[str], seen: set[str], draft: Draft) -> None:
    """Headers or footers: a document has one part for each section, most of them equal."""
    for part in parts:
        draft.divert()
        package.read(part, Story(ROLES, draft))
        text = draft.resume()
        if text not in seen:
            seen.add(text)
            draft.add(text)


def _read_slides(package: Package, main: str, draft: Draft) -> None:
    listed = _Slides()
    package.read(main, listed)
    relations = package.relations(main)
    slides = [relations[each].target for each in listed.ids if each in relations]
    draft.facts["pages"] = len(slides)
    for number, slide in enumerate(slides):
        if number >= draft.limits.max_pages:
            raise EnoughError("max_pages")
        story = Story(ROLES, draft)
        draft.gap(Gap.PARAGRAPH)
        package.read(slide, story)
        if not story.hidden:
            _read_beside(package, slide, draft)


def _read_beside(package: Package, slide: str, draft: Draft) -> None:
    related = package.relations(slide).values()
    for kind in ("diagramData", "notesSlide", "comments"):
        for part in _parts(related, kind):
            draft.gap(Gap.PARAGRAPH)
            package.read(part, Story(ROLES, draft))


@dataclass(frozen=True)
class _Format:
    marks: tuple[str, ...]
    """One of them stands in the content type, with and without macros."""
    name: str
    read: Callable[[Package, str, Draft], None]


_FORMATS = (
    _Format(("wordprocessingml", "ms-word"), "docx", _read_text),
    _Format(("spreadsheetml", "ms-excel.sheet.macro", "ms-excel.template.macro"), "xlsx", read_workbook),
    _Format(("presentationml", "ms-powerpoint"), "pptx", _read_slides),
)


def _first(relations: Mapping[str, Relation], kind: str) -> str | None:
    return next((each.target for each in relations.values() if each.kind == kind), None)


def _parts(related: Iterable[Relation], kind: str) -> list[str]:
    return [each.target for each in related if each.kind == kind]


class _ContentTypes:
    def __init__(self) -> None:
        self.by_part: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Override" and len(self.by_part) < MAX_RELATIONS:
            self.by_part[attributes.get("PartName", "")] = attributes.get("ContentType", "")

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


class _Slides:
    """Ids of relations to slides, in order."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sldId" and len(self.ids) < MAX_RELATIONS:
            self.ids.append(attributes.get("r:id", ""))

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass
