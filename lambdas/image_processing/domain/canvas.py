"""Pixels on their way from one size to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from PIL import Image

from lambdas.image_processing.domain.geometry import Size

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in the canvas's own pixels."""

LANCZOS, BICUBIC, NEAREST = Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.NEAREST


class Canvas(Protocol):
    """A picture that is only ever made smaller, cut, turned, and handed to an encoder."""

    @property
    def size(self) -> Size:
        """Width and height."""

    def resized(self, size: Size, box: Box | None = None) -> Canvas:
        """The whole, or ``box`` of it, at another size."""

    def transposed(self, method: Image.Transpose) -> Canvas:
        """Turned or mirrored."""

    def rgb(self) -> Image.Image:
        """RGB, or RGBA where pixels are transparent."""

    def for_jpeg(self) -> Image.Image:
        """As the JPEG encoder takes it with the least work: YCbCr, RGB or RGBA."""


@dataclass(frozen=True)
class Pixels:
    """An RGB or RGBA image."""

    image: Image.Image

    @staticmethod
    def of(image: Image.Image) -> Pixels:
        """The image without its comments and profiles, which encoders would write again."""
        image.info = {}
        return Pixels(image)

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.image.size

    def resized(self, size: Size, box: Box | None = None) -> Pixels:
        """LANCZOS: sharpest of the filters that do not ring visibly."""
        return Pixels(self.image.resize(size, LANCZOS, box))

    def transposed(self, method: Image.Transpose) -> Pixels:
        """Turned or mirrored."""
        return Pixels(self.image.transpose(method))

    def rgb(self) -> Image.Image:
        """The image itself."""
        return self.image

    def for_jpeg(self) -> Image.Image:
        """The image itself."""
        return self.image


@dataclass(frozen=True)
class Planes:
    """Luma, and chroma at half the size, as photographs are stored in JPEG and as every encoder here stores them.

    Scaling these is half the work of scaling RGB, and two colour conversions of every pixel are saved, at equal
    fidelity: chroma that the encoder drops anyway is dropped first.
    """

    luma: Image.Image
    chroma: tuple[Image.Image, Image.Image]

    @staticmethod
    def of(image: Image.Image, size: Size) -> Planes:
        """A YCbCr image at this size, without its comments and profiles."""
        image.info = {}
        luma, *chroma = image.split()
        blue, red = (plane.resize(_half(size), BICUBIC, reducing_gap=1.0) for plane in chroma)
        return Planes(luma.resize(size, LANCZOS), (blue, red))

    @property
    def size(self) -> Size:
        """Width and height of the luma, which is the picture's."""
        return self.luma.size

    def resized(self, size: Size, box: Box | None = None) -> Planes:
        """Luma by LANCZOS, in which the eye sees detail; chroma by BICUBIC."""
        width, height = self.size
        left, top, right, bottom = box or (0, 0, width, height)
        across, down = (full / whole for full, whole in zip(self.chroma[0].size, self.size, strict=True))
        part = left * across, top * down, right * across, bottom * down
        blue, red = (plane.resize(_half(size), BICUBIC, part) for plane in self.chroma)
        return Planes(self.luma.resize(size, LANCZOS, box), (blue, red))

    def transposed(self, method: Image.Transpose) -> Planes:
        """Turned or mirrored, each plane alike."""
        blue, red = (plane.transpose(method) for plane in self.chroma)
        return Planes(self.luma.transpose(method), (blue, red))

    def rgb(self) -> Image.Image:
        """RGB at full size."""
        return self._merged.convert("RGB")

    def for_jpeg(self) -> Image.Image:
        """YCbCr at full size; the encoder halves the chroma again and finds the very same samples."""
        return self._merged

    @cached_property
    def _merged(self) -> Image.Image:
        width, height = self.size
        doubled = (
            plane.resize((2 * plane.width, 2 * plane.height), NEAREST).crop((0, 0, width, height))
            for plane in self.chroma
        )
        return Image.merge("YCbCr", (self.luma, *doubled))


def _half(size: Size) -> Size:
    return (size[0] + 1) // 2, (size[1] + 1) // 2
