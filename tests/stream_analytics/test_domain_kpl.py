"""KPL-aggregated records are read as protobuf defines them, and whatever is none is told from them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.stream_analytics.domain.kpl import user_records
from tests.support.kpl import MAGIC, aggregate, field, seal, varint

KEY = field(1, b"key")
RECORD = field(3, field(1, 0) + field(3, b"data"))

# Lengths around the places where one more byte of a number is needed.
DATA = st.one_of(st.binary(max_size=300), st.sampled_from([0, 127, 128, 16_383, 16_384]).map(lambda size: b"x" * size))


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), DATA), max_size=20))
def test_every_user_record_comes_out_in_order(records: list[tuple[str, bytes]]) -> None:
    assert user_records(aggregate(records)) == [data for _, data in records]


def test_keys_whose_index_takes_several_bytes() -> None:
    records = [(f"key-{number}", b"%d" % number) for number in range(17_000)]

    assert user_records(aggregate(records)) == [data for _, data in records]


@pytest.mark.parametrize(
    "message",
    [
        KEY + field(3, field(3, b"data") + field(1, 0)),
        RECORD + KEY,
        KEY + field(2, b"12345") + field(3, field(1, 0) + field(2, 0) + field(3, b"data")),
        KEY + field(3, field(1, 0) + field(3, b"data") + field(4, field(1, b"tag") + field(2, b"value"))),
        KEY + field(3, field(1, 7) + field(3, b"first") + field(1, 0) + field(3, b"data")),
        KEY + field(3, field(1, 0) + field(3, b"data") + field(9, b"unknown") + field(8, 300)),
        KEY + field(7, b"unknown") + field(6, 1 << 63) + RECORD,
        KEY + varint(5 << 3 | 1) + b"8 bytes." + varint(5 << 3 | 5) + b"four" + RECORD,
        KEY + field(3, 5) + varint(3 << 3 | 5) + b"four" + RECORD,
        varint(1 << 3 | 2, 3) + varint(3, 4) + b"key" + RECORD,
        KEY + varint(3 << 3 | 2, 2) + varint(len(RECORD) - 2, 5) + RECORD[2:],
        KEY + field(3, b"\x08" + varint(0, 10) + b"\x1a" + varint(4, 3) + b"data"),
        KEY + field(3, varint(1 << 3, 2) + b"\0" + varint(3 << 3 | 2, 2) + b"\x04data"),
    ],
    ids=[
        "data before its key index", "table behind the records", "explicit hash key", "tags", "last of repeated fields",
        "unknown fields in a record", "unknown fields", "unknown fixed fields", "known fields of another wire type",
        "long numbers in the table", "long numbers before a record", "long numbers in a record", "long tags",
    ],
)  # fmt: skip
def test_what_protobuf_allows_beside_the_way_the_kpl_writes_it(message: bytes) -> None:
    assert user_records(seal(message)) == [b"data"]


@pytest.mark.parametrize(
    "message",
    [
        RECORD,
        KEY + field(3, field(1, 1) + field(3, b"data")),
        KEY * 200 + field(3, field(1, 200) + field(3, b"data")),
        KEY + RECORD + field(3, field(2, 0) + field(1, 1) + field(3, b"data")) + RECORD,
        KEY + field(3, field(1, 0)),
        KEY + field(3, field(3, b"data")),
        KEY + field(3, b""),
        KEY + RECORD[:-1],
        KEY + RECORD + b"\x1a",
        KEY + RECORD + b"\x1a\x80",
        KEY + b"\x1a\x09" + RECORD[2:],
        KEY + field(3, field(1, 0) + b"\x1a\x05data") + RECORD,
        KEY + field(3, field(1, 0) + b"\x1a\x05data"),
        KEY + field(3, field(1, 0) + b"\x1a\x03data"),
        KEY + field(3, field(3, b"data") + b"\x08"),
        KEY + field(3, field(3, b"data") + b"\x08\x80") + RECORD,
        KEY + RECORD + b"\x0a\x05four",
        KEY + RECORD + varint(5 << 3 | 1) + b"7 bytes",
        KEY + RECORD + varint(5 << 3 | 5) + b"thr",
        KEY + RECORD + field(5, 1 << 64),
        KEY + RECORD + varint(5 << 3) + varint(0, 11),
        KEY + RECORD + field(0, 1),
        KEY + RECORD + varint(1 << 32 | 5 << 3) + b"\0",
        KEY + RECORD + varint(5 << 3 | 3) + varint(5 << 3 | 4),
        KEY + RECORD + varint(5 << 3 | 7),
    ],
    ids=[
        "no table", "index behind the table", "long index behind the table", "one index of many behind the table",
        "no data", "no key index", "empty record", "last byte missing", "no length", "half a length",
        "record longer than the message", "data longer than its record", "data longer than the message",
        "data shorter than its record", "no key index behind its tag", "half a key index",
        "key longer than the message", "half a fixed field", "half a short fixed field", "number over 64 bits",
        "number of 11 bytes", "field number 0", "tag over 32 bits", "group", "wire type 7",
    ],
)  # fmt: skip
def test_malformed_protobuf_is_no_aggregated_record(message: bytes) -> None:
    assert user_records(seal(message)) is None


def test_a_long_length_is_read_in_full_not_by_its_first_two_bytes() -> None:
    # 0x85 0x80 0x01 is 16,389; a reader of two bytes might take it for as much and begin a byte too early.
    body = field(1, 0) + b"\x1a\x85\x80\x01" + b"x" * 16_388
    assert user_records(seal(KEY + field(3, body))) is None
    assert user_records(seal(KEY + field(3, body + b"x"))) == [b"x" * 16_389]


def test_another_magic_number_or_checksum_is_no_aggregated_record() -> None:
    data = aggregate([("key", b"data")])

    assert user_records(b"\xf3\x89\x9a\xc3" + data[4:]) is None
    assert user_records(data[:-1] + bytes([data[-1] ^ 1])) is None
    assert user_records(data[:12] + bytes([data[12] ^ 1]) + data[13:]) is None


def test_a_record_cut_off_anywhere_is_no_aggregated_record() -> None:
    data = aggregate([("key", b"data"), ("other", b"more")])

    assert [user_records(data[:end]) for end in range(len(data))] == [None] * len(data)


def test_no_user_records_are_not_the_same_as_no_aggregated_record() -> None:
    assert user_records(aggregate([])) == []
    assert user_records(seal(KEY)) == []
    assert user_records(MAGIC) is None
    assert user_records(b"") is None


_FIELDS = st.one_of(
    st.just(KEY),
    st.just(RECORD),
    st.binary(max_size=6),
    st.builds(field, st.integers(0, 5), st.one_of(st.integers(0, 1 << 65), st.binary(max_size=6))),
    st.builds(
        lambda *parts: field(3, b"".join(parts)),
        *[st.one_of(st.binary(max_size=2), st.builds(field, st.integers(0, 4), st.integers(0, 2) | st.binary()))] * 3,
    ),
    st.builds(varint, st.integers(0, 1 << 40), st.integers(1, 12)),
)


@settings(deadline=None)
@given(st.lists(_FIELDS, max_size=8).map(b"".join))
def test_whatever_bytes_a_message_has_it_is_read_or_refused(message: bytes) -> None:
    found = user_records(seal(message))

    assert found is None or all(type(each) is bytes and each in message for each in found)
