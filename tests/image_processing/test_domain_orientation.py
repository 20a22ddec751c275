"""EXIF orientation: applied once, in every format that carries it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.renditions import Rendered, render
from tests.support.pictures import array, encode, open_picture, png, png_chunk, quadrants

UPRIGHT = quadrants((640, 320))
ORIENTATIONS = range(1, 9)
# Which side of the scene the stored 0th row and 0th column show: EXIF 2.32, tag 274.
STORED_SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"]


def stored(orientation: int) -> Image.Image:
    """`UPRIGHT` as a camera held that way stores it."""
    sides = STORED_SIDES[orientation]
    pixels = np.asarray(UPRIGHT)
    if "bottom" in sides:
        pixels = pixels[::-1]
    if "right" in sides:
        pixels = pixels[:, ::-1]
    if sides[0] in {"left", "right"}:
        pixels = pixels.swapaxes(0, 1)
    return Image.fromarray(np.ascontiguousarray(pixels))


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[274] = orientation
    return tags.tobytes()


def rendered(data: bytes, side: int = 160) -> Rendered:
    spec = RenditionSpec(name="one", width=side, height=side)
    return render(data, (spec,), (Encoding(format="webp", quality=95), Encoding(format="jpeg")), Limits())


def assert_upright(result: Rendered, size: tuple[int, int] = (160, 80)) -> None:
    for each in result.renditions:
        shown = open_picture(each.data)
        assert shown.size == size
        assert np.abs(array(shown) - array(UPRIGHT.resize(size, Image.Resampling.BOX))).mean() < 6
        assert 274 not in shown.getexif()


def oriented(format_name: str, orientation: int) -> bytes:
    image = stored(orientation)
    if format_name == "TIFF":
        return encode(image, "TIFF", compression="tiff_lzw", tiffinfo={274: orientation})
    return encode(image, format_name, exif=exif(orientation))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("format_name", FORMATS)
def test_the_picture_is_shown_upright_from(format_name: str, orientation: int) -> None:
    result = rendered(oriented(format_name, orientation))
    assert (result.facts.width, result.facts.height) == UPRIGHT.size
    assert_upright(result)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_jpeg_too_small_for_scaled_decoding_is_upright(orientation: int) -> None:
    assert_upright(rendered(oriented("JPEG", orientation), side=1000), UPRIGHT.size)


def test_exif_behind_the_pixels_of_a_png_counts() -> None:
    image = stored(6)
    rows = b"".join(b"\x00" + np.asarray(image)[row].tobytes() for row in range(image.height))
    data = png(image.size, rows)
    end = data.index(b"IEND") - 4
    assert_upright(rendered(data[:end] + png_chunk(b"eXIf", exif(6)[6:]) + data[end:]))


@pytest.mark.parametrize(
    "block",
    [
        b"Exif\x00\x00" + b"\xff" * 40,
        exif(6)[:12],
        exif(9),
        exif(0),
        exif(6).replace(b"\x01\x12\x00\x03", b"\x01\x12\x00\x02"),
    ],
    ids=["garbage", "cut", "nine", "zero", "text-instead-of-a-number"],
)
def test_a_picture_with_unreadable_orientation_is_shown_as_stored(block: bytes) -> None:
    assert_upright(rendered(encode(UPRIGHT, "JPEG", exif=block)))
