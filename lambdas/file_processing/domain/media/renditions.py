"""Which renditions a video gets, and what they are called wherever they are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lambdas.file_processing.contract.limits import Rendition
from lambdas.file_processing.domain.media.geometry import Size, fitted

VIDEO_STEM: Final = "video"
VIDEO_SUFFIX: Final = ".mp4"
SOUND: Final = "audio.m4a"
POSTER: Final = "poster.jpg"
STRIP: Final = "strip.jpg"
WAVEFORM: Final = "waveform.png"
CONTENT_TYPES: Final = {".mp4": "video/mp4", ".m4a": "audio/mp4", ".jpg": "image/jpeg", ".png": "image/png"}
"""By the ends of names."""


@dataclass(frozen=True)
class Wanted:
    """A rendition, and the size that it has for one video."""

    rendition: Rendition
    size: Size

    @property
    def product(self) -> str:
        """Name of the file."""
        return f"{VIDEO_STEM}{modifier(self.rendition.name)}{VIDEO_SUFFIX}"


def modifier(name: str) -> str:
    """What a rendition's name adds to `VIDEO_STEM`."""
    return f"-{name}"


def wanted(size: Size, renditions: Sequence[Rendition]) -> list[Wanted]:
    """From small to large, but none that would be no larger than the one before it: nothing is scaled up."""
    found: list[Wanted] = []
    for rendition in sorted(renditions, key=lambda each: each.height):
        fit = fitted(size, rendition.height)
        if not found or fit != found[-1].size:
            found.append(Wanted(rendition, fit))
    return found
