"""PDF: pages in order, whatever is odd about the file."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfWriter

from lambdas.file_processing.contract.limits import DocumentLimits
from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.documents import MB, pdf, read, shown, stream, ticking

INFO = b"/Title (Annual report) /Author (Ann Lee)"
TWO = pdf(shown("First page (one),", "second line"), shown("Second page"), info=INFO)
TEXT = "First page (one),\nsecond line\n\nSecond page"


def encrypted(user: str, algorithm: str) -> bytes:
    """Two pages, which open with that password."""
    writer, file = PdfWriter(clone_from=io.BytesIO(TWO)), io.BytesIO()
    writer.encrypt(user, owner_password="owner", algorithm=algorithm)
    writer.write(file)
    return file.getvalue()


def form(content: bytes) -> bytes:
    """A form that may draw itself, object 7 of a document of one page."""
    resources = b"/Resources << /Font << /F1 3 0 R >> /XObject << /X 7 0 R >> >>"
    return stream(content, b"/Type /XObject /Subtype /Form " + resources)


def test_pages_come_out_in_order() -> None:
    assert read("pdf", TWO).text == TEXT


def test_a_document_tells_about_itself() -> None:
    facts = read("pdf", TWO).facts
    told = [facts[name] for name in ("pages", "title", "author", "language", "words", "truncated")]
    assert told == [2, "Annual report", "Ann Lee", "en-GB", 7, False]


@pytest.mark.parametrize("algorithm", ["RC4-40", "RC4-128", "AES-128", "AES-256"])
def test_a_document_whose_printing_alone_is_forbidden_is_read(algorithm: str) -> None:
    assert read("pdf", encrypted("", algorithm)).text == TEXT


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_document_with_a_password_is_rejected(algorithm: str) -> None:
    with pytest.raises(Rejected, match=r"password only.*Save it without one") as rejection:
        read("pdf", encrypted("secret", algorithm))
    assert rejection.value.code == "encrypted_document"


@pytest.mark.parametrize("place", [b"9999999", b"0", b"12"])
def test_a_broken_table_of_objects_is_rebuilt(place: bytes) -> None:
    assert read("pdf", re.sub(rb"startxref\n\d+", b"startxref\n" + place, TWO)).text == TEXT


def test_a_page_that_cannot_be_read_is_told_and_the_others_are_kept() -> None:
    damaged = b"<< /Length 9 /Filter /NoSuchFilter >>\nstream\nBT ET....\nendstream"
    document = read("pdf", pdf(shown("One"), damaged, shown("Three")))
    assert document.text == "One\n\nThree"
    assert [each["part"] for each in document.facts["unread"]] == [2]


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"%PDF-1.7\n", TWO[:300], b"%PDF-1.7\n" + b"1 0 obj " * 1_000],
    ids=["empty", "a letter", "a head", "cut off", "no objects"],
)
def test_what_is_no_document_is_rejected_with_a_remedy(data: bytes) -> None:
    with pytest.raises(Rejected, match=r"cannot be read.*Save it anew") as rejection:
        read("pdf", data)
    assert rejection.value.code == "damaged_document"


def test_a_scan_without_text_is_told_and_not_rejected() -> None:
    document = read("pdf", pdf(b"q 612 0 0 792 0 0 cm /Im1 Do Q"))
    assert (document.text, document.facts["no_text"], document.facts["pages"]) == ("", True, 1)


def test_words_that_lines_break_are_joined() -> None:
    assert read("pdf", pdf(shown("a docu-", "ment of 1-", "2 pages"))).text == "a document of 1-\n2 pages"


def test_what_was_filled_into_forms_follows_its_page() -> None:
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ann Lee) /Rect [0 0 1 1] >>"
    file = pdf(shown("Name:"), more=[field]).replace(b"/MediaBox", b"/Annots [7 0 R] /MediaBox")
    assert read("pdf", re.sub(rb"startxref\n\d+", b"startxref\n0", file)).text == "Name:\n\nAnn Lee"


def with_annotations(annotations: bytes, *more: bytes) -> bytes:
    """A page with these; objects ``more`` begin at number 7. The moved cross-references are found by searching."""
    file = pdf(shown("Page"), more=more).replace(b"/MediaBox", b"/Annots [%s] /MediaBox" % annotations)
    return re.sub(rb"startxref\n\d+", b"startxref\n0", file)


VALUES = {
    "of all places of a field": (b"/Parent 8 0 R", b"<< /FT /Tx /T (n) /V (Ann Lee) /Kids [7 0 R] >>", "Ann Lee"),
    "a path": (b"/V (/home/ann)", b"null", "/home/ann"),
    "several choices": (b"/V [(one) (two)]", b"null", "one\ntwo"),
    "the state of a check box": (b"/V /Yes", b"null", ""),
}


@pytest.mark.parametrize("value", VALUES)
def test_values_of_fields_are_text(value: str) -> None:
    entries, parent, expected = VALUES[value]
    widget = b"<< /Type /Annot /Subtype /Widget /Rect [0 0 1 1] %s >>" % entries
    assert read("pdf", with_annotations(b"7 0 R", widget, parent)).text.removeprefix("Page").strip() == expected


@pytest.mark.parametrize("damage", [b"99 0 R", b"null", b"7"])
def test_a_note_that_cannot_be_read_takes_neither_page_nor_other_notes_with_it(damage: bytes) -> None:
    note = b"<< /Type /Annot /Subtype /Text /Rect [0 0 1 1] /Contents (A note) >>"
    document = read("pdf", with_annotations(damage + b" 7 0 R", note))
    assert (document.text, document.facts["unread_parts"]) == ("Page\n\nA note", 1)


def test_forms_that_draw_themselves_end() -> None:
    looping = pdf(b"/X Do", resources=b"/XObject << /X 7 0 R >>", more=[form(shown("within") + b" /X Do /X Do")])
    assert read("pdf", looping).text == "within"


def test_a_tree_of_pages_that_contains_itself_is_rejected() -> None:
    with pytest.raises(Rejected, match="cycl"):
        read("pdf", TWO.replace(b"/Kids [5 0 R 7 0 R]", b"/Kids [2 0 R 2 0 R]"))


def test_a_page_that_unpacks_to_many_megabytes_is_passed_over() -> None:
    document = read("pdf", pdf(b" " * (40 * MB), shown("Two")))
    assert document.text == "Two"
    assert "Limit" in document.facts["unread"][0]["reason"]


def test_pages_beyond_the_limit_are_left_out_and_told() -> None:
    document = read("pdf", pdf(*[shown(f"Page {number}") for number in range(4)]), DocumentLimits(max_pages=2))
    assert document.text == "Page 0\n\nPage 1"
    assert (document.facts["pages"], document.facts["truncated_by"]) == (4, "max_pages")


def test_a_page_is_the_last_once_the_time_is_up() -> None:
    document = read("pdf", pdf(*[shown("x")] * 50), DocumentLimits(max_seconds=10), ticking(1))
    assert 0 < document.text.count("x") < 10
    assert document.facts["truncated_by"] == "max_seconds"


def test_a_page_of_forms_within_forms_ends_when_the_time_is_up() -> None:
    looks = 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        return float(looks > 5) * 100

    drawn = form(shown("x") * 2_000)
    page = pdf(b"/X Do " * 500, resources=b"/XObject << /X 7 0 R >>", more=[drawn])
    document = read("pdf", page, DocumentLimits(max_seconds=10), clock)
    assert document.facts["truncated_by"] == "max_seconds"
    assert looks < 1_000
