"""Limits of archives: beyond one of them nothing of an archive is taken, whatever its headers say."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.file_processing.domain.archives.budget import HARMLESS_BYTES
from tests.file_processing.samples.archives import tar, zipped
from tests.file_processing.unpacking import result_of, verdict_of

ARCHIVES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "archive_zip": zipped,
    "archive_tar": tar,
    "archive_tar in gzip": lambda files: gzip.compress(tar(files)),
}
STREAMS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
ZEROS = bytes(HARMLESS_BYTES + 1)


def kind_of(name: str) -> str:
    return name.partition(" ")[0]


@pytest.mark.parametrize("name", ARCHIVES)
def test_as_many_entries_as_allowed(name: str) -> None:
    data = ARCHIVES[name]({f"{number}": b"" for number in range(5)})
    assert len(result_of(data, kind=kind_of(name), max_entries=5).members) == 5
    verdict = verdict_of(data, kind=kind_of(name), max_entries=4)
    assert (verdict.code, "4 entries" in verdict.message) == ("too_many_entries", True)


def test_entries_that_are_skipped_count() -> None:
    data = zipped({f"{number}/": b"" for number in range(5)})
    assert verdict_of(data, max_entries=4).code == "too_many_entries"


def test_a_directory_that_says_it_is_short_does_not_help() -> None:
    data = bytearray(zipped({f"{number}": b"" for number in range(5)}))
    data[-14:-10] = b"\1\0\1\0"
    assert verdict_of(bytes(data), max_entries=4).code == "too_many_entries"


@pytest.mark.parametrize("name", ARCHIVES)
def test_as_many_bytes_as_allowed(name: str) -> None:
    data = ARCHIVES[name]({"a": b"x" * 6000, "b": b"y" * 6000})
    total = 12_000 if name == "archive_zip" else 20_480  # a tar's own blocks come out of a stream, too
    assert len(result_of(data, kind=kind_of(name), max_total_bytes=total).members) == 2
    assert verdict_of(data, kind=kind_of(name), max_total_bytes=total - 1).code == "unpacked_too_large"


@pytest.mark.parametrize("kind", STREAMS)
def test_bytes_of_a_stream_are_counted_while_they_come(kind: str) -> None:
    data = STREAMS[kind](bytes(100_000))
    assert len(result_of(data, kind=kind, name="a.gz", max_total_bytes=100_000).members["a"]) == 100_000
    assert verdict_of(data, kind=kind, max_total_bytes=99_999).code == "unpacked_too_large"


def test_a_size_that_is_understated_does_not_help() -> None:
    data = bytearray(zipped({"a": bytes(100_000)}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<L", 10)
    assert verdict_of(bytes(data), max_total_bytes=50_000).code == "unpacked_too_large"


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_of_nothing_but_zeros_is_a_bomb(kind: str) -> None:
    assert verdict_of(STREAMS[kind](ZEROS), kind=kind).code == "ratio_too_high"


def test_an_archive_of_nothing_but_zeros_is_a_bomb() -> None:
    assert verdict_of(zipped({"a": ZEROS})).code == "ratio_too_high"


def test_little_is_no_bomb_whatever_its_ratio() -> None:
    assert result_of(zipped({"a": ZEROS[:-1]}), max_ratio=1).facts["unpacked_bytes"] == HARMLESS_BYTES


def test_the_ratio_is_that_of_the_whole_archive() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("dense", b"\x55" * (HARMLESS_BYTES // 100))
        archive.writestr("zeros", ZEROS, zipfile.ZIP_DEFLATED)
    assert len(result_of(file.getvalue()).members) == 2


@pytest.mark.parametrize("kind", ["archive_zip", "gzip"])
def test_as_deep_as_allowed(kind: str) -> None:
    data = zipped({"a": b"1"}) if kind == "archive_zip" else gzip.compress(b"1")
    how: dict[str, Any] = {"kind": kind, "max_depth": 2}
    assert len(result_of(data, depth=1, **how).members) == 1
    verdict = verdict_of(data, depth=2, **how)
    assert (verdict.code, "upload it by itself" in verdict.message) == ("archive_too_deep", True)


@pytest.mark.parametrize("limits", [{"max_entries": 1}, {"max_total_bytes": 1}, {"max_depth": 1, "depth": 1}])
def test_every_verdict_says_what_to_do(limits: dict[str, int]) -> None:
    assert "; " in verdict_of(zipped({"a": b"12", "b": b"34"}), **limits).message
