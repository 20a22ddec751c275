"""What a player sees and hears of renditions, found out by decoding them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
from PIL import Image, ImageStat

from lambdas.file_processing.domain.catalog import Version
from local.use_cases.file_processing import clips, samples
from local.use_cases.file_processing.checks import Area, Problem, Read
from local.use_cases.file_processing.stack import Catalog

_SECONDS_OFF = 0.15
"""That a rendition may be longer or shorter: encoders fill their last block."""
_DARKER = 20
"""That the hills are than the sky, of 255."""
_BAND = 0.1
"""Of the height, at each end."""


@dataclass(frozen=True)
class Played:
    """A rendition."""

    codecs: tuple[str, ...]
    seconds: float
    size: tuple[int, int] | None
    """Of the first picture; None of sound alone."""
    upright: bool
    starts_fast: bool
    """Whether its index stands before its content, so that playing can begin with the first bytes."""


def played(data: bytes) -> Played:
    """Decodes all of it."""
    container: Any
    with av.open(io.BytesIO(data)) as container:
        codecs = tuple(stream.codec_context.name for stream in container.streams)
        seconds = [_length(container, stream) for stream in container.streams]
    with av.open(io.BytesIO(data)) as container:
        first: Image.Image | None = None
        if container.streams.video:
            first = next(container.decode(video=0)).to_image()
    return Played(
        codecs,
        max(seconds),
        first.size if first else None,
        _is_upright(first) if first else True,
        data.index(b"moov") < data.index(b"mdat"),
    )


def _length(container: Any, stream: Any) -> float:
    container.seek(0)
    end = 0.0
    for frame in container.decode(stream):
        length = frame.samples / frame.sample_rate if stream.type == "audio" else 1 / float(stream.average_rate)
        end = max(end, frame.time + length)
    return end


def _is_upright(picture: Image.Image) -> bool:
    """Whether the sky is above the hills."""
    width, height = picture.size
    band = int(height * _BAND)
    top, bottom = (picture.crop((0, at, width, at + band)).convert("L") for at in (0, height - band))
    return bool(ImageStat.Stat(top).mean[0] > ImageStat.Stat(bottom).mean[0] + _DARKER)


_RENDITIONS = {
    (samples.CLIP, samples.LARGE): (clips.CLIP_SECONDS, clips.CLIP_SIZE),
    (samples.CLIP, "video-360p.mp4"): (clips.CLIP_SECONDS, (640, 360)),
    (samples.PORTRAIT, "video-360p.mp4"): (clips.PORTRAIT_SECONDS, clips.PORTRAIT_SIZE),
    (samples.MELODY, "audio.m4a"): (clips.MELODY_SECONDS, None),
}
"""Seconds and size that each has to have."""


def check_renditions(catalog: Catalog, read: Read) -> Iterator[Problem]:
    """Each is as long as its file, as large as it says, upright, and starts at once; posters are as they are shown."""
    for (name, product), (seconds, size) in _RENDITIONS.items():
        found = played(product_of(catalog, read, name, product))
        codecs = ("h264", "aac") if size else ("aac",)
        wanted = Played(codecs, found.seconds, size, upright=True, starts_fast=True)
        if found != wanted or abs(found.seconds - seconds) > _SECONDS_OFF:
            yield Problem(Area.MEDIA, f"{product} of {name} is {found}, and should last {seconds} s and be {size}")
    for name, size in ((samples.CLIP, clips.CLIP_SIZE), (samples.PORTRAIT, clips.PORTRAIT_SIZE)):
        with Image.open(io.BytesIO(product_of(catalog, read, name, "poster.jpg"))) as poster:
            if poster.width * size[1] != poster.height * size[0] or not _is_upright(poster):
                yield Problem(Area.MEDIA, f"the poster of {name} has {poster.size}, or is turned")


def product_of(catalog: Catalog, read: Read, name: str, product: str) -> bytes:
    """Content of a product of what a file shows. Raises KeyError if it has none of that name."""
    return read(_key(catalog.version(name), product))


def _key(version: Version, product: str) -> str:
    keys = {item.name: item.key for item in version.products}
    return keys[product]
