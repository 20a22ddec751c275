"""Archives and compressed streams."""

from __future__ import annotations

import bz2
import lzma

from lambdas.file_processing.domain.archives.tar_headers import HEADER_BYTES, is_header
from lambdas.file_processing.domain.processing import Head

_ZIP = b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK"
_BZIP2_BLOCK, _BZIP2_END = b"1AY&SY", b"\x17rE8P\x90"
_XZ = b"\xfd7zXZ\x00"
_XZ_MEMORY = 128 * 1024 * 1024
"""Bytes that looking into an xz stream may take; ``xz -9`` asks for 65 MiB."""


def is_zip(head: Head) -> bool:
    """A ZIP archive from its first byte on: what begins as a program and ends as an archive is a program."""
    return head.data.startswith(_ZIP)


def is_tar(head: Head) -> bool:
    """A tar archive by its first member's header, or one in a gzip, bzip2 or xz stream, as far as that can be seen."""
    start = head.data if head.encoding else _unpacked(head.data)
    return is_header(start[:HEADER_BYTES])


def is_gzip(head: Head) -> bool:
    """A gzip stream whatever is in it, damaged ones too."""
    return head.encoding == "gzip" or head.data.startswith(b"\x1f\x8b\x08")


def is_bzip2(head: Head) -> bool:
    """A bzip2 stream: its mark, its level and the mark of its first block, or of its end."""
    data = head.data
    return data.startswith(b"BZh") and data[3:4].isdigit() and data[4:10] in {_BZIP2_BLOCK, _BZIP2_END}


def is_xz(head: Head) -> bool:
    """An xz stream."""
    return head.data.startswith(_XZ)


def _unpacked(data: bytes) -> bytes:
    """Of bzip2 and xz the first header's worth that is in it, none where it is damaged; of the others ``data``.

    A block of bzip2 holds up to 900 kB, and shows nothing before it is complete.
    """
    try:
        if data.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(data, HEADER_BYTES)
        if data.startswith(_XZ):
            return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY).decompress(data, HEADER_BYTES)
    except (OSError, lzma.LZMAError):
        return b""
    return data
