"""DOCX, XLSX and PPTX, as the usual libraries write them and as Office has them."""

from __future__ import annotations

import datetime

import docx as word
import openpyxl
import pptx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from pptx.util import Inches

from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.documents import docx, ooxml, read, relations, saved


def paragraph(text: str) -> str:
    """Of a Word document."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def row(*cells: str) -> str:
    """A table of one row."""
    return "<w:tbl><w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr></w:tbl>"


def report() -> bytes:
    """A document with everything that text stands in."""
    document = word.Document()
    document.core_properties.title, document.core_properties.author = "Annual report", "Ann Lee"
    document.core_properties.language = "en-GB"
    document.sections[0].header.paragraphs[0].text = "The header"
    document.sections[0].footer.paragraphs[0].text = "The footer"
    document.add_heading("The year", 1)
    text = document.add_paragraph("Some ")
    text.add_run("bo").bold = True
    text.add_run("ld words.\nSecond\tline.")
    text.add_run("hidden").font.hidden = True
    table = document.add_table(2, 2)
    for place, value in enumerate(["Name", "Sum", "Ann\nLee", "5"]):
        table.cell(place // 2, place % 2).text = value
    document.add_comment(document.add_paragraph("The end.").runs[0], text="A comment", author="Bob", initials="B")
    return saved(document)


def test_a_word_document_comes_out_in_the_order_of_reading() -> None:
    assert read("office", report()).text == (
        "The header\n\nThe year\n\nSome bold words.\nSecond\tline.\n\nName\tSum\nAnn Lee\t5\n\n"
        "The end.\n\nA comment\n\nThe footer"
    )


def test_a_word_document_tells_about_itself() -> None:
    facts = read("office", report()).facts
    told = [facts[name] for name in ("format", "title", "author", "language")]
    assert told == ["docx", "Annual report", "Ann Lee", "en-GB"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<w:p><w:r><w:t>a</w:t></w:r><w:del><w:r><w:delText>x</w:delText></w:r></w:del></w:p>", "a"),
        ("<w:p><w:ins><w:r><w:t>a</w:t></w:r></w:ins></w:p>", "a"),
        ("<w:p><w:moveFrom><w:r><w:t>x</w:t></w:r></w:moveFrom></w:p>" + paragraph("a"), "a"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>a</w:t></w:r></w:p>", "a"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r><w:r><w:t>a</w:t></w:r></w:p>", "a"),
        ('<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>a</w:t></w:r></w:p>', "a"),
        ("<w:p><w:pPr><w:rPr><w:vanish/></w:rPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>a</w:t></w:r></w:p>", "a"),
        ("<w:p><w:r><w:t>well</w:t><w:noBreakHyphen/><w:t>known</w:t></w:r></w:p>", "well-known"),
        (
            f"<w:p><w:r><w:t>be</w:t></w:r><w:txbxContent>{paragraph('box')}</w:txbxContent><w:r><w:t>fore</w:t></w:r></w:p>",
            "before\n\nbox",
        ),
        ("<w:p><w:r><Choice><w:t>a</w:t></Choice><Fallback><w:t>a</w:t></Fallback></w:r></w:p>", "a"),
        (row(row(paragraph("a"), paragraph("b")), paragraph("c")) + paragraph("d"), "a b\tc\n\nd"),
    ],
)
def test_of_markup_what_is_shown_is_kept(body: str, expected: str) -> None:
    assert read("office", docx(body)).text == expected


@settings(deadline=None, max_examples=20)
@given(st.lists(st.from_regex(r"[a-zé<&]{1,9}", fullmatch=True), min_size=1, max_size=20))
def test_words_in_are_words_out(words: list[str]) -> None:
    document = word.Document()
    for item in words:
        document.add_paragraph(item)
    assert read("office", saved(document)).text.split("\n\n") == words


def ledger() -> bytes:
    """A workbook with values of every kind."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ledger"
    sheet.append(["Name", "When", "Sum"])
    sheet.append(["Ann\nLee", datetime.date(2026, 11, 25), 1.1])
    sheet.append(
        [
            True,
            datetime.datetime(2026, 11, 25, 13, 5),  # noqa: DTZ001  as spreadsheets have it
            None,
            12,
            datetime.time(3, 4),
        ]
    )
    sheet["A1"].comment = Comment("A comment", "Bob")
    sheet.oddHeader.left.text = "The header"
    hidden = book.create_sheet("Hidden")
    hidden["A1"], hidden.sheet_state = "secret", "hidden"
    book.create_sheet("Last")["C3"] = "end"
    return saved(book)


def test_a_workbook_comes_out_as_it_is_shown() -> None:
    assert read("office", ledger()).text == (
        "Ledger\nName\tWhen\tSum\nAnn Lee\t2026-11-25\t1.1\nTRUE\t2026-11-25 13:05:00\t12\t03:04:00\nThe header\n\n"
        "A comment\n\nLast\nend"
    )


def test_formulas_show_their_last_results() -> None:
    cells = (
        '<c t="str"><f>A1&amp;"x"</f><v>joined</v></c><c><f>1+1</f><v>2</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c><v>0.30000000000000004</v></c><c t="inlineStr"><is><r><t>rich </t></r><r><t>text</t></r></is></c>'
    )
    assert read("office", workbook(cells)).text == "S\njoined\t2\t#DIV/0!\t0.3\trich text"


def test_strings_are_shared_and_how_to_pronounce_them_is_left_out() -> None:
    strings = "<si><r><t>東</t></r><r><t>京</t></r><rPh><t>トウキョウ</t></rPh></si><si><t>b</t></si>"
    cells = '<c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="s"><v>9</v></c>'
    assert read("office", workbook(cells, strings)).text == "S\nb\t東京"


def workbook(cells: str, strings: str = "") -> bytes:
    """One sheet of one row, part by part."""
    space = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    parts = {
        "xl/workbook.xml": f'<workbook {space}><sheets><sheet r:id="r1" name="S" id="7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations({"worksheet": "/xl/s.xml", "sharedStrings": "strings.xml"}),
        "xl/s.xml": f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>",
        "xl/strings.xml": f"<sst>{strings}</sst>",
    }
    return ooxml("xl/workbook.xml", parts)


def talk() -> bytes:
    """Three slides, the second of them hidden."""
    deck = pptx.Presentation()
    for number, title in enumerate(["First", "Hidden", "Last"]):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"point {number}"
        slide.notes_slide.notes_text_frame.text = f"note {number}"
        if title == "Hidden":
            slide.element.set("show", "0")
    table = deck.slides[0].shapes.add_table(1, 2, Inches(1), Inches(1), Inches(2), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    return saved(deck)


def test_slides_come_out_with_their_notes_and_without_hidden_ones() -> None:
    document = read("office", talk())
    assert document.text == "First\n\npoint 0\n\nleft\tright\n\nnote 0\n\nLast\n\npoint 2\n\nnote 2"
    assert (document.facts["format"], document.facts["pages"]) == ("pptx", 3)


def test_a_part_that_cannot_be_read_is_told_and_the_others_are_kept() -> None:
    parts = {
        "word/_rels/document.xml.rels": relations({"comments": "c.xml", "footnotes": "no.xml"}),
        "word/c.xml": "<a",
    }
    document = read("office", docx(paragraph("body"), **parts))
    assert document.text == "body"
    assert [each["part"] for each in document.facts["unread"]] == ["word/no.xml", "word/c.xml"]


def test_what_stands_before_damage_is_kept() -> None:
    document = read("office", docx(paragraph("before"), "<w:p></w:r>", paragraph("after")))
    assert (document.text, document.facts["unread_parts"]) == ("before", 1)


def test_a_binary_workbook_is_rejected_with_a_remedy() -> None:
    binary = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    with pytest.raises(Rejected, match=r"sheet\.binary.* Save it as DOCX, XLSX or PPTX") as rejection:
        read("office", ooxml("xl/workbook.bin", {"xl/workbook.bin": b"x"}, binary))
    assert rejection.value.code == "unknown_document"


def test_an_encrypted_file_is_rejected_with_a_remedy() -> None:
    with pytest.raises(Rejected, match="Save it without password") as rejection:
        read("office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert rejection.value.code == "encrypted_document"
