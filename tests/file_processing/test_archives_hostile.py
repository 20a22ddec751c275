"""Archives that are changed at random: each is unpacked or rejected, and nothing else happens."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.samples.archives import FILES, tar, zipped
from tests.file_processing.unpacking import result_of

_TARS = {form: tar(FILES | {"d/" * 80 + "long": b"1"}, form) for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)}
SEEDS = {
    "archive_zip": [zipped(FILES), zipped(FILES, zipfile.ZIP_STORED), zipped(FILES, zipfile.ZIP_BZIP2)],
    "archive_tar": [*_TARS.values(), gzip.compress(_TARS[tarfile.PAX_FORMAT])],
    "gzip": [gzip.compress(FILES["note.txt"])],
    "bzip2": [bz2.compress(FILES["note.txt"])],
    "xz": [lzma.compress(FILES["note.txt"])],
}
CHANGES = st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=9), st.integers(0, 9)), max_size=4)


def verdict_of(data: bytes, **how: Any) -> Rejected | None:
    try:
        result_of(data, max_total_bytes=1_000_000, **how)
    except Rejected as verdict:
        return verdict
    return None


def survives(data: bytes, kind: str) -> None:
    verdict = verdict_of(data, kind=kind)
    if verdict:
        assert verdict.code.isidentifier()
        assert len(verdict.message) < 2000


@pytest.mark.parametrize("kind", SEEDS)
@settings(deadline=None)
@given(drawn=st.data(), changes=CHANGES)
def test_changed_archives_are_unpacked_or_rejected(
    kind: str, drawn: st.DataObject, changes: list[tuple[int, bytes, int]]
) -> None:
    data = drawn.draw(st.sampled_from(SEEDS[kind]))
    for position, value, left_out in changes:
        at = position % (len(data) + 1)
        data = data[:at] + value + data[at + left_out :]
    survives(data, kind)


@pytest.mark.parametrize("kind", SEEDS)
@settings(deadline=None)
@given(data=st.binary(max_size=1200))
def test_noise_is_unpacked_or_rejected(kind: str, data: bytes) -> None:
    survives(data, kind)


def fields() -> st.SearchStrategy[int]:
    return st.sampled_from([0, 1, 2, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF]) | st.integers(0, 0xFFFFFFFF)


@settings(deadline=None)
@given(st.integers(0, 41), fields(), st.integers(0, 17), fields())
@example(38, 0xFFFFFFFF, 12, 0xFFFFFFFF)
def test_any_number_in_a_directory_and_its_end_is_survived(at: int, value: int, at_end: int, value_at_end: int) -> None:
    data = bytearray(zipped(FILES))
    start, end = data.index(b"PK\x01\x02") + 4, len(data) - 18
    data[start + at : start + at + 4] = value.to_bytes(4, "little")
    if at_end < 16:
        size = len(data)
        data[end + at_end : end + at_end + 4] = value_at_end.to_bytes(4, "little")
        del data[size:]
    survives(bytes(data), "archive_zip")


def test_archives_within_archives_end_at_the_depth_allowed() -> None:
    data = zipped({"a.zip": b"end"})
    for _ in range(5):
        data = zipped({"a.zip": data})
    for depth in range(3):
        [data] = result_of(data, depth=depth).members.values()
    verdict = verdict_of(data, depth=3)
    assert verdict
    assert verdict.code == "archive_too_deep"
