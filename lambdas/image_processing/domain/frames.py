"""Bounded counts of frames, for the two formats that do not store theirs, and of the scans of a JPEG.

Pillow walks the whole file at about 20 µs a frame, which a small hostile file turns into minutes; these stop at the
limit and never decode a pixel.
"""

from __future__ import annotations

import re
import struct


def count_gif(data: bytes, limit: int) -> int:
    """Image descriptors of a GIF, at most ``limit`` + 1; a file cut short counts what it has.

    Block structure: GIF89a specification, sections 15 to 26.
    """
    at = 13 + _color_table_bytes(data, 10)
    frames = 0
    while frames <= limit and at < len(data):
        introducer = data[at]
        if introducer == 0x21:  # extension: introducer, label, then sub-blocks
            at = _skip_sub_blocks(data, at + 2)
        elif introducer == 0x2C:  # image: descriptor, colour table, LZW code size, then sub-blocks
            frames += 1
            at = _skip_sub_blocks(data, at + 10 + _color_table_bytes(data, at + 9) + 1)
        else:  # trailer, or garbage that ends every reader's walk
            break
    return frames


def _color_table_bytes(data: bytes, flags_at: int) -> int:
    flags = data[flags_at] if flags_at < len(data) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_sub_blocks(data: bytes, at: int) -> int:
    end = len(data)
    while at < end and data[at]:
        at += data[at] + 1
    return at + 1


def count_tiff(data: bytes, limit: int) -> int:
    """Image file directories of a TIFF, at most ``limit`` + 1; a chain that loops or leaves the file ends there."""
    order = "<" if data.startswith(b"II") else ">"
    seen: set[int] = set()
    at = struct.unpack_from(f"{order}I", data, 4)[0] if len(data) >= 8 else 0
    while at and at not in seen and at + 2 <= len(data) and len(seen) <= limit:
        seen.add(at)
        next_at = at + 2 + 12 * struct.unpack_from(f"{order}H", data, at)[0]
        at = struct.unpack_from(f"{order}I", data, next_at)[0] if next_at + 4 <= len(data) else 0
    return len(seen)


def has_more_scans(data: bytes, limit: int) -> bool:
    """Whether a JPEG has more than ``limit`` scans.

    A progressive scan of a few bytes makes the decoder walk the whole picture: 0.4 MB can keep it busy for minutes.
    """
    if data.count(_START_OF_SCAN) <= limit:  # quick; may count thumbnails and what stands behind the picture, too
        return False
    scans, at = 0, 2
    while scans <= limit and (marker := _JPEG_MARKER.search(data, at)):
        at = marker.end()
        if marker[0] == _END_OF_IMAGE:
            break
        scans += marker[0] == _START_OF_SCAN
        at += int.from_bytes(data[at : at + 2], "big")
    return scans > limit


_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""Markers that a segment follows, and the end; entropy-coded data hold none of them."""
