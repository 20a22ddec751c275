"""Memory stays flat whatever comes out of an archive, and whatever it says of itself."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lambdas.file_processing.contract.limits import MEBIBYTE, Limits
from lambdas.file_processing.domain.archives.unpack import unpack
from lambdas.file_processing.domain.processing import Input, Processed, Rejected
from tests.file_processing.samples.archives import tar, zipped

LARGE = 5 * MEBIBYTE
FILE = random.Random(5).randbytes(MEBIBYTE) * (LARGE // MEBIBYTE)
MAKE: dict[str, Callable[[], bytes]] = {
    "archive_zip stored": lambda: zipped({"a": FILE}, zipfile.ZIP_STORED),
    "archive_zip deflated": lambda: zipped({"a": FILE}),
    "archive_zip bzip2": lambda: zipped({"a": FILE}, zipfile.ZIP_BZIP2),
    "archive_tar": lambda: tar({"a": FILE}),
    "archive_tar gzip": lambda: gzip.compress(tar({"a": FILE}), 1),
    "gzip": lambda: gzip.compress(FILE, 1),
    "bzip2": lambda: bz2.compress(FILE),
    "xz": lambda: lzma.compress(FILE, preset=0),  # with a small dictionary, which has to be in memory
}


def unpacked(data: bytes, kind: str, directory: Path) -> Callable[[], Processed]:
    path, output = directory / "original", directory / "output"
    path.write_bytes(data)
    output.mkdir()
    given = Input(path=path, name="a", kind=kind, size=len(data))
    return lambda: unpack(given, output, Limits())


@contextmanager
def memory_below(most: int) -> Iterator[None]:
    """What Python holds at a time."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < most


@pytest.mark.parametrize("name", MAKE)
def test_a_large_member_passes_through_little_memory(name: str, tmp_path: Path) -> None:
    work = unpacked(MAKE[name](), name.partition(" ")[0], tmp_path)
    with memory_below(LARGE // 2):
        assert work().facts["unpacked_bytes"] == LARGE or name.startswith("archive_tar")


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_goes_off_a_chunk_at_a_time(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    kind = {gzip.compress: "gzip", bz2.compress: "bzip2"}.get(compress, "xz")
    work = unpacked(compress(bytes(24 * MEBIBYTE)), kind, tmp_path)
    with memory_below(12 * MEBIBYTE), pytest.raises(Rejected, match="fill disks"):
        work()


def test_a_directory_of_a_million_entries_is_rejected_unread(tmp_path: Path) -> None:
    entries = (b"PK\x01\x02" + bytes(42)) * 1_000_000
    end = b"PK\x05\x06" + bytes(4) + b"\1\0\1\0" + len(entries).to_bytes(4, "little") + bytes(6)
    work = unpacked(entries + end, "archive_zip", tmp_path)
    with memory_below(MEBIBYTE), pytest.raises(Rejected, match="directory has 46000000 bytes"):
        work()
