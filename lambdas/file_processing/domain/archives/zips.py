"""ZIP archives: their directory rules, and each member has to be what it says."""

from __future__ import annotations

import bz2
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lambdas.file_processing.domain.archives import streams, zip_directory
from lambdas.file_processing.domain.archives.members import Members
from lambdas.file_processing.domain.archives.names import safe_name
from lambdas.file_processing.domain.archives.streams import Decompressor, damaged
from lambdas.file_processing.domain.archives.zip_directory import Entry
from lambdas.file_processing.domain.processing import Rejected

_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags: encrypted, strongly encrypted, with a directory that is."""
_STORED = 0
_METHODS: dict[int, Callable[[], Decompressor]] = {8: streams.raw_deflate, 12: bz2.BZ2Decompressor}


@dataclass(frozen=True)
class _Span:
    """Where the content of an entry stands."""

    entry: Entry
    start: int


def unpack_zip(file: BinaryIO, size: int, members: Members) -> None:
    """Writes all members. Raises Rejected."""
    directory, entries = _entries(file, size, members)
    spans = [_Span(entry, _content_start(file, entry)) for entry in entries]
    _check_overlap(spans, directory)
    for span in spans:
        _unpack(file, span, members)


def _entries(file: BinaryIO, size: int, members: Members) -> tuple[int, Sequence[Entry]]:
    """Where the directory begins, and its entries, if they are within the limits."""

    def read(start: int, length: int) -> bytes:
        file.seek(start)
        return file.read(length)

    try:
        directory = zip_directory.locate(read, size)
        members.budget.expect_entries(directory.entries)
        entries = list(zip_directory.entries(read, directory))
    except zip_directory.DamagedError as error:
        raise damaged(str(error)) from error
    for entry in entries:
        members.budget.count_entry()
        _check(entry)
    members.budget.expect_bytes(sum(entry.size for entry in entries))
    return directory.start, entries


def _check(entry: Entry) -> None:
    if entry.flags & _ENCRYPTED:
        raise Rejected(
            "archive_encrypted", f"{safe_name(entry.name)!r} in the archive is encrypted; pack it without a password"
        )
    if entry.method not in {_STORED, *_METHODS}:
        name = safe_name(entry.name)
        message = f"{name!r} in the archive is packed by method {entry.method}; pack it by the usual one, deflate"
        raise Rejected("archive_unsupported", message)


def _content_start(file: BinaryIO, entry: Entry) -> int:
    file.seek(entry.offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise damaged(f"the header of {safe_name(entry.name)!r} is not where the directory says")
    *_, name, extra = _LOCAL.unpack(header)
    return entry.offset + _LOCAL.size + int(name) + int(extra)


def _check_overlap(spans: Sequence[_Span], directory: int) -> None:
    """Bytes that belong to several members are a trick to get much out of little."""
    end = 0
    for span in sorted(spans, key=lambda span: span.entry.offset):
        if span.entry.offset < end:
            raise damaged(f"{safe_name(span.entry.name)!r} overlaps with another member")
        end = span.start + span.entry.packed
    if end > directory:
        raise damaged("its members overlap with its directory")


def _unpack(file: BinaryIO, span: _Span, members: Members) -> None:
    entry = span.entry
    kind = stat.S_IFMT(entry.mode)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        members.skip(entry.name, "symbolic link" if kind == stat.S_IFLNK else "special file")
    elif entry.size or not entry.name.endswith(("/", "\\")):
        file.seek(span.start)
        members.add(entry.name, _content(file, entry, members))


def _content(file: BinaryIO, entry: Entry, members: Members) -> Iterator[bytes]:
    checksum = length = 0
    packed = _packed(file, entry.packed)
    chunks = packed if entry.method == _STORED else streams.one_stream(packed, b"", _METHODS[entry.method]())
    for chunk in chunks:
        checksum, length = zlib.crc32(chunk, checksum), length + len(chunk)
        members.budget.spend(len(chunk))
        yield chunk
    if (checksum, length) != (entry.checksum, entry.size):
        raise damaged(f"{safe_name(entry.name)!r} is not what its checksum says")


def _packed(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (chunk := file.read(min(length, streams.CHUNK))):
        length -= len(chunk)
        yield chunk
