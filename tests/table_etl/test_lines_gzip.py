"""Gzip files, whole, cut off, damaged and hostile: what can be read is read, and the rest is named."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.table_etl.contract import Form, Limits, ReasonCode
from tests.table_etl.filing import MOMENT, bad, good, packed, read, rejected

A, B, C = b'{"n":1}', b'{"n":2}', b'{"n":3}'
LINES = [b'{"n":%d,"noise":"%s"}' % (number, Random(number).randbytes(12).hex().encode()) for number in range(300)]
PACKED = packed(*LINES)
HEADER = 10
"""Bytes before the packed data, time and operating system among them, which matter to nobody."""


def unpacked(data: bytes) -> bytes:
    """All that is to be had of a gzip file's beginning."""
    return zlib.decompressobj(31).decompress(data)


def parts(found: list[bytes], first: int) -> bytes:
    """Lines in two gzip members, as appending to a log makes them."""
    text = b"\n".join(found) + b"\n"
    return gzip.compress(text[:first]) + gzip.compress(text[first:])


def test_what_one_packs_is_what_one_reads() -> None:
    assert good(read(PACKED, gzip=True)) == LINES


@given(st.integers(0, len(PACKED) - 1), st.integers(1, 3_000))
def test_a_file_that_is_cut_off_loses_no_line_before_the_cut(cut: int, chunk: int) -> None:
    whole = unpacked(PACKED[:cut]).count(b"\n")
    found = read(PACKED[:cut], gzip=True, chunk=chunk)
    assert good(found) == LINES[:whole]
    assert bad(found) == [(ReasonCode.BAD_GZIP, whole + 1)]


@given(st.integers(HEADER, len(PACKED) - 1), st.integers(1, 255), st.integers(1, 3_000))
def test_a_damaged_file_never_passes_for_a_good_one(at: int, bits: int, chunk: int) -> None:
    damaged = bytearray(PACKED)
    damaged[at] ^= bits
    found = read(bytes(damaged), gzip=True, chunk=chunk)
    assert bad(found)[-1][0] is ReasonCode.BAD_GZIP


def test_lines_far_before_the_damage_are_loaded() -> None:
    lines = [b'{"noise":"%s"}' % Random(number).randbytes(500).hex().encode() for number in range(1_000)]
    damaged = bytearray(packed(*lines))
    damaged[-5] ^= 1
    found = read(bytes(damaged), gzip=True, limits=Limits(), chunk=10_000)
    assert good(found) == lines[: len(good(found))]
    assert len(good(found)) > 700
    assert bad(found) == [(ReasonCode.BAD_GZIP, len(good(found)) + 1)]


@given(st.integers(0, 24), st.integers(1, 30))
def test_members_follow_each_other_as_if_they_were_one(first: int, chunk: int) -> None:
    assert good(read(parts([A, B, C], first), gzip=True, chunk=chunk)) == [A, B, C]


def test_zeros_behind_the_last_member_are_padding() -> None:
    found = read(packed(A) + b"\0" * 5_000, gzip=True, chunk=7)
    assert (good(found), bad(found)) == ([A], [])


@pytest.mark.parametrize("garbage", [b"x", b"more text that is not packed", b"\0\0PK"], ids=repr)
def test_other_data_behind_the_last_member_is_named(garbage: bytes) -> None:
    found = read(packed(A, B) + garbage, gzip=True)
    assert good(found) == [A, B]
    assert bad(found) == [(ReasonCode.BAD_GZIP, 3)]


@pytest.mark.parametrize("data", [b"", A + b"\n" + B, b"\0" * 100, b"\x1f\x8b"], ids=repr)
def test_what_is_no_gzip_file_is_rejected_whole(data: bytes) -> None:
    found = read(data, gzip=True)
    assert bad(found) == [(ReasonCode.BAD_GZIP, 1)]
    assert (rejected(found)[0].form, rejected(found)[0].payload) == (None, b"old/orders")


def test_an_empty_gzip_file_has_no_rows() -> None:
    assert read(packed(), gzip=True) == []


def bomb(line: bytes, size: int) -> Iterator[bytes]:
    """Much of the same, packed as tightly as gzip can, without its ever being in memory."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=MOMENT.timestamp()) as file:
        for _ in range(size // (1_000 * len(line))):
            file.write(line * 1_000)
            yield buffer.getvalue()
            buffer.seek(buffer.truncate(0))
    yield buffer.getvalue()


@pytest.mark.parametrize("line", [b"\n", b"\0", b'{"n":1}\n'], ids=["blank lines", "one line", "rows"])
@pytest.mark.parametrize("form", [Form.JSON, Form.CSV])
def test_a_bomb_is_stopped_soon(line: bytes, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.table_etl.domain.history.lines.JUDGED_FROM", 2**20)
    packed_bytes = 0

    def watched() -> Iterator[bytes]:
        nonlocal packed_bytes
        for chunk in bomb(line, 2**28):
            packed_bytes += len(chunk)
            yield chunk

    found = read(watched(), form, gzip=True, limits=Limits(max_expansion=50))
    assert bad(found)[-1][0] is ReasonCode.DECOMPRESSION_BOMB
    assert packed_bytes < 64 * 1024


def test_a_small_file_may_be_as_repetitive_as_it_likes() -> None:
    lines = [b'{"n":1}'] * 200_000
    data = packed(*lines)
    assert len(lines) * 8 > 250 * len(data)
    assert bad(read(data, gzip=True, limits=Limits())) == []


def test_the_limit_of_a_file_counts_what_is_unpacked() -> None:
    lines = [b"%099d" % number for number in range(2_000)]
    found = read(packed(*lines), gzip=True, limits=Limits(max_unpacked_bytes=400_000))
    assert bad(found) == []
    found = read(packed(*lines), gzip=True, limits=Limits(max_unpacked_bytes=150_000))
    assert [reason for reason, _ in bad(found)] == [ReasonCode.TOO_BIG]
