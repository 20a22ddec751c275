"""CSV as programs and people write it: rows as RFC 4180 has them, and each bad one rejected alone."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.table_etl.contract import Form, Limits, ReasonCode
from lambdas.table_etl.domain.changes import FileRow
from lambdas.table_etl.domain.history import records
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.pipelines.orders import PIPELINE
from tests.table_etl.filing import bad, cells, read, rejected

HEADER = b"id,name,note\n"
ORDERS = Transformer(PIPELINE, Limits())
CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
RICH = st.text(st.sampled_from('a,"\n\r;\u00e9'), max_size=6)


def written(table: list[list[str]], line_end: str) -> bytes:
    """As Python's csv module writes it; ending lines otherwise than with CR LF, it has to be told to quote a CR."""
    text = io.StringIO(newline="")
    how: Any = {} if line_end == "\r\n" else {"quoting": csv.QUOTE_ALL}
    csv.writer(text, lineterminator=line_end, **how).writerows(table)
    return text.getvalue().encode()


@given(
    st.lists(st.lists(CELL | RICH, min_size=3, max_size=3)),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 40),
)
def test_what_others_write_is_read_as_it_was(table: list[list[str]], line_end: str, chunk: int) -> None:
    found = read(HEADER + written(table, line_end), Form.CSV, chunk=chunk, limits=Limits())
    assert cells(found) == table
    assert bad(found) == []


def test_a_field_may_span_lines_and_counts_as_one_row() -> None:
    found = read(HEADER + b'1,Ann,"two\r\nlines, ""quoted"""\n2,Bob,\n', Form.CSV)
    assert cells(found) == [["1", "Ann", 'two\r\nlines, "quoted"'], ["2", "Bob", ""]]
    assert [row.position.row for row in found] == [1, 2]  # type: ignore[union-attr]


def test_rows_name_their_columns() -> None:
    [row] = read(b"\xef\xbb\xbf\r\n" + HEADER.replace(b"\n", b"\r\n") + b"1,Ann,x\r\n", Form.CSV)
    assert row.columns == ("id", "name", "note")


def test_blank_lines_count_but_are_no_rows() -> None:
    found = read(HEADER + b"\n1,Ann,x\n\r\n2,Bob,y\n", Form.CSV)
    assert [row.position.row for row in found] == [2, 4]  # type: ignore[union-attr]


@pytest.mark.parametrize("row", [b"2,Bob", b"2,Bob,y,z"], ids=["too few", "too many"])
def test_a_ragged_row_is_rejected_alone(row: bytes) -> None:
    found = read(HEADER + b"1,Ann,x\n" + row + b"\n3,Cid,z\n", Form.CSV)
    done = ORDERS.run([each for each in found if isinstance(each, FileRow)])
    ragged = [(each.reason, each.position.row) for each in done.rejected if "cells" in each.message]  # type: ignore[union-attr]
    assert ragged == [(ReasonCode.BAD_LINE, 2)]


@pytest.mark.parametrize("chunk", [1, 1_000])
def test_a_quote_that_is_not_closed_takes_no_other_row_with_it(chunk: int) -> None:
    found = read(HEADER + b'1,Ann,x\n2,"Bob,y\n3,Cid,z\n4,Dan,w\n', Form.CSV, chunk=chunk)
    assert [row[0] for row in cells(found)] == ["1", "3", "4"]
    assert bad(found) == [(ReasonCode.BAD_LINE, 2)]
    assert rejected(found)[0].payload == b'2,"Bob,y'


def test_a_quote_that_is_closed_by_another_row_takes_only_its_own_row_with_it() -> None:
    found = read(HEADER + b'1,Ann,x\n2,"Bob,y\n3,Cid,"good, or not"\n4,Dan,w\n', Form.CSV)
    assert [row[0] for row in cells(found)] == ["1", "3", "4"]
    assert bad(found) == [(ReasonCode.BAD_LINE, 2)]


def test_a_quote_that_is_not_closed_for_long_holds_no_more_than_a_row() -> None:
    lines = b"".join(b"%d,Cid,%s\n" % (number, b"z" * 50) for number in range(3, 1_000))
    found = read(HEADER + b'1,Ann,x\n2,"Bob,y\n' + lines, Form.CSV)
    assert [int(row[0]) for row in cells(found)] == [1, *range(3, 1_000)]
    assert bad(found) == [(ReasonCode.BAD_LINE, 2)]


ENDLESS = b'y","x\n'
"""As often as one likes, it is one row of short cells, each of which spans two lines."""


def test_a_row_may_not_go_on_for_ever_in_short_cells() -> None:
    found = read(HEADER + b'1,Ann,x\n2,"' + ENDLESS * 400 + b'y"\n3,Cid,z\n', Form.CSV)
    assert cells(found)[0] == ["1", "Ann", "x"]
    assert cells(found)[-1] == ["3", "Cid", "z"]
    assert all(len(row.payload) < 1_100 for row in found)
    assert (ReasonCode.BAD_LINE, 2) in bad(found)


def test_hostile_quotes_do_not_make_a_file_be_read_over_and_over(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, draw = [0], records._Source.__next__

    def counted(source: records._Source) -> str:
        drawn[0] += 1
        return draw(source)

    monkeypatch.setattr(records._Source, "__next__", counted)
    found = read(HEADER + b'1,"' + ENDLESS * 10_000 + b'y"\n3,Cid,z\n', Form.CSV)
    assert cells(found)[-1] == ["3", "Cid", "z"]
    assert drawn[0] < 2.5 * 10_000
    skipped = [row for row in rejected(found) if not row.complete]
    assert sum(len(row.payload) for row in skipped) > 20_000


def test_text_behind_a_closing_quote_is_rejected() -> None:
    found = read(HEADER + b'1,"Ann" or so,x\n2,Bob,y\n', Form.CSV)
    assert ([row[0] for row in cells(found)], bad(found)) == (["2"], [(ReasonCode.BAD_LINE, 1)])


def test_a_quote_within_plain_text_is_text() -> None:
    assert cells(read(HEADER + b'1,5" disk,x\n', Form.CSV)) == [["1", '5" disk', "x"]]


@pytest.mark.parametrize("row", [b"2,Bj\xf6rn,y", b'2,"Bob\nBj\xf6rn",y', b"2,B\0ob,y", b'2,"Bj\xf6rn,y'], ids=repr)
def test_a_row_that_is_not_utf_8_is_rejected_alone(row: bytes) -> None:
    found = read(HEADER + b"1,Ann,x\n" + row + b"\n3,Cid,z\n", Form.CSV)
    assert [row[0] for row in cells(found)] == ["1", "3"]
    assert bad(found) == [(ReasonCode.BAD_ENCODING, 2)]
    assert rejected(found)[0].payload == row


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_huge_row_is_rejected_alone(quote: bytes) -> None:
    huge = b"2," + quote + b"B" * 5_000 + quote + b",y"
    found = read(HEADER + b"1,Ann,x\n" + huge + b"\n3,Cid,z\n", Form.CSV, chunk=100)
    assert [row[0] for row in cells(found)] == ["1", "3"]
    assert bad(found) == [(ReasonCode.TOO_BIG, 2)]
    assert (rejected(found)[0].payload, rejected(found)[0].complete) == (huge, False)


def test_a_cell_may_be_as_large_as_a_row() -> None:
    [row] = cells(read(HEADER + b"1,Ann," + b"x" * 300_000 + b"\n", Form.CSV, limits=Limits()))
    assert len(row[2]) == 300_000


HEADERS = {
    "empty": b"",
    "blank": b"\n\n",
    "one twice": b"id,name,id\n",
    "one without name": b"id,,note\n",
    "quote": b'id,"name\n',
    "Latin-1": b"id,n\xe4me\n",
    "UTF-16": "id,name\n".encode("utf-16"),
    "long": b"i" * 2_000,
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_file_whose_first_line_names_no_columns_is_rejected_whole(header: bytes) -> None:
    rows = b"1,Ann,x\n" if header.strip() else b""
    found = read(header + rows, Form.CSV)
    assert bad(found) == [(ReasonCode.BAD_HEADER, 0)]
    assert (rejected(found)[0].form, rejected(found)[0].payload) == (None, b"old/orders")


def test_a_header_alone_has_no_rows() -> None:
    assert read(HEADER, Form.CSV) == []
