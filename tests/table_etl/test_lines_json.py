"""JSON Lines as they come from anywhere: every row is loaded or rejected, alone, with its number and its bytes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.table_etl.contract import Form, Limits, ReasonCode
from lambdas.table_etl.domain.changes import FileRow
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.pipelines.orders import PIPELINE
from tests.table_etl.filing import SMALL, bad, good, order_line, packed, read, rejected

A, B = b'{"n":1}', b'{"n":2}'
ORDERS = Transformer(PIPELINE, Limits())


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_chunks_may_be_cut_anywhere(lines: list[bytes], chunk: int) -> None:
    data = b"\n".join(lines)
    assert read(data, chunk=chunk) == read(data, chunk=len(data) + 1)


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_chunks_of_gzip_may_be_cut_anywhere(lines: list[bytes], chunk: int) -> None:
    data = b"\n".join(lines)
    assert [each.payload for each in read(packed(data), gzip=True, chunk=chunk)] == [
        each.payload for each in read(data + b"\n")
    ]


@given(st.lists(st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), min_size=1)))
def test_no_line_is_lost(texts: list[str]) -> None:
    lines = ["[" + text for text in texts]
    assert good(read("\n".join(lines).encode(), limits=Limits())) == [line.encode() for line in lines]


def test_rows_are_numbered_as_an_editor_numbers_lines() -> None:
    found = read(b"\n" + A + b"\n  \n" + B + b"\n\n")
    assert [(each.payload, each.position.row) for each in found] == [(A, 2), (B, 4)]  # type: ignore[union-attr]


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    found = read(b"\xef\xbb\xbf" + A + b"\r\n\r\n" + B)
    items = [row.read(ORDERS).item for row in found if isinstance(row, FileRow)]
    assert items == [{"n": 1}, {"n": 2}]


def test_a_byte_order_mark_may_come_in_pieces() -> None:
    assert good(read(b"\xef\xbb\xbf" + A, chunk=1)) == [A]


def test_an_empty_file_has_no_rows() -> None:
    assert read(b"") == []


@pytest.mark.parametrize(
    "line", [b'{"n":"caf\xe9"}', b"\xff\xfe{\0", b'{"n":"\0"}', b'{"n":"\xed\xa0\x80"}', b'{"n":"\xc3'], ids=repr
)
def test_a_row_that_is_not_utf_8_is_rejected_alone(line: bytes) -> None:
    found = read(A + b"\n" + line + b"\n" + B)
    assert good(found) == [A, B]
    assert bad(found) == [(ReasonCode.BAD_ENCODING, 2)]
    assert rejected(found)[0].payload == line


def test_utf_16_is_told_from_bad_json() -> None:
    found = read("{}\n{}".encode("utf-16-le"))
    assert {each.reason for each in rejected(found)} == {ReasonCode.BAD_ENCODING}
    assert "UTF-16" in rejected(found)[0].message


@pytest.mark.parametrize("chunk", [1_000, 1_000_000])
def test_a_long_line_is_rejected_alone_and_only_its_beginning_kept(chunk: int) -> None:
    long = b'{"n":"' + b"x" * 200_000 + b'"}'
    found = read(A + b"\n" + long + b"\n" + B, limits=Limits(max_line_bytes=100_000), chunk=chunk)
    assert good(found) == [A, B]
    assert bad(found) == [(ReasonCode.TOO_BIG, 2)]
    assert rejected(found)[0].payload == long[: 64 * 1024]
    assert not rejected(found)[0].complete


@pytest.mark.parametrize("chunk", [1, 7, 999, 1_000, 1_001, 10_000])
def test_the_limit_of_a_line_is_exact(chunk: int) -> None:
    found = read(b"x" * 1_000 + b"\n" + b"y" * 1_001 + b"\n" + b"z" * 1_001, chunk=chunk)
    assert good(found) == [b"x" * 1_000]
    assert bad(found) == [(ReasonCode.TOO_BIG, 2), (ReasonCode.TOO_BIG, 3)]


def test_a_file_that_is_too_big_is_loaded_up_to_the_limit_and_says_where_it_ends() -> None:
    found = read(b"".join(b"%099d\n" % number for number in range(2_000)), chunk=1_000)
    assert len(good(found)) == 1_000
    assert bad(found) == [(ReasonCode.TOO_BIG, 1_001)]
    assert rejected(found)[0].form is None


@pytest.mark.parametrize("line", [b"[1]", b"nonsense", b"{", b"[" * 900, b'{"n":NaN}', b'{"a":' * 150 + b"1"], ids=repr)
def test_what_is_no_json_object_is_rejected_with_its_payload(line: bytes) -> None:
    found = read(line, form=Form.JSON)
    done = ORDERS.run([row for row in found if isinstance(row, FileRow)])
    assert [(each.reason, each.payload) for each in done.rejected] == [(ReasonCode.BAD_LINE, line)]


def test_json_that_is_nested_too_deeply_is_rejected_with_its_payload() -> None:
    line = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    [row] = read(line, limits=Limits())
    [lost] = ORDERS.run([row] if isinstance(row, FileRow) else []).rejected
    assert (lost.reason, lost.payload) == (ReasonCode.BAD_LINE, line)


@pytest.mark.parametrize(
    "number",
    [
        "18446744073709551616",
        "-9223372036854775809",
        "12345678901234567890123456789012345678",
        "1.2345678901234567890123456789012345678",
        "0.00000000000000000000000000000000000000001",
        "1e125",
        "-99999999999999999999999999999999999999E87",
    ],
)
def test_numbers_keep_every_digit(number: str) -> None:
    [row] = read(f'{{"n":{number},"deep":[{{"n":{number}}}]}}'.encode())
    item = row.read(ORDERS).item if isinstance(row, FileRow) else None
    assert item is not None
    assert Decimal(item["n"]) == Decimal(item["deep"][0]["n"]) == Decimal(number)


def test_an_amount_of_38_digits_is_loaded_exactly() -> None:
    price = "12345678901234567890.123456789"
    line = order_line(0, status="cancelled").replace(b'"unit_price": 0', f'"unit_price": {price}'.encode())
    line = line.replace(b'"total": 0', b'"total": 24691357802469135780.246913578')
    done = ORDERS.run([row for row in read(line) if isinstance(row, FileRow)])
    assert not done.rejected
    content = done.loaded[0].content
    assert content is not None
    assert content.row.lines[0].unit_price == Decimal(price)


def test_versions_of_a_file_grow_downwards_and_are_the_same_every_time() -> None:
    versions = [row.version for row in read(b"\n".join([A] * 1_200))]
    assert versions == sorted(set(versions))
    assert versions == [row.version for row in read(b"\n".join([A] * 1_200), limits=SMALL, chunk=3)]
