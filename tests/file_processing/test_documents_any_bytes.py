"""Whatever bytes come: the end is text or a rejection, and the same each time."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.file_processing.contract.limits import DocumentLimits
from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.documents import Document, docx, opendocument, pdf, read, shown, stream
from tests.file_processing.test_documents_html import PAGE
from tests.file_processing.test_documents_markdown import NOTES
from tests.file_processing.test_documents_ooxml import ledger, report, talk

SMALL = DocumentLimits(max_pages=3, max_text_bytes=500, max_seconds=100_000)
KINDS = ["html", "markdown", "office", "pdf", "text"]
FORM = stream(shown("form"), b"/Subtype /Form /Resources << /Font << /F1 3 0 R >> >>")
FILES: dict[str, tuple[str, bytes]] = {
    "html": ("html", PAGE.encode()),
    "markdown": ("markdown", NOTES.encode()),
    "pdf": ("pdf", pdf(shown("One"), b"/X Do", resources=b"/XObject << /X 9 0 R >>", more=[FORM])),
    "docx": ("office", report()),
    "xlsx": ("office", ledger()),
    "pptx": ("office", talk()),
    "odt": ("office", opendocument("text", "<text:p>one<text:s/>two</text:p>")),
}
RELAXED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def outcome(kind: str, data: bytes) -> Document | str:
    """Text and facts, or the rejection's code; anything else fails."""
    try:
        document = read(kind, data, SMALL)
    except Rejected as rejection:
        return rejection.code
    assert len(document.text.encode()) <= SMALL.max_text_bytes
    assert document.text == document.text.strip()
    return document


@pytest.mark.parametrize("kind", KINDS)
@RELAXED
@given(data=st.binary(max_size=300))
def test_any_bytes_end_well(kind: str, data: bytes) -> None:
    assert outcome(kind, data) == outcome(kind, data)


@pytest.mark.parametrize("name", FILES)
@RELAXED
@given(data=st.data())
def test_damaged_documents_end_well(name: str, data: st.DataObject) -> None:
    kind, good = FILES[name]
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
        if not damaged:
            return
    assert outcome(kind, bytes(damaged)) == outcome(kind, bytes(damaged))


@pytest.mark.parametrize("name", FILES)
@RELAXED
@given(data=st.data())
def test_documents_that_are_cut_off_end_well(name: str, data: st.DataObject) -> None:
    kind, good = FILES[name]
    outcome(kind, good[: data.draw(st.integers(0, len(good)))])


@pytest.mark.parametrize("name", ["docx", "xlsx", "pptx", "odt"])
@RELAXED
@given(data=st.data())
def test_packages_with_damaged_parts_end_well(name: str, data: st.DataObject) -> None:
    kind, good = FILES[name]
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(good)) as old, zipfile.ZipFile(packed, "w") as new:
        spoilt = data.draw(st.sampled_from(old.namelist()))
        for part in old.namelist():
            content = bytearray(old.read(part))
            if part == spoilt and content:
                at = data.draw(st.integers(0, len(content) - 1))
                content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
            new.writestr(part, bytes(content))
    outcome(kind, packed.getvalue())


TAGS = ["p", "r", "t", "tbl", "tr", "tc", "txbxContent", "del", "rPr", "vanish", "pPr", "br", "Fallback", "comment"]


@RELAXED
@given(st.lists(st.sampled_from(TAGS) | st.just("/"), max_size=40))
def test_elements_in_any_order_end_well(order: list[str]) -> None:
    body, opened = "", []
    for each in order:
        if each != "/":
            opened.append(each)
            body += f"<w:{each}>word "
        elif opened:
            body += f"</w:{opened.pop()}>"
    assert isinstance(outcome("office", docx(body + "".join(f"</w:{each}>" for each in reversed(opened)))), Document)
