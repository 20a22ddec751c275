"""Compressed files without an archive in them: the one file comes out."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
from collections.abc import Callable

import pytest

from tests.file_processing.unpacking import result_of, verdict_of

COMPRESS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
EVERY = pytest.mark.parametrize("kind", COMPRESS)
CONTENT = random.Random(3).randbytes(600_000) + b"and text" * 50


@EVERY
def test_the_file_comes_out(kind: str) -> None:
    result = result_of(COMPRESS[kind](CONTENT), kind=kind, name="in/orders.csv.gz")
    assert result.members == {"orders.csv": CONTENT}
    assert result.facts["format"] == kind


@EVERY
def test_an_empty_file_comes_out(kind: str) -> None:
    assert list(result_of(COMPRESS[kind](b""), kind=kind, name="a.gz").members.values()) == [b""]


@EVERY
def test_several_streams_are_one_file(kind: str) -> None:
    compress = COMPRESS[kind]
    result = result_of(compress(b"one, ") + compress(b"") + compress(CONTENT) + bytes(8), kind=kind, name="a.gz")
    assert result.members == {"a": b"one, " + CONTENT}


@EVERY
@pytest.mark.parametrize("cut", [3, 30, 1000])
def test_a_stream_that_breaks_off_is_rejected(kind: str, cut: int) -> None:
    assert verdict_of(COMPRESS[kind](CONTENT)[:-cut], kind=kind).code == "archive_damaged"


@EVERY
def test_a_stream_that_is_changed_is_rejected(kind: str) -> None:
    data = bytearray(COMPRESS[kind](CONTENT))
    data[len(data) // 2] ^= 0xFF
    assert verdict_of(bytes(data), kind=kind).code == "archive_damaged"


@EVERY
def test_something_else_behind_the_stream_is_rejected(kind: str) -> None:
    assert "behind" in verdict_of(COMPRESS[kind](b"one") + b"payload", kind=kind).message


def test_an_xz_stream_that_asks_for_much_memory_is_rejected() -> None:
    greedy = lzma.compress(b"one", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    assert verdict_of(greedy, kind="xz").code == "archive_damaged"


NAMES = {
    "in/log.gz": "log",
    "in/log.txt.GZ": "log.txt",
    "in/log.bz2": "log",
    "log": "log",
    "in/log.txt": "log.txt",
    "outer.zip!/d/log.xz": "log",
    "in/.gz": ".gz",
    "in/..gz": "unnamed",
    "in/": "in",
}


@pytest.mark.parametrize(("name", "within"), NAMES.items())
def test_it_is_called_as_the_stream_without_the_suffix(name: str, within: str) -> None:
    assert list(result_of(gzip.compress(b"x"), kind="gzip", name=name).members) == [within]
