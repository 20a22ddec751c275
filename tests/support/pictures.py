"""Generators of pictures: every accepted format, colour profiles, and files put together byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

PHOTOS = Path(__file__).parents[1] / "pictures"
RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 40), (30, 40, 210), (230, 220, 40)


def photo(name: str) -> Image.Image:
    """One of the real photographs, decoded."""
    with Image.open(PHOTOS / f"{name}.jpg") as image:
        return image.convert("RGB")


def quadrants(size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Red and green above blue and yellow: tells every rotation and mirroring from the others."""
    width, height = size
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = YELLOW
    return Image.fromarray(pixels)


def noise(size: tuple[int, int] = (48, 32), seed: int = 7) -> Image.Image:
    """Incompressible, so that every byte of a file matters."""
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(values)


def array(image: Image.Image) -> NDArray[np.int_]:
    """Samples as integers that can be subtracted."""
    return np.asarray(image).astype(int)


def encode(image: Image.Image, format_name: str, **options: Any) -> bytes:
    """``image`` in a file of that format, by Pillow's or pillow-heif's encoder."""
    stream = io.BytesIO()
    if format_name == "HEIF":
        pillow_heif.from_pillow(image).save(stream, **options)
    else:
        image.save(stream, format_name, **options)
    return stream.getvalue()


def open_picture(data: bytes) -> Image.Image:
    """Decoded by a plain Pillow, as a reader of a rendition would."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image


# --- formats --------------------------------------------------------------------------------------------------------

Encoder = Callable[[Image.Image], bytes]


def _of(format_name: str, **options: Any) -> Encoder:
    return partial(encode, format_name=format_name, **options)


LOSSLESS: dict[str, tuple[str, Encoder]] = {
    "png": ("png", _of("PNG")),
    "webp-lossless": ("webp", _of("WEBP", lossless=True)),
    "bmp": ("bmp", _of("BMP")),
    "tiff-raw": ("tiff", _of("TIFF")),
    "tiff-lzw": ("tiff", _of("TIFF", compression="tiff_lzw")),
    "tiff-deflate": ("tiff", _of("TIFF", compression="tiff_adobe_deflate")),
    "tiff-packbits": ("tiff", _of("TIFF", compression="packbits")),
    "tiff-zstd": ("tiff", _of("TIFF", compression="zstd")),
    "tiff-big-endian": ("tiff", lambda image: tiff(image, order=">")),
    "tiff-little-endian": ("tiff", lambda image: tiff(image, order="<")),
}
LOSSY: dict[str, tuple[str, Encoder]] = {
    "jpeg": ("jpeg", _of("JPEG", quality=92)),
    "jpeg-progressive": ("jpeg", _of("JPEG", quality=92, progressive=True, subsampling=0)),
    "webp-lossy": ("webp", _of("WEBP", quality=92)),
    "gif": ("gif", _of("GIF")),
    "tiff-jpeg": ("tiff", _of("TIFF", compression="jpeg", quality=92)),
    "avif": ("avif", _of("AVIF", quality=90, speed=9)),
    "heic": ("heif", _of("HEIF", quality=90)),
}
EVERY_FORMAT = LOSSLESS | LOSSY
ONE_OF_EACH = {name: EVERY_FORMAT[name][1] for name in ("jpeg", "png", "gif", "bmp", "avif", "heic")} | {
    "webp": EVERY_FORMAT["webp-lossy"][1],
    "tiff": EVERY_FORMAT["tiff-lzw"][1],
}


def animation(format_name: str, frames: list[Image.Image]) -> bytes:
    """Frames of an animation, or pages of a TIFF or HEIC."""
    first, *others = frames
    return encode(first, format_name, save_all=True, append_images=others)


# --- files put together by hand -------------------------------------------------------------------------------------


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(size: tuple[int, int], rows: bytes, *, color_type: int = 2, depth: int = 8, extra: bytes = b"") -> bytes:
    """A PNG of raw ``rows``, each starting with its filter byte; ``extra`` chunks stand before the pixels."""
    header = struct.pack(">IIBBBBB", *size, depth, color_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + extra
        + png_chunk(b"IDAT", zlib.compress(rows, 9))
        + png_chunk(b"IEND", b"")
    )


def gif(screen: tuple[int, int], frame: tuple[int, int] = (1, 1), count: int = 1) -> bytes:
    """A black-and-white GIF of ``count`` equal frames, each of which holds one pixel's worth of data."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    return head + (b"\x2c" + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x4c\x01\x00") * count + b";"


def tiff(
    image: Image.Image,
    *,
    order: str = "<",
    pixels: bytes | None = None,
    tags: dict[int, tuple[int, ...]] | None = None,
) -> bytes:
    """An uncompressed TIFF of one RGB strip; ``tags`` add to its directory or replace what stands there."""
    data = image.tobytes() if pixels is None else pixels
    values: dict[int, tuple[int, ...]] = {
        256: (image.width,),
        257: (image.height,),
        258: (8, 8, 8),
        259: (1,),
        262: (2,),
        273: (8,),  # StripOffsets: the pixels follow the header
        277: (3,),
        278: (image.height,),
        279: (len(data),),
        **(tags or {}),
    }
    entries, blob, at = b"", b"", 8 + len(data) + 2 + 12 * len(values) + 4
    for tag, numbers in sorted(values.items()):
        packed = struct.pack(f"{order}{len(numbers)}I", *numbers)
        if len(packed) > 4:
            blob, packed = blob + packed, struct.pack(f"{order}I", at + len(blob))
        entries += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + packed
    head = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(f"{order}I", 8 + len(data))
    return head + data + struct.pack(f"{order}H", len(values)) + entries + bytes(4) + blob


# --- colour profiles ------------------------------------------------------------------------------------------------

ADOBE_RGB = ((0.60974, 0.20528, 0.14919), (0.31111, 0.62567, 0.06322), (0.01947, 0.06087, 0.74457))
DISPLAY_P3 = ((0.51512, 0.29198, 0.15710), (0.24120, 0.69225, 0.06657), (-0.00105, 0.04189, 0.78407))
SRGB = ((0.43607, 0.38515, 0.14307), (0.22249, 0.71687, 0.06061), (0.01392, 0.09708, 0.71410))
"""Red, green and blue in CIE XYZ (rows) under D50, as the vendors' profiles have them."""


def rgb_profile(primaries: tuple[tuple[float, ...], ...], gamma: float) -> bytes:
    """A display profile of three primaries and one gamma."""
    tags = {name: _xyz([row[column] for row in primaries]) for column, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _gamma(gamma)))


def grey_profile(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _gamma(gamma)})


def cmyk_profile(colors: Callable[[int, int, int, int], tuple[int, int, int]]) -> bytes:
    """A printer's profile; ``colors`` gives Lab as 8-bit samples for the 16 corners of the ink cube."""
    corners = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    identity = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + bytes(range(256)) * 4
    table += b"".join(bytes(colors(*corner)) for corner in corners) + bytes(range(256)) * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table, b"wtpt": _xyz([0.80, 0.84, 0.60])})  # yellowish paper


def _xyz(values: list[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def _gamma(gamma: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def _profile(device: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """ICC specification 4.2, sections 7.2 (header) and 7.3 (tag table), as version 2.4 writes them."""
    described = b"a profile for tests\x00"
    description = b"desc" + bytes(4) + struct.pack(">I", len(described)) + described + bytes(78)
    tags = {b"desc": description, b"wtpt": _xyz([0.9642, 1.0, 0.8249]), **tags}
    table, blob, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(blob), len(content))
        blob += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(blob), bytes(4), 0x02400000, device, space, connection)
    dates = struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    return (head + dates + _xyz([0.9642, 1.0, 0.8249])[8:]).ljust(128, b"\x00") + table + blob
