"""ODT, ODS and ODP, part by part as LibreOffice writes them."""

from __future__ import annotations

import pytest

from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.documents import OPENDOCUMENT, opendocument, read

META = f"""<office:document-meta {OPENDOCUMENT}><office:meta><meta:initial-creator>Ann Lee</meta:initial-creator>
<dc:title>Annual report</dc:title><dc:creator>Bob</dc:creator><dc:language>en-GB</dc:language>
<meta:document-statistic meta:page-count="3"/></office:meta></office:document-meta>"""
STYLES = f"""<office:document-styles {OPENDOCUMENT}><office:styles><style:style style:name="x"/></office:styles>
<office:master-styles><style:master-page style:name="S"><style:header><text:p>The header</text:p></style:header>
<style:footer><text:p>Page <text:page-number>7</text:page-number> of the footer</text:p></style:footer>
<draw:frame><text:p>Click to add a title</text:p></draw:frame></style:master-page></office:master-styles>
</office:document-styles>"""


def text_of(body: str, kind: str = "text", hiding: str = "") -> str:
    """Text of a document with this body."""
    return read("office", opendocument(kind, body, hiding)).text


def test_a_text_comes_out_in_the_order_of_reading() -> None:
    body = """<text:h>The year</text:h>
    <text:p>Some <text:span>bo</text:span>ld<text:s text:c="3"/>words.<text:line-break/>Second<text:tab/>line.</text:p>
    <table:table table:name="T1"><table:table-row><table:table-cell><text:p>Name</text:p></table:table-cell>
    <table:table-cell><text:p>Sum</text:p></table:table-cell></table:table-row></table:table>
    <text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"""
    document = read("office", opendocument("text", body, parts={"meta.xml": META}))
    assert document.text == "The year\n\nSome bold words.\nSecond\tline.\n\nName\tSum\n\none"


def test_a_text_tells_about_itself() -> None:
    facts = read("office", opendocument("text", "<text:p>a</text:p>", parts={"meta.xml": META})).facts
    told = [facts[name] for name in ("format", "title", "author", "language", "pages")]
    assert told == ["odt", "Annual report", "Ann Lee", "en-GB", 3]


def test_headers_and_footers_are_kept_and_what_presentations_are_made_from_is_not() -> None:
    document = read("office", opendocument("text", "<text:p>a</text:p>", parts={"styles.xml": STYLES}))
    assert document.text == "a\n\nThe header\n\nPage of the footer"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<text:tracked-changes><text:p>x</text:p></text:tracked-changes><text:p>a</text:p>", "a"),
        (
            "<text:p>be<text:note><text:note-citation>1</text:note-citation><text:p>note</text:p></text:note>fore</text:p>",
            "before\n\nnote",
        ),
        (
            "<text:p>a<office:annotation><dc:creator>Bob</dc:creator><text:p>why</text:p></office:annotation>b</text:p>",
            "ab\n\nwhy",
        ),
        ('<text:section text:display="none"><text:p>x</text:p></text:section><text:p>a</text:p>', "a"),
        ("<text:p>a<draw:image><office:binary-data>eHh4</office:binary-data></draw:image></text:p>", "a"),
        ('<text:p>a<text:span text:style-name="H">x</text:span></text:p>', "a"),
    ],
)
def test_of_markup_what_is_shown_is_kept(body: str, expected: str) -> None:
    hiding = '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    assert text_of(body, hiding=hiding) == expected


def test_sheets_come_out_by_name_without_hidden_ones() -> None:
    hiding = '<style:style style:name="H"><style:table-properties table:display="false"/></style:style>'
    cells = '<table:table-row><table:table-cell office:value="1.5"><text:p>1,50 €</text:p></table:table-cell>'
    cells += '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    cells += '<table:table-row table:number-rows-repeated="1048576"><table:table-cell/></table:table-row>'
    body = f'<table:table table:name="Ledger">{cells}</table:table>'
    body += f'<table:table table:name="No" table:style-name="H">{cells}</table:table>'
    assert text_of(body, "spreadsheet", hiding) == "Ledger\n1,50 €"


def test_slides_come_out_with_their_notes_and_without_hidden_ones() -> None:
    hiding = (
        '<style:style style:name="H"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    slide = "<draw:frame><draw:text-box><text:p>{0}</text:p></draw:text-box></draw:frame>"
    slide += "<presentation:notes><draw:frame><text:p>note {0}</text:p></draw:frame></presentation:notes>"
    body = f'<draw:page draw:name="p1">{slide.format("one")}</draw:page>'
    body += f'<draw:page draw:style-name="H">{slide.format("x")}</draw:page>'
    assert text_of(body, "presentation", hiding) == "one\n\nnote one"


def test_an_encrypted_file_is_rejected_with_a_remedy() -> None:
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    with pytest.raises(Rejected, match=r"password only. Save it without one") as rejection:
        read("office", opendocument("text", "<text:p>a</text:p>", parts={"META-INF/manifest.xml": manifest}))
    assert rejection.value.code == "encrypted_document"


def test_a_drawing_is_rejected_with_a_remedy() -> None:
    with pytest.raises(Rejected, match=r"type graphics is not read. Save it as ODT") as rejection:
        read("office", opendocument("graphics", ""))
    assert rejection.value.code == "unknown_document"
