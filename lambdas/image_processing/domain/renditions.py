"""Renditions of a picture: one decode, each size from the next bigger one, every size in every format."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageColor

from lambdas.common.tables.pictures.layout import Facts
from lambdas.image_processing.contract import EXTENSIONS, Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain import pictures, salience
from lambdas.image_processing.domain.canvas import Canvas
from lambdas.image_processing.domain.fingerprint import dominant_color, perceptual_hash
from lambdas.image_processing.domain.geometry import Plan, Size


@dataclass(frozen=True)
class Encoded:
    """One rendition in one format."""

    spec: RenditionSpec
    format: str
    size: Size
    data: bytes


@dataclass(frozen=True)
class Rendered:
    """All that an upload became."""

    facts: Facts
    renditions: tuple[Encoded, ...]
    notes: tuple[str, ...]


def render(
    data: bytes,
    specs: tuple[RenditionSpec, ...],
    encodings: tuple[Encoding, ...],
    limits: Limits,
    background: str = "#ffffff",
) -> Rendered:
    """Renders an upload into every size and format; the same input gives the same bytes.

    Raises:
        Rejected: see `pictures.decode`.
    """
    picture = pictures.decode(data, specs, limits)
    smallest, renditions = picture.base, []
    encoded: Canvas | None = None
    files: list[bytes] = []
    for plan, canvas in _cascade(picture):
        # Sizes larger than the picture all show the picture itself, which is encoded once.
        if canvas is not encoded:
            encoded, files = canvas, [encode(canvas, each, background) for each in encodings]
        renditions += [
            Encoded(plan.spec, each.format, plan.size, data) for each, data in zip(encodings, files, strict=True)
        ]
        if not plan.crops:
            smallest = canvas
    return Rendered(_facts(data, picture, smallest.rgb()), tuple(renditions), picture.notes)


def _facts(data: bytes, picture: pictures.Picture, smallest: Image.Image) -> Facts:
    return Facts(
        width=picture.size[0],
        height=picture.size[1],
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        format=picture.format,
        frames=picture.frames,
        dominant_color=dominant_color(smallest),
        perceptual_hash=perceptual_hash(smallest),
    )


def _cascade(picture: pictures.Picture) -> Iterator[tuple[Plan, Canvas]]:
    whole = picture.base
    for plan in picture.plans:
        if plan.crops:
            yield plan, whole.resized(plan.size, salience.crop_box(whole.rgb(), plan.scaled, plan.size))
        else:
            whole = whole if whole.size == plan.size else whole.resized(plan.size)
            yield plan, whole


def encode(canvas: Canvas, encoding: Encoding, background: str) -> bytes:
    """Bytes of a picture; JPEG, which has no alpha, shows ``background`` behind transparent pixels."""
    image = canvas.for_jpeg() if encoding.format == "jpeg" else canvas.rgb()
    if encoding.format == "jpeg" and image.mode == "RGBA":
        flat = Image.new("RGB", image.size, ImageColor.getrgb(background))
        flat.paste(image, mask=image.getchannel("A"))
        image = flat
    stream = io.BytesIO()
    # By its name Pillow imports the one plugin; asked for a format, it imports five, one of them not on the whitelist.
    stream.name = f"rendition.{EXTENSIONS[encoding.format]}"
    image.save(stream, quality=encoding.quality, **_TUNING[encoding.format])
    return stream.getvalue()


_TUNING: dict[str, dict[str, Any]] = {
    "jpeg": {},
    # Method 2 takes half the time of 4, the default, for 5 to 10 % more bytes and up to 0.8 dB less.
    "webp": {"method": 2},
    "avif": {"speed": 8, "max_threads": 1},
}
