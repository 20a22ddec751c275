"""Photographs stay in luma and chroma planes from decoder to encoder: that must not be seen."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from lambdas.image_processing.contract import Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from lambdas.image_processing.domain.canvas import Box, Pixels, Planes
from tests.support.pictures import array, encode, photo


def photograph(size: tuple[int, int]) -> Image.Image:
    """A real picture at this size."""
    return photo("coffee").resize(size, Image.Resampling.BICUBIC)


def as_stored(image: Image.Image) -> Image.Image:
    """What a viewer of a JPEG sees: chroma at half size, whoever halved it."""
    return Image.open(io.BytesIO(encode(image, "JPEG", quality=100, subsampling="4:2:0"))).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures, in 1/255."""
    return float(np.abs(array(one) - array(other)).mean())


@pytest.mark.parametrize("size", [(600, 400), (601, 401), (599, 400), (121, 81), (2, 1), (1, 1)], ids=str)
@pytest.mark.parametrize("box", [None, (0.0, 0.0, 0.5, 1.0), (0.31, 0.13, 0.93, 0.77)], ids=["whole", "half", "inside"])
def test_planes_scale_and_cut_as_pixels_do(size: tuple[int, int], box: Box | None) -> None:
    image = photograph(size)
    part = tuple(share * side for share, side in zip(box, size * 2, strict=True)) if box else None
    target = max(1, size[0] * 2 // 5), max(1, size[1] * 2 // 5)
    planes = Planes.of(image.convert("YCbCr"), size).resized(target, part)  # type: ignore[arg-type]
    pixels = Pixels(image).resized(target, part)  # type: ignore[arg-type]
    assert planes.size == planes.rgb().size == planes.for_jpeg().size == target
    assert difference(as_stored(planes.rgb()), as_stored(pixels.rgb())) < 2.5


@pytest.mark.parametrize("method", list(Image.Transpose), ids=lambda each: each.name)
def test_planes_turn_as_pixels_do(method: Image.Transpose) -> None:
    image = photograph((301, 203))
    planes = Planes.of(image.convert("YCbCr"), image.size).transposed(method)
    assert difference(as_stored(planes.rgb()), as_stored(image.transpose(method))) < 2


@pytest.mark.parametrize(
    "options",
    [{}, {"subsampling": 0}, {"subsampling": 1}, {"progressive": True}, {"keep_rgb": True}],
    ids=["4:2:0", "4:4:4", "4:2:2", "progressive", "stored as RGB"],
)
def test_every_way_to_store_a_jpeg_shows_the_same_picture(options: dict[str, object]) -> None:
    image = photograph((640, 480))
    spec = RenditionSpec(name="phone", width=300, height=300)
    picture = pictures.decode(encode(image, "JPEG", quality=95, **options), (spec,), Limits())
    expected = as_stored(image.resize((300, 225), Image.Resampling.LANCZOS))
    assert difference(as_stored(picture.base.rgb()), expected) < 3
