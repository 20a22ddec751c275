"""Tar archives of every format: regular files come out, everything else is named."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lambdas.file_processing.domain.archives.names import MAX_PART_BYTES
from lambdas.file_processing.domain.processing import MAX_METADATA_BYTES
from tests.file_processing.samples.archives import FILES, tar
from tests.file_processing.unpacking import Result, result_of, verdict_of

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
PACKED: Mapping[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


def unpacked(data: bytes, **how: Any) -> Result:
    return result_of(data, kind="archive_tar", name="in/a.tar", **how)


def rejected(data: bytes) -> str:
    verdict = verdict_of(data, kind="archive_tar", name="in/a.tar")
    assert verdict.code == "archive_damaged"
    return verdict.message


def of(*members: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT, shared: Mapping[str, str] | None = None) -> bytes:
    """Each member has as much content as it says."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, pax_headers=shared) as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return file.getvalue()


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, **pax: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.pax_headers, info.linkname = size, kind, pax, "../../etc/passwd" if kind in b"12" else ""
    return info


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("packing", PACKED)
def test_every_file_comes_out(form: int, packing: str | None) -> None:
    result = unpacked(PACKED[packing](tar(FILES, form)))
    assert result.members == FILES
    assert result.facts["format"] == "tar"
    assert result.facts["compression"] == packing


def test_the_suffix_says_nothing() -> None:
    assert result_of(bz2.compress(tar(FILES)), kind="bzip2", name="notes.txt").members == FILES


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 1_000_000])
def test_files_of_any_size_are_whole(size: int) -> None:
    result = unpacked(of(member("a", size), member("b", 1)))
    assert {name: len(data) for name, data in result.members.items()} == {"a": size, "b": 1}


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["gnu", "pax"])
def test_long_and_foreign_names_are_read(form: int) -> None:
    name = "directory/" * 15 + "Größe.txt"
    assert list(unpacked(of(member(name, 3), member("b", 1), form=form)).members) == [name, "b"]


def test_names_split_as_posix_has_it() -> None:
    name = "directory/" * 15 + "a.txt"
    assert list(unpacked(of(member(name, 3), form=tarfile.USTAR_FORMAT)).members) == [name]


def test_a_name_in_latin_1() -> None:
    data = of(member("Gr__e.txt", 1), form=tarfile.USTAR_FORMAT)
    renamed = data.replace(b"Gr__e", "Größe".encode("latin-1"))
    difference = sum("öß".encode("latin-1")) - sum(b"__")
    checksum = int(renamed[148:154], 8) + difference
    renamed = renamed[:148] + b"%06o" % checksum + renamed[154:]
    assert list(unpacked(renamed).members) == ["Größe.txt"]


def test_records_shared_by_all_members_are_overruled_by_a_members_own() -> None:
    data = of(member("a", 1), member("b", 1, path="own"), shared={"path": "shared"})
    assert list(unpacked(data).members) == ["shared", "own"]


def test_only_regular_files_come_out() -> None:
    kinds = {
        "hard": (tarfile.LNKTYPE, "hard link"),
        "soft": (tarfile.SYMTYPE, "symbolic link"),
        "characters": (tarfile.CHRTYPE, "device"),
        "blocks": (tarfile.BLKTYPE, "device"),
        "pipe": (tarfile.FIFOTYPE, "named pipe"),
    }
    others = [member(name, kind=kind) for name, (kind, _) in kinds.items()]
    result = unpacked(of(member("before", 5), *others, member("d", kind=tarfile.DIRTYPE), member("after", 6)))
    assert {name: len(data) for name, data in result.members.items()} == {"before": 5, "after": 6}
    assert result.skipped == {name: reason for name, (_, reason) in kinds.items()}


def test_however_many_entries_are_skipped_and_whatever_they_are_called_the_catalog_holds_them() -> None:
    longest = "/".join(['"' * MAX_PART_BYTES] * 2 + ['"' * 90])
    result = unpacked(of(*(member(f"{longest}{number:03}", kind=tarfile.SYMTYPE) for number in range(120))))
    assert result.facts["skipped"] == 120
    assert len(json.dumps(result.facts)) <= MAX_METADATA_BYTES


def test_a_sparse_file_of_pax_is_skipped_with_its_content() -> None:
    sparse = member("s", 700)
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "real"}
    result = unpacked(of(sparse, member("after", 3)))
    assert list(result.members) == ["after"]
    assert result.skipped == {"real": "sparse file"}


def test_a_sparse_file_of_the_old_format_is_skipped_with_its_map() -> None:
    info = member("s", 512)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[156:157], header[482] = b"S", 1
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:]))
    more = bytearray(512)
    more[504] = 1
    data = bytes(header) + bytes(more) + bytes(512) + b"x" * 512 + of(member("after", 3))
    result = unpacked(data)
    assert list(result.members) == ["after"]
    assert result.skipped == {"s": "sparse file"}


def test_an_entry_of_a_type_nobody_knows_is_skipped_with_its_content() -> None:
    result = unpacked(of(member("odd", 700, b"Z"), member("after", 3)))
    assert list(result.members) == ["after"]
    assert "odd" in result.skipped


def test_the_end_may_be_missing() -> None:
    assert list(unpacked(of(member("a", 512))[:1024]).members) == ["a"]


def test_what_is_behind_the_end_is_no_member() -> None:
    assert list(unpacked(of(member("a", 1)) + of(member("hidden", 1))).members) == ["a"]


def test_one_block_of_zeros_is_no_end() -> None:
    data = of(member("a", 512))[:1024] + bytes(512) + of(member("b", 1))
    assert list(unpacked(data).members) == ["a", "b"]


WHOLE = of(member("a", 600), member("b", 600))
RECORDS = of(member("a" * 200, 1))
DAMAGED = {
    "cut in the content": WHOLE[:900],
    "cut in a header": WHOLE[:1700],
    "a later header that is none": WHOLE[:1536] + b"?" * 512 + WHOLE[2048:],
    "records without a length": RECORDS.replace(b"212 path", b"xxx path").replace(b"210 path", b"xxx path"),
    "cut in the records": RECORDS[:600],
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_rejected_whole(data: bytes) -> None:
    assert "upload it again" in rejected(data)


def test_records_too_large_for_memory_are_rejected() -> None:
    header = member("././@LongLink", 0, tarfile.GNUTYPE_LONGNAME)
    header.size = 2 * 1024 * 1024
    assert "2097152 bytes" in rejected(header.tobuf(tarfile.GNU_FORMAT) + bytes(4 * 1024 * 1024))


def test_a_size_that_is_no_number_is_rejected() -> None:
    odd = member("a", 1)
    odd.pax_headers = {"size": "-1"}
    assert "no number" in rejected(of(odd))


def test_a_negative_size_is_rejected() -> None:
    header = bytearray(member("a").tobuf())
    header[124:136] = b"\xff" * 12
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:]))
    assert "does not begin with a member" in rejected(bytes(header) + bytes(1024))


@pytest.mark.parametrize("packing", ["gzip", "bzip2", "xz"])
def test_a_checksum_that_is_wrong_after_the_last_member_is_noticed(packing: str) -> None:
    data = bytearray(PACKED[packing](WHOLE + bytes(1024 * 1024)))
    data[-6] ^= 1
    rejected(bytes(data))
