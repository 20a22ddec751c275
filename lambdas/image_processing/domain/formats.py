"""Recognition by content, and the whitelist: only these decoders are ever imported or run.

Pillow's own ``Image.open`` is not used: it registers plugins that are not on the list. A plugin's class reads the
header alone; pixels are decoded by ``load()``, after the limits were checked.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from lambdas.common.tables.pictures.layout import ReasonCode
from lambdas.image_processing.domain import frames
from lambdas.image_processing.domain.rejection import Rejected

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
AVIF_BRANDS = {b"avif", b"avis"}

_KNOWN_BUT_REFUSED = (
    (b"8BPS", "Photoshop"),
    (b"<svg", "SVG"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\x00\x00\x01\x00", "Windows icon"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"II+\x00", "BigTIFF"),
    (b"MM\x00+", "BigTIFF"),
    (b"qoif", "QOI"),
    (b"DDS ", "DirectDraw Surface"),
    (b"icns", "Apple icon"),
)


def sniff(data: bytes) -> str:
    """Format of an upload by its first bytes: jpeg, png, webp, gif, tiff, bmp, avif or heif.

    Raises:
        Rejected: ``unsupported_format`` for other picture formats, ``not_an_image`` for anything else.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data.startswith((b"II*\x00", b"MM\x00*")):
        return "tiff"
    # "BM" alone starts many texts; a bitmap goes on with its header's size at offset 14.
    if data.startswith(b"BM") and data[14:18] in _BMP_HEADER_SIZES:
        return "bmp"
    if data[4:8] == b"ftyp":
        return _sniff_iso_media(data)
    for magic, name in _KNOWN_BUT_REFUSED:
        if data.startswith(magic):
            raise Rejected(ReasonCode.UNSUPPORTED_FORMAT, f"{name} pictures are not accepted: convert to JPEG or PNG")
    raise Rejected(ReasonCode.NOT_AN_IMAGE, "the content is not a picture, whatever the key's suffix says")


_BMP_HEADER_SIZES = {struct.pack("<I", size) for size in (12, 16, 40, 52, 56, 64, 108, 124)}


def _sniff_iso_media(data: bytes) -> str:
    box_size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, box_size - 3, 4))}
    if brands & AVIF_BRANDS:
        return "avif"
    if brands & HEIF_BRANDS:
        return "heif"
    raise Rejected(
        ReasonCode.UNSUPPORTED_FORMAT,
        f"ISO media file of brand {data[8:12]!r} is no HEIC or AVIF picture: upload a still picture",
    )


def opener(format_name: str) -> Callable[[io.BytesIO], ImageFile]:
    """Reads a file's header by the format's decoder, and no pixel; it raises whatever that decoder raises."""
    match format_name:
        case "jpeg":
            from PIL.JpegImagePlugin import JpegImageFile

            return JpegImageFile
        case "png":
            from PIL.PngImagePlugin import PngImageFile

            return PngImageFile
        case "webp":
            from PIL.WebPImagePlugin import WebPImageFile

            return WebPImageFile
        case "gif":
            from PIL.GifImagePlugin import GifImageFile

            return GifImageFile
        case "tiff":
            from PIL.TiffImagePlugin import TiffImageFile

            return TiffImageFile
        case "bmp":
            from PIL.BmpImagePlugin import BmpImageFile

            return BmpImageFile
        case "avif":
            from PIL.AvifImagePlugin import AvifImageFile

            return AvifImageFile
        case _:
            from pillow_heif import HeifImageFile

            return HeifImageFile


def count_frames(image: ImageFile, data: bytes, format_name: str, limit: int) -> int:
    """Frames of an animation or pages of a TIFF, counted up to ``limit`` + 1 without decoding any."""
    if format_name == "gif":
        return frames.count_gif(data, limit)
    if format_name == "tiff":
        return frames.count_tiff(data, limit)
    return int(getattr(image, "n_frames", 1))


def decoded_sizes(image: ImageFile, format_name: str) -> list[tuple[int, int]]:
    """Sizes of what the decoder holds in memory: the tile of a TIFF may be far larger than the picture."""
    if format_name != "tiff":
        return [image.size]
    tags = image.tag_v2  # type: ignore[attr-defined]
    return [image.size, (tags.get(_TILE_WIDTH, 1), tags.get(_TILE_LENGTH, 1))]


def takes_twice_the_memory(image: ImageFile, format_name: str) -> bool:
    """Whether the decoder works in 16-bit planes of colour and alpha: 20 bytes a pixel, where others take 10 to 17."""
    return format_name == "heif" and image.mode == "RGBA" and image.info["bit_depth"] > 8


_TILE_WIDTH, _TILE_LENGTH = 322, 323  # TIFF 6.0, section 15


def is_cut_short(data: bytes, format_name: str) -> bool:
    """Whether a file that does not decode lacks its end, by what each format says about its own length."""
    if format_name == "webp":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    if format_name == "bmp":
        return int.from_bytes(data[2:6], "little") > len(data)
    if format_name == "tiff":
        order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
        return int.from_bytes(data[4:8], order) + 2 > len(data)  # its directory often stands behind the pixels
    trailer = {"jpeg": b"\xff\xd9", "png": b"IEND", "gif": b"\x00;"}.get(format_name)
    if trailer:
        return trailer not in data[-64:]
    return format_name in {"avif", "heif"} and _boxes_end(data) > len(data)


def _boxes_end(data: bytes) -> int:
    """Where the chain of top-level ISO media boxes ends; size 0 means to the end of the file, 1 a 64-bit size."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            return len(data)
        at += size
    return at
