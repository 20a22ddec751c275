"""Documents made to fill memory, to run for ever or to reach for other files: they end, and soon."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable, Iterable

import pytest

from lambdas.file_processing.contract.limits import DocumentLimits
from lambdas.file_processing.domain.documents.draft import Clock
from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.documents import MB, docx, frozen, ooxml, read, relations, ticking, zipped

SPACE = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
PARTS = {
    "xl/workbook.xml": f'<workbook {SPACE}><sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": relations({"worksheet": "sheet.xml", "sharedStrings": "strings.xml"}),
}


def sheet(cells: Iterable[bytes], strings: Iterable[bytes] = (b"<sst/>",)) -> bytes:
    """A workbook of one sheet."""
    return ooxml("xl/workbook.xml", {**PARTS, "xl/sheet.xml": cells, "xl/strings.xml": strings})


def peak(data: bytes, limits: DocumentLimits, clock: Clock = frozen) -> int:
    """Bytes that were held at most while a file was read."""
    tracemalloc.start()
    try:
        read("office", data, limits, clock)
    except Rejected:
        pass
    finally:
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return held


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>", "&b;"),
        ("<!ENTITY a SYSTEM 'file:///etc/passwd'>", "&a;"),
        ("<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;", ""),
    ],
)
def test_entities_are_refused(declared: str, used: str) -> None:
    document = f"<!DOCTYPE x [{declared}]><x><p><t>{used}</t></p></x>"
    with pytest.raises(Rejected, match="document type") as rejection:
        read("office", ooxml("word/document.xml", {"word/document.xml": document}))
    assert rejection.value.code == "damaged_document"


@pytest.mark.parametrize(
    ("opening", "closing"), [(b'<w:p a="', b'"/>'), (b"<!--", b"-->"), (b"<?", b"?>"), (b"<w:", b"/>")]
)
def test_a_tag_of_many_megabytes_is_refused(opening: bytes, closing: bytes) -> None:
    with pytest.raises(Rejected, match="more than 4194304 bytes"):
        read("office", docx(opening, *[b"x" * MB] * 20, closing))


def test_elements_within_elements_without_end_are_refused() -> None:
    with pytest.raises(Rejected, match="256 deep"):
        read("office", docx(b"<w:p>" * 300))


@pytest.mark.parametrize("tag", [b"<a%d/>", b"<a a%d=''/>", b"<a xmlns:a%d='x'/>"])
def test_ever_new_names_are_refused(tag: bytes) -> None:
    with pytest.raises(Rejected, match="different names"):
        read("office", docx(*[tag % number for number in range(20_000)]))


@pytest.mark.parametrize("size", [1 << 31, 1 << 40])
def test_a_directory_of_gigabytes_is_refused_unread(size: int) -> None:
    if size < 1 << 32:
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, size, 0, 0)
    else:
        end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 0, 0, 0, 0, 9, 9, size, 0)
        end += struct.pack("<4sLQL", b"PK\6\7", 0, 100, 1)
        end += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    with pytest.raises(Rejected, match="directory has"):
        read("office", b"PK\3\4".ljust(100, b"\0") + end)


@pytest.mark.parametrize("piece", [b" ", b"<w:p/>", b"<w:p><w:r><w:t>x</w:t></w:r></w:p>", b"<w:p><w:t> </w:t></w:p>"])
def test_a_package_that_unpacks_to_gigabytes_ends_when_the_time_is_up(piece: bytes) -> None:
    bomb = docx(*[piece * (MB // len(piece))] * 100)
    document = read("office", bomb, DocumentLimits(max_seconds=10), ticking(1))
    assert document.facts["truncated_by"] == "max_seconds"


def test_a_package_that_unpacks_to_much_text_ends_when_there_is_enough() -> None:
    document = read("office", docx(b"<w:p><w:t>", *[b"x" * MB] * 100), DocumentLimits(max_text_bytes=MB))
    assert (len(document.text), document.facts["truncated_by"]) == (MB, "max_text_bytes")


def test_text_within_a_note_counts_when_the_limit_is_reached() -> None:
    body = "<w:p><w:r><w:t>outer </w:t></w:r><w:p><w:r><w:t>inner words</w:t></w:r></w:p></w:p>"
    assert read("office", docx(body), DocumentLimits(max_text_bytes=10)).text == "outer\n\ninn"


def strings(count: int) -> Iterable[bytes]:
    """Short ones, of which each takes far more memory than bytes."""
    return (
        b"<si><t>\xc3\xa9%d</t></si>" * 1_000 % tuple(range(part * 1_000, (part + 1) * 1_000)) for part in range(count)
    )


def test_shared_strings_take_memory_up_to_a_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.file_processing.domain.documents.sheets.MAX_SHARED", MB // 2)
    data = sheet(
        [b"<s><row><c t='s'><v>1</v></c><c t='s'><v>49999</v></c></row></s>"], [b"<sst>", *strings(50), b"</sst>"]
    )
    assert peak(data, DocumentLimits()) < 3 * MB
    document = read("office", data)
    assert (document.text, document.facts["truncated"]) == ("S\n\xe91", True)


@pytest.mark.parametrize(
    "make",
    [
        lambda count: sheet([b"<s>", *[b"<row>" + b"<c/>" * 1_000 + b"</row>"] * count, b"</s>"]),
        lambda count: docx(*[b"<w:p>" + b" " * 4_000 + b"</w:p>"] * count),
        lambda count: docx(b"<w:tbl><w:tr>", *[b"<w:tc><w:p/></w:tc>" * 200] * count, b"</w:tr></w:tbl>"),
    ],
    ids=["cells", "paragraphs", "one row"],
)
def test_large_parts_take_no_more_memory_than_small_ones(make: Callable[[int], bytes]) -> None:
    small, large = peak(make(20), DocumentLimits()), peak(make(100), DocumentLimits())
    assert large < small + MB


def test_targets_outside_the_package_are_read_by_nobody() -> None:
    outside = '<Relationship Id="r9" Type="x/comments" TargetMode="External" Target="https://example.com/"/>'
    parts = {
        "word/_rels/document.xml.rels": relations({"footnotes": "../../../etc/passwd"}).replace("</R", f"{outside}</R")
    }
    document = read("office", docx("<w:p><w:t>a</w:t></w:p>", **parts))
    assert [each["part"] for each in document.facts["unread"]] == ["etc/passwd"]


def test_a_part_with_a_password_is_refused() -> None:
    data = bytearray(zipped({"_rels/.rels": relations({"officeDocument": "word/document.xml"})}))
    data[data.index(b"PK\3\4") + 6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(Rejected, match="password"):
        read("office", bytes(data))
