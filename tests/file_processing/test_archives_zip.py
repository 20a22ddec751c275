"""ZIP archives as the world's programs write them, and what is damaged in them."""

from __future__ import annotations

import io
import stat
import struct
import sys
import zipfile
from unittest.mock import patch

import pytest

from tests.file_processing.samples.archives import FILES, zipped
from tests.file_processing.unpacking import result_of, verdict_of


def written(
    *entries: tuple[zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED, seekable: bool = True
) -> bytes:
    class Pipe(io.BytesIO):
        """Sizes cannot be written into headers afterwards: they follow the content."""

        def seekable(self) -> bool:
            return seekable

        def tell(self) -> int:
            if not seekable:
                raise OSError
            return super().tell()

    file = Pipe()
    with zipfile.ZipFile(file, "w", method) as archive:
        for info, data in entries:
            info.compress_type = method
            archive.writestr(info, data)
    return file.getvalue()


def entry(name: str, mode: int = 0, *, system: int = 3) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = system, mode << 16
    return info


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_every_file_comes_out(method: int) -> None:
    result = result_of(zipped(FILES, method))
    assert result.members == FILES
    assert result.facts == {
        "format": "zip",
        "members": 3,
        "unpacked_bytes": sum(map(len, FILES.values())),
        "skipped": 0,
        "skipped_entries": [],
    }


def test_files_on_disk_are_called_by_numbers() -> None:
    assert result_of(zipped({"../../../tmp/a": b"1", "/etc/b": b"2"})).paths == ["000001", "000002"]


def test_an_archive_without_members_is_one() -> None:
    assert result_of(zipped({})).members == {}


def test_sizes_may_follow_the_content() -> None:
    data = written(*((entry(name), content) for name, content in FILES.items()), seekable=False)
    assert data[6] & 8
    assert result_of(data).members == FILES


def test_a_comment_may_stand_at_the_end() -> None:
    file = io.BytesIO(zipped(FILES))
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = b"PK\x05\x06" + b"c" * 40_000
    assert result_of(file.getvalue()).members == FILES


def test_bytes_before_the_archive_do_not_count() -> None:
    marked = b"PK00" + zipped(FILES)  # as programs write it that could have split the archive
    assert result_of(marked).members == FILES


def test_64_bit_archives() -> None:
    with patch.object(zipfile, "ZIP64_LIMIT", 10), patch.object(zipfile, "ZIP_FILECOUNT_LIMIT", 1):
        data = zipped(FILES)
    assert b"PK\x06\x06" in data
    assert result_of(data).members == FILES


NAMES = {
    "utf-8 as the format has it": ("Größe.txt", b"Gr\xc3\xb6\xc3\x9fe.txt", 0x800),
    "utf-8 without saying so": ("Größe.txt", b"Gr\xc3\xb6\xc3\x9fe.txt", 0),
    "code page 437": ("Größe.txt", b"Gr\x94\xe1e.txt", 0),
    "broken utf-8": ("Gr\N{REPLACEMENT CHARACTER}e.txt", b"Gr\xffe.txt", 0x800),
}


@pytest.mark.parametrize(("name", "raw", "flags"), NAMES.values(), ids=NAMES)
def test_names_in_every_encoding(name: str, raw: bytes, flags: int) -> None:
    data = zipped({"x" * len(raw): b"content"}).replace(b"x" * len(raw), raw)
    at = data.index(b"PK\x01\x02")
    assert list(result_of(data[: at + 8] + struct.pack("<H", flags) + data[at + 10 :]).members) == [name]


def test_directories_and_links_do_not_come_out() -> None:
    data = written(
        (entry("d/"), b""),
        (entry("d/a.txt", stat.S_IFREG | 0o644), b"a"),
        (entry("link", stat.S_IFLNK | 0o777), b"../../etc/passwd"),
        (entry("pipe", stat.S_IFIFO | 0o644), b""),
        (entry("of windows", stat.S_IFLNK, system=0), b"no mode of unix"),
    )
    result = result_of(data)
    assert result.members == {"d/a.txt": b"a", "of windows": b"no mode of unix"}
    assert result.skipped == {"link": "symbolic link", "pipe": "special file"}
    assert result.facts["skipped"] == 2


def test_an_encrypted_member_is_named() -> None:
    data = bytearray(zipped(FILES))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    verdict = verdict_of(bytes(data))
    assert verdict.code == "archive_encrypted"
    assert "orders/rows.csv" in verdict.message


def test_a_method_that_is_not_known_is_named() -> None:
    data = bytearray(zipped(FILES))
    data[data.index(b"PK\x01\x02") + 10] = 93
    verdict = verdict_of(bytes(data))
    assert verdict.code == "archive_unsupported"
    assert "93" in verdict.message


def directory_of(data: bytes) -> int:
    return data.index(b"PK\x01\x02")


def changed(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


WHOLE = zipped(FILES, zipfile.ZIP_STORED)
END = len(WHOLE) - 22
DAMAGED = {
    "cut": WHOLE[:-1],
    "its start alone": WHOLE[:100],
    "another checksum": changed(WHOLE, directory_of(WHOLE) + 16, b"\0\0\0\0"),
    "another size": changed(WHOLE, directory_of(WHOLE) + 24, b"\1\0\0\0"),
    "another content": WHOLE.replace(b"lamp", b"limp", 1),
    "header elsewhere": changed(WHOLE, directory_of(WHOLE) + 42, b"\5\0\0\0"),
    "member behind the directory": changed(WHOLE, directory_of(WHOLE) + 42, struct.pack("<L", directory_of(WHOLE))),
    "directory larger than the file": changed(WHOLE, END + 12, b"\xff\xff\xff\x7f"),
    "directory that is none": changed(WHOLE, directory_of(WHOLE), b"QQ"),
    "name longer than the directory": changed(WHOLE, directory_of(WHOLE) + 28, b"\xff\xff"),
    "one of several disks": changed(WHOLE, END + 4, b"\1\0"),
    "deflate that is none": changed(WHOLE, directory_of(WHOLE) + 10, b"\x08"),
    "64-bit directory far away": changed(WHOLE, END + 8, b"\xff\xff\xff\xff" * 2).replace(
        b"PK\x05\x06", b"PK\x06\x07" + struct.pack("<LQL", 0, sys.maxsize * 2, 1) + b"PK\x05\x06"
    ),
}


def far_away() -> bytes:
    """The offset of its only member stands in a 64-bit field."""
    data = zipped({"a": b"1"}, zipfile.ZIP_STORED)
    at, end = directory_of(data), len(data) - 22
    field = struct.pack("<HHQ", 1, 8, sys.maxsize * 2)
    entry = changed(changed(data[at:end], 30, struct.pack("<H", len(field))), 42, b"\xff" * 4) + field
    return data[:at] + entry + changed(data[end:], 12, struct.pack("<L", len(entry)))


DAMAGED["64-bit member far away"] = far_away()


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_rejected_whole(data: bytes) -> None:
    verdict = verdict_of(data)
    assert verdict.code == "archive_damaged"
    assert "upload it again" in verdict.message


def test_members_that_share_bytes_are_rejected() -> None:
    data = zipped({"a": b"x" * 100, "b": b"x" * 100}, zipfile.ZIP_STORED)
    second = data.rindex(b"PK\x01\x02")
    verdict = verdict_of(changed(data, second + 42, b"\0\0\0\0"))
    assert "overlaps" in verdict.message
