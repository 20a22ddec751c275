"""The directory at the end of a ZIP archive: it lists the members, and rules over what stands before them.

Layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.12 to 4.3.16 and 4.5.3. Nothing is
believed without a look at the file's real size, and no more is read than the limit here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Read = Callable[[int, int], bytes]
"""Bytes of the file from a position on: fewer than asked for only at its end."""

MAX_DIRECTORY_BYTES = 1024 * 1024
"""Some ten thousand names of usual length."""

END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
ENTRY = struct.Struct("<4s6H3L5H2L")
_COMMENT_BYTES = 0xFFFF
_FULL = 0xFFFFFFFF
"""In a field too small for its value, which then stands in a 64-bit one."""


class DamagedError(Exception):
    """The directory cannot be read; the message says why."""


@dataclass(frozen=True)
class Directory:
    """Where the directory is, and what it announces."""

    entries: int
    start: int
    size: int
    shift: int
    """Bytes that were put before the archive after it was written; offsets do not count them."""


@dataclass(frozen=True)
class Entry:
    """One member, as the directory has it."""

    name: str
    flags: int
    method: int
    checksum: int
    packed: int
    size: int
    mode: int
    """Of Unix, 0 where another system made the archive."""
    offset: int
    """Of the member's own header."""


def member_names(read: Read, size: int) -> tuple[str, ...]:
    """Names of all members, as the archive has them. Raises DamagedError, also where there are too many."""
    return tuple(entry.name for entry in entries(read, locate(read, size)))


def locate(read: Read, size: int) -> Directory:
    """Finds the directory of a file of ``size`` bytes."""
    tail_start = max(0, size - END.size - _COMMENT_BYTES - LOCATOR.size)
    tail = read(tail_start, size - tail_start)
    at = _end_in(tail)
    _, disk, _, _, count, length, offset, _ = END.unpack_from(tail, at)
    end = tail_start + at
    located = _locate_64(read, tail, at, end)
    if located:
        disk, count, length, offset, end = located
    if disk:
        raise DamagedError("it is one part of several")
    start = end - length
    if start < 0 or offset > start:
        raise DamagedError("its directory would begin outside of the file")
    return Directory(entries=count, start=start, size=length, shift=start - offset)


def _end_in(tail: bytes) -> int:
    """Where the last record starts whose comment ends the file: a comment may contain what looks like one."""
    at = len(tail) - END.size + 1
    while (at := tail.rfind(b"PK\x05\x06", 0, max(0, at) + 3)) >= 0:
        if at + END.size + int.from_bytes(tail[at + END.size - 2 : at + END.size], "little") == len(tail):
            return at
    raise DamagedError("the end of the directory is missing")


def _locate_64(read: Read, tail: bytes, at: int, end: int) -> tuple[int, int, int, int, int] | None:
    """Disk, entries, size and offset of the directory, and where it ends, as 64-bit archives have them twice."""
    if at < LOCATOR.size:
        return None
    mark, _, position, _ = LOCATOR.unpack_from(tail, at - LOCATOR.size)
    if mark != b"PK\x06\x07":
        return None
    if position > end:
        raise DamagedError("its 64-bit directory would begin outside of the file")
    record = read(position, END_64.size)
    if len(record) < END_64.size or not record.startswith(b"PK\x06\x06"):
        raise DamagedError("the end of its 64-bit directory is missing")
    _, _, _, _, disk, _, _, count, length, offset = END_64.unpack(record)
    return disk, count, length, offset, position


def entries(read: Read, directory: Directory) -> Iterator[Entry]:
    """Every entry, in the order of the directory."""
    if directory.size > MAX_DIRECTORY_BYTES:
        raise DamagedError(f"its directory has {directory.size} bytes, more than {MAX_DIRECTORY_BYTES}")
    data = read(directory.start, directory.size)
    at = 0
    while at + ENTRY.size <= len(data) and data.startswith(b"PK\x01\x02", at):
        fields = ENTRY.unpack_from(data, at)
        name, extra, comment = fields[10:13]
        body = data[at + ENTRY.size : at + ENTRY.size + name + extra]
        if len(body) < name + extra:
            break
        entry = _entry(fields, body[:name], body[name:], directory.shift)
        if entry.offset >= directory.start:
            raise DamagedError("a member would begin behind the directory")
        yield entry
        at += ENTRY.size + name + extra + comment
    if at != len(data) or len(data) != directory.size:
        raise DamagedError(f"its directory breaks off after {at} of {directory.size} bytes")


def _entry(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> Entry:
    made_by, flags, method, checksum = fields[1], fields[3], fields[4], fields[7]
    packed, size, attributes, offset = fields[8], fields[9], fields[15], fields[16]
    size, packed, offset = _wide(extra, size, packed, offset)
    return Entry(
        name=_name(name, unicode=bool(flags & 0x800)),
        flags=flags,
        method=method,
        checksum=checksum,
        packed=packed,
        size=size,
        mode=attributes >> 16 if made_by >> 8 == 3 else 0,
        offset=offset + shift,
    )


def _wide(extra: bytes, *values: int) -> tuple[int, int, int]:
    """Size, packed size and offset, from the 64-bit field where they are too big for their own."""
    field = _extra_field(extra, 1)
    wide = []
    for value in values:
        if value == _FULL and field is not None:
            if len(field) < 8:
                raise DamagedError("the 64-bit sizes of a member are missing")
            wide.append(int.from_bytes(field[:8], "little"))
            field = field[8:]
        else:
            wide.append(value)
    size, packed, offset = wide
    return size, packed, offset


def _extra_field(extra: bytes, wanted: int) -> bytes | None:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == wanted:
            return extra[4 : 4 + length]
        extra = extra[4 + length :]
    return None


def _name(name: bytes, *, unicode: bool) -> str:
    """UTF-8 where the archive says so, and where it can be read as such: many programs forget to say it.

    What remains is code page 437, as the format prescribes; it gives every byte a character.
    """
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace") if unicode else name.decode("cp437")
