"""JPEG's ways to code colour: samples stay luma and chroma where they can, and the picture looks the same always."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from lambdas.image_processing.domain.renditions import render
from tests.support.pictures import array, encode, open_picture, photo, quadrants, rgb_profile

Size = tuple[int, int]

SMALL = tuple(RenditionSpec(name=str(side), width=side, height=side) for side in (150, 60))
CROP = (RenditionSpec(name="crop", width=90, height=90, mode="cover"),)


def without_jfif(jpeg: bytes) -> bytes:
    """A JPEG whose colours only its component ids tell."""
    length = int.from_bytes(jpeg[4:6], "big")
    assert jpeg[2:4] == b"\xff\xe0"
    return jpeg[:2] + jpeg[4 + length :]


def with_adobe(jpeg: bytes, transform: int) -> bytes:
    marker = b"\xff\xee" + struct.pack(">H", 14) + b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform)
    return jpeg[:2] + marker + jpeg[2:]


def jpeg(image: Image.Image, **options: object) -> bytes:
    return encode(image, "JPEG", quality=95, **options)


CODINGS = {
    "4:4:4": jpeg(photo("coffee"), subsampling=0),
    "4:2:2": jpeg(photo("coffee"), subsampling=1),
    "4:2:0": jpeg(photo("coffee"), subsampling=2),
    "progressive": jpeg(photo("coffee"), progressive=True),
    "rgb": jpeg(photo("coffee"), keep_rgb=True),
    "without-jfif": without_jfif(jpeg(photo("coffee"))),
    "adobe-ycbcr": with_adobe(without_jfif(jpeg(photo("coffee"))), 1),
    "srgb-profile": jpeg(photo("coffee"), icc_profile=rgb_profile(((0.4,) * 3,) * 3, 2).replace(b"a pro", b"sRGB ")),
}


@pytest.mark.parametrize("data", CODINGS.values(), ids=CODINGS)
@pytest.mark.parametrize("specs", [SMALL, CROP], ids=["scaled", "cropped"])
def test_renditions_have_the_colors_of_the_photo(data: bytes, specs: tuple[RenditionSpec, ...]) -> None:
    encodings = (Encoding(format="jpeg", quality=92), Encoding(format="webp", quality=92))
    lossless = encode(photo("coffee"), "PNG")
    references = render(lossless, specs, encodings, Limits()).renditions
    for each, reference in zip(render(data, specs, encodings, Limits()).renditions, references, strict=True):
        assert np.abs(array(open_picture(each.data)) - array(open_picture(reference.data))).mean() < 5


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 3), (3, 3), (7, 5), (33, 17), (640, 1), (1, 641)], ids=str)
def test_odd_sizes_keep_every_pixel(size: Size) -> None:
    ramp = np.add.outer(np.linspace(60, 140, size[1]), np.linspace(0, 60, size[0]))
    image = Image.fromarray(np.stack([ramp + 40, ramp, ramp - 30], axis=2).astype(np.uint8))
    base = pictures.decode(jpeg(image), (RenditionSpec(name="all", width=999, height=999),), Limits()).base.rgb()
    assert base.size == size
    assert np.abs(array(base) - array(image)).max() <= 6


@pytest.mark.parametrize("size", [(151, 101), (150, 101), (151, 100)], ids=str)
def test_colors_stay_where_their_shapes_are(size: Size) -> None:
    """Chroma a pixel off would show as fringes at the edges of the quadrants."""
    image = quadrants((size[0] * 4, size[1] * 4))
    base = pictures.decode(jpeg(image), (RenditionSpec(name="s", width=size[0], height=size[1]),), Limits()).base
    error = np.abs(array(base.rgb()) - array(image.resize(size, Image.Resampling.BOX))).max(axis=2)
    assert base.size == size
    assert (error > 40).mean() < 0.03
    assert error.mean() < 4
