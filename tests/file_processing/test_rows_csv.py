"""CSV as programs and people write it: each row goes one way or the other, and cells stay what they are."""

from __future__ import annotations

import csv
import io
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.processing import Rejected
from lambdas.file_processing.domain.rows import records
from tests.file_processing.tables import columns, result_of

HEADER = b"id,name,note\n"
CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
RICH = st.text(st.sampled_from('a,"\n\r;\u00e9'), max_size=6)


def written(table: list[list[str]], line_end: str) -> bytes:
    """As Python's csv module writes it; ending lines otherwise than with CR LF, it has to be told to quote a CR."""
    text = io.StringIO(newline="")
    how: Any = {} if line_end == "\r\n" else {"quoting": csv.QUOTE_ALL}
    csv.writer(text, lineterminator=line_end, **how).writerows(table)
    return text.getvalue().encode()


@settings(deadline=None)
@given(st.lists(st.lists(CELL | RICH, min_size=3, max_size=3)), st.sampled_from(["\n", "\r\n"]))
def test_what_others_write_is_read_as_it_was(table: list[list[str]], line_end: str) -> None:
    found = result_of("csv", HEADER + written(table, line_end))
    assert (found.cells, found.bad) == (table, [])


def test_valid_rows_are_written_in_one_dialect() -> None:
    found = result_of("csv", b'\xef\xbb\xbfid;"name";note\n1;"Ann";"a, b"\n2;\xc3\xa9;\n')
    assert found.valid == 'id,name,note\r\n1,Ann,"a, b"\r\n2,é,\r\n'.encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_a_table(delimiter: str) -> None:
    others = ",;\t|".replace(delimiter, "")
    rows = [["name", "note", "price"], ["tea", others, "1"], [f"ice {others}", others * 2, "2"], ["rum", "", "3"]]
    found = result_of("csv", "\n".join(map(delimiter.join, rows)).encode())
    assert found.cells == rows[1:]


@pytest.mark.parametrize("line", [b"sep=;\n", b"SEP=;\r\n", b"\xef\xbb\xbfsep=;\r\n"])
def test_the_line_that_tells_excel_the_delimiter_is_no_row(line: bytes) -> None:
    found = result_of("csv", line + b"a,b;c,d\n1,1;2,2\n3;4;5\n")
    assert (found.facts["delimiter"], found.facts["columns"], found.cells) == (";", ["a,b", "c,d"], [["1,1", "2,2"]])
    assert [(bad["row"], bad["line"]) for bad in found.bad] == [(2, 4)]


@pytest.mark.parametrize("header", [b"sep=a\n", b"sep=;a\n", b"x\nsep=;\n"])
def test_what_only_looks_like_that_line_is_a_row(header: bytes) -> None:
    found = result_of("csv", header + b"1\n")
    assert found.facts["columns"][0] in {"sep=a", "sep=", "x"}


ENCODINGS = {
    "ASCII": ("utf-8", "utf-8", "a"),
    "UTF-8 with mark": ("utf-8-sig", "utf-8", "ë €"),
    "UTF-16": ("utf-16", f"utf-16-{sys.byteorder[0]}e", "ë €"),
    "UTF-16 without mark": ("utf-16-le", "utf-16-le", "ë €"),
    "UTF-16, big end first, without mark": ("utf-16-be", "utf-16-be", "ë €"),
    "Windows-1252": ("cp1252", "windows-1252", "ë €"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_encodings_are_known_by_what_is_there_and_told(name: str) -> None:
    encoding, told, text = ENCODINGS[name]
    found = result_of("csv", f"id,name\n1,{text}\n2,Bob\n".encode(encoding))
    assert found.valid == f"id,name\r\n1,{text}\r\n2,Bob\r\n".encode()
    assert found.facts["encoding"] == told


@pytest.mark.parametrize("kind", ["json", "json_lines"])
def test_encodings_of_json_are_told(kind: str) -> None:
    assert result_of(kind, '{"a":"é"}'.encode("cp1252")).facts["encoding"] == "windows-1252"


def test_a_bad_row_is_told_as_read_in_the_files_encoding() -> None:
    assert result_of("csv", "id,name\r1,Zoë,x\r".encode("cp1252")).raws == ["1,Zoë,x"]


def test_a_row_that_is_not_in_the_files_encoding_is_bad_alone() -> None:
    found = result_of("csv", HEADER + b"1,Zo\xc3\xab,x\n2,Bj\xf6rn,y\n3,Cid,z\n")
    assert [row[0] for row in found.cells] == ["1", "3"]
    [bad] = found.bad
    assert (bad["row"], bad["line"], bad["code"], bad["raw_base64"]) == (2, 3, "encoding", "MixCavZybix5")


def test_half_a_character_at_the_end_of_utf_16_makes_its_row_bad() -> None:
    found = result_of("csv", "id,name\n1,Ann\n2,Bob".encode("utf-16-le") + b"x")
    assert (found.cells, found.problems) == ([["1", "Ann"]], {(2, "", "encoding")})


def test_lines_may_end_as_on_the_first_macs() -> None:
    assert result_of("csv", b"id,name\r1,Ann\r2,Bob\r").cells == [["1", "Ann"], ["2", "Bob"]]


@pytest.mark.parametrize("size", range(4_093, 4_097))
def test_a_long_header_does_not_change_how_lines_end(size: int) -> None:
    header = b"id," + b"n" * (size - 3)
    found = result_of("csv", header + b'\r\n1,"two\r\nlines"\r\n2\r\n')
    assert (found.cells, found.bad[0]["line"]) == ([["1", "two\r\nlines"]], 4)


def test_a_row_with_nul_is_bad_alone() -> None:
    found = result_of("csv", HEADER + b"1,A\0nn,x\n2,Bob,y\n")
    assert (found.cells, found.problems) == ([["2", "Bob", "y"]], {(1, "", "encoding")})
    assert found.raws == ["1,A\0nn,x"]


def test_rows_are_numbered_by_themselves_and_by_their_first_line() -> None:
    found = result_of("csv", HEADER + b'1,"two\nlines",x\n\n2,Bob\n3,"three\n\nlines",y,z\r\n4\n')
    assert [(bad["row"], bad["line"], bad["raw"]) for bad in found.bad] == [
        (2, 5, "2,Bob"),
        (3, 6, '3,"three\n\nlines",y,z'),
        (4, 9, "4"),
    ]


@pytest.mark.parametrize("row", [b"2,Bob", b"2,Bob,y,z"], ids=["too few", "too many"])
def test_a_ragged_row_is_bad_alone(row: bytes) -> None:
    found = result_of("csv", HEADER + b"1,Ann,x\n" + row + b"\n3,Cid,z\n")
    assert (found.problems, len(found.cells)) == ({(2, "", "field_count")}, 2)


def test_a_quote_that_is_not_closed_takes_no_other_row_with_it() -> None:
    found = result_of("csv", HEADER + b'1,Ann,x\n2,"Bob,y\n3,Cid,z\n4,Dan,w\n')
    assert [row[0] for row in found.cells] == ["1", "3", "4"]
    assert (found.problems, found.raws) == ({(2, "", "malformed")}, ['2,"Bob,y'])


def test_text_behind_a_closing_quote_is_bad() -> None:
    found = result_of("csv", HEADER + b'1,"Ann" or so,x\n2,Bob,y\n')
    assert (found.problems, len(found.cells)) == ({(1, "", "malformed")}, 1)


def test_a_quote_within_plain_text_is_text() -> None:
    assert result_of("csv", HEADER + b'1,5" disk,x\n').cells == [["1", '5" disk', "x"]]


def test_a_huge_row_is_bad_alone_and_the_whole_file_is_kept_beside_its_beginning() -> None:
    huge = b"2," + b"B" * 200_000 + b",y"
    data = HEADER + b"1,Ann,x\n" + huge + b"\n3,Cid,z\n"
    found = result_of("csv", data, max_row_bytes=1_000)
    assert [row[0] for row in found.cells] == ["1", "3"]
    [bad] = found.bad
    assert (bad["code"], bad["complete"], bad["raw"]) == ("too_long", False, huge[: 64 * 1024].decode())
    assert found.quarantined["original"] == data


def test_hostile_quotes_do_not_make_a_file_be_read_over_and_over(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, draw = [0], records._Source.__next__

    def counted(source: records._Source) -> str:
        drawn[0] += 1
        return draw(source)

    monkeypatch.setattr(records._Source, "__next__", counted)
    found = result_of("csv", HEADER + b'1,"' + b'y","x\n' * 20_000 + b'y"\n3,Cid,z\n', max_row_bytes=1_000)
    assert found.cells[-1] == ["3", "Cid", "z"]
    assert drawn[0] < 2.5 * 20_000


HEADERS = {
    "blank": (b"\n\r\n", "no_header"),
    "quote": (b'id,"name\n1,x\n', "bad_header"),
    "NUL": (b"id,na\0me\n1,x\n", "bad_header"),
    "long": (b"i" * 5_000 + b"\n1\n", "bad_header"),
    "many": (b",".join(b"%d" % each for each in range(1_001)) + b"\n", "too_many_columns"),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_file_whose_first_row_names_no_columns_is_rejected_whole(header: str) -> None:
    data, code = HEADERS[header]
    with pytest.raises(Rejected) as verdict:
        result_of("csv", data, max_row_bytes=4_096)
    assert verdict.value.code == code


def test_names_of_columns_have_to_differ_only_where_a_spec_needs_them() -> None:
    data = b"id,name,id\n1,Ann,2\n"
    assert result_of("csv", data).cells == [["1", "Ann", "2"]]
    with pytest.raises(Rejected, match="'id' twice"):
        result_of("csv", data, columns({"name": "id", "type": "integer"}))


def test_a_header_alone_has_no_rows() -> None:
    found = result_of("csv", HEADER)
    assert (found.valid, found.facts["rows"], found.facts["columns"]) == (
        b"id,name,note\r\n",
        0,
        ["id", "name", "note"],
    )


def test_rows_go_on_behind_the_end_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    table = [[str(row), "x\ny" * (row % 3), "é" * row] for row in range(200)]
    for module in ("text", "records"):
        monkeypatch.setattr(f"lambdas.file_processing.domain.rows.{module}.BLOCK", 64)
    assert result_of("csv", HEADER + written(table, "\n")).cells == table
