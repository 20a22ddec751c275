"""From the bytes of an upload to upright sRGB pixels at the smallest size that serves every rendition."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image
from PIL.ImageFile import ImageFile

from lambdas.common.tables.pictures.layout import ReasonCode
from lambdas.image_processing.contract import Limits, RenditionSpec
from lambdas.image_processing.domain import colors, formats
from lambdas.image_processing.domain.canvas import Canvas, Pixels, Planes
from lambdas.image_processing.domain.frames import has_more_scans
from lambdas.image_processing.domain.geometry import Plan, Size, plan_all
from lambdas.image_processing.domain.rejection import Rejected

MAX_SIDE = 65_535
"""As JPEG and GIF have it; tables of the resampling grow with the longer side, and are gigabytes at 50 million."""
MAX_SCANS = 100
"""Scans of a JPEG; encoders make 10 or so."""
MAX_WARNINGS = 5
"""Of a decoder that become notes; a broken directory can cause thousands."""
_ORIENTATION = 0x0112  # EXIF tag 274
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A decoded upload: sRGB, upright, without metadata, scaled to the largest of ``plans``."""

    base: Canvas
    plans: list[Plan]
    size: Size
    """Of the upload itself, upright."""
    format: str
    frames: int
    notes: tuple[str, ...]


def decode(data: bytes, specs: tuple[RenditionSpec, ...], limits: Limits) -> Picture:
    """Decodes an upload once, within its limits.

    Raises:
        Rejected: not an accepted picture, over a limit, or malformed; limits are checked before pixels are decoded.
    """
    if len(data) > limits.max_bytes:
        raise Rejected(ReasonCode.TOO_MANY_BYTES, f"{len(data)} bytes; at most {limits.max_bytes} are accepted")
    format_name = formats.sniff(data)
    opener = formats.opener(format_name)  # a package that is missing is no fault of the upload
    warned: list[str] = []
    try:
        with _collected(warned):
            image = opener(io.BytesIO(data))
            frames = _check_header(image, data, format_name, limits)
            picture = _decode(image, format_name, frames, specs)
        return replace(picture, notes=(*picture.notes, *warned))
    except Rejected:
        raise
    except MemoryError as error:
        raise Rejected(ReasonCode.TOO_MUCH_MEMORY, f"decoding this {format_name} takes too much memory") from error
    except Image.DecompressionBombError as error:
        raise Rejected(ReasonCode.TOO_MANY_PIXELS, str(error)) from error
    except Exception as error:
        # Decoders raise what their parsing happened to trip over (OSError, SyntaxError, struct.error, IndexError,
        # KeyError, ValueError, MemoryError, ...); whatever it is, these bytes are no picture.
        cut_short = formats.is_cut_short(data, format_name)
        code = ReasonCode.TRUNCATED if cut_short else ReasonCode.MALFORMED
        raise Rejected(code, f"{format_name} cannot be decoded: {error or type(error).__name__}") from error


@contextmanager
def _collected(warned: list[str]) -> Iterator[None]:
    """Decoders warn of what they passed over in a file: that belongs in the picture's notes."""

    def collect(message: Warning | str, *_: Any, **__: Any) -> None:
        text = f"decoder: {message}"
        if text not in warned and len(warned) < MAX_WARNINGS:
            warned.append(text)

    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits here decide
        warnings.showwarning = collect
        yield


def _check_header(image: ImageFile, data: bytes, format_name: str, limits: Limits) -> int:
    """Number of frames, once the picture is known to keep the limits."""
    max_pixels = limits.max_pixels // (2 if formats.takes_twice_the_memory(image, format_name) else 1)
    for size in formats.decoded_sizes(image, format_name):
        _check_size(size, max_pixels)
    frames = formats.count_frames(image, data, format_name, limits.max_frames)
    if frames > limits.max_frames:
        raise Rejected(ReasonCode.TOO_MANY_FRAMES, f"more than {limits.max_frames} frames; upload one of them")
    if format_name == "jpeg" and has_more_scans(data, MAX_SCANS):
        raise Rejected(ReasonCode.MALFORMED, f"more than {MAX_SCANS} scans; save it with another program")
    return frames


def _check_size(size: Size, max_pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise Rejected(ReasonCode.MALFORMED, f"the header says {width}x{height} pixels")
    if width * height > max_pixels or max(size) > MAX_SIDE:
        raise Rejected(
            ReasonCode.TOO_MANY_PIXELS,
            f"{width}x{height} is {width * height} pixels; at most {max_pixels} are accepted, {MAX_SIDE} a side",
        )


def _decode(image: ImageFile, format_name: str, frames: int, specs: tuple[RenditionSpec, ...]) -> Picture:
    if format_name == "png":
        image.load()  # its EXIF may stand behind the pixels
    notes = [f"animation or pages: the first of {frames} frames is used"] if frames > 1 else []
    orientation = _orientation(image, format_name, notes)
    upright = _turned(image.size, orientation)
    plans = plan_all(specs, upright)
    # JPEG decodes at 1/2, 1/4 or 1/8 in the DCT domain, never below the size asked for. HEIF has a draft, too: an
    # embedded thumbnail, which may show something else than the picture.
    size = _turned(plans[0].scaled, orientation)
    in_planes = format_name == "jpeg" and colors.stays_ycbcr(image)
    if format_name == "jpeg":
        image.draft("YCbCr" if in_planes else None, size)
    image.load()
    base = Planes.of(image, size) if in_planes else Pixels.of(colors.to_srgb(image, size, notes))
    if orientation in _TRANSPOSE:
        base = base.transposed(_TRANSPOSE[orientation])
    return Picture(base, plans, upright, format_name, frames, tuple(notes))


def _orientation(image: ImageFile, format_name: str, notes: list[str]) -> int:
    if format_name == "tiff":
        return 1  # its decoder applies the tag itself
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception as error:  # noqa: BLE001  as in decode(): EXIF parsing raises anything; the picture is still good
        notes.append(f"EXIF cannot be read, orientation not applied: {error or type(error).__name__}")
        return 1
    return orientation if orientation in _TRANSPOSE else 1


def _turned(size: Size, orientation: int) -> Size:
    return (size[1], size[0]) if orientation >= 5 else size
