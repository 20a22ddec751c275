"""Headers of tar archives: the old one, POSIX's ustar and pax, GNU's.

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html and
https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

HEADER_BYTES = 512
"""Of a header, and of the blocks that content is padded to."""
_CHECKSUM = slice(148, 156)
_DIGITS = b"0123456789"


class DamagedHeaderError(Exception):
    """The block is no header of tar."""


@dataclass(frozen=True)
class Header:
    """One header block."""

    name: bytes
    size: int
    """Bytes that follow, padding not counted."""
    kind: bytes
    """One byte: ``0`` for files, ``5`` for directories, ``x`` for pax records, ``L`` for a long name of GNU's…"""
    sparse: bool
    """Only parts of the file follow, and where they belong."""
    goes_on: bool
    """Of sparse files of GNU's old format: more of the map stands in further blocks."""

    @property
    def text(self) -> str:
        """The name: UTF-8, or else what gives every byte a character."""
        try:
            return self.name.decode()
        except UnicodeDecodeError:
            return self.name.decode("latin-1")

    def amended(self, changes: Mapping[str, bytes]) -> Header:
        """With what the records before it say. Raises DamagedHeaderError."""
        size = changes.get("size")
        if size is not None and size.strip(_DIGITS):
            raise DamagedHeaderError(f"the size {size[:40]!r} is no number")
        return replace(
            self,
            name=changes.get("GNU.sparse.name") or changes.get("path", self.name),
            size=self.size if size is None else int(size[:20] or b"0"),
            sparse=self.sparse or any(key.startswith("GNU.sparse.") for key in changes),
        )


def is_header(block: bytes) -> bool:
    """Whether a block begins a tar archive."""
    if len(block) < HEADER_BYTES:
        return False
    try:
        header = parse(block)
    except DamagedHeaderError:
        return False
    return bool(header.name)


def is_extended(block: bytes) -> bool:
    """Whether a block of a sparse file's map is followed by another one."""
    return bool(block[504])


def long_name(data: bytes) -> bytes:
    """The content of an entry of type ``L``."""
    return _string(data)


def parse(block: bytes) -> Header:
    """The header in 512 bytes. Raises DamagedHeaderError if its checksum is wrong."""
    stored = _number(block[_CHECKSUM])
    blanked = block[:148] + b" " * 8 + block[156:HEADER_BYTES]
    # Some old programs summed signed bytes.
    if stored not in {sum(blanked), sum(blanked) - 256 * sum(byte > 127 for byte in blanked)}:
        raise DamagedHeaderError("its checksum is wrong")
    name, kind = _string(block[:100]), block[156:157]
    prefix = _string(block[345:500]) if block[257:263] == b"ustar\0" else b""
    if kind == b"\0":  # of the old format, in which names of directories end with a slash
        kind = b"5" if name.endswith(b"/") else b"0"
    return Header(
        name=prefix + b"/" + name if prefix else name,
        size=_number(block[124:136]),
        kind=kind,
        sparse=kind == b"S",
        goes_on=bool(block[482]),
    )


def records(data: bytes) -> dict[str, bytes]:
    """Records of pax: ``<length> <key>=<value>`` and a line end, the length being that of all of it."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        digits, space, _ = data[at : at + 20].partition(b" ")
        if not space or not digits or digits.strip(_DIGITS):
            raise DamagedHeaderError("the length of a record is missing")
        record = data[at : at + int(digits)]
        key, equals, value = record[len(digits) + 1 : -1].partition(b"=")
        if len(record) < int(digits) or not equals or not record.endswith(b"\n"):
            raise DamagedHeaderError("a record breaks off")
        found[key.decode("utf-8", "replace")] = value
        at += len(record)
    return found


def _string(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]


def _number(field: bytes) -> int:
    """Octal digits; or, where the highest bit is set, GNU's binary for what is too big for them."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            raise DamagedHeaderError("a number is negative")
        return int.from_bytes(field, "big") & ~(0x80 << 8 * (len(field) - 1))
    digits = _string(field).strip()
    if digits.translate(None, b"01234567"):
        raise DamagedHeaderError("a number is not octal")
    return int(digits or b"0", 8)
