"""ICC profiles: pixels come out in sRGB; a profile that cannot be used is left out with a note."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from lambdas.image_processing.contract import Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from tests.support.pictures import (
    ADOBE_RGB,
    DISPLAY_P3,
    SRGB,
    array,
    cmyk_profile,
    encode,
    grey_profile,
    noise,
    photo,
    rgb_profile,
)

SPECS = (RenditionSpec(name="whole", width=500, height=500),)
SRGB_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
COLORS = [(200, 100, 50), (40, 160, 90), (128, 128, 128), (250, 250, 250), (10, 20, 30), (90, 80, 190)]

Color = tuple[int, ...]


def decoded(data: bytes) -> pictures.Picture:
    return pictures.decode(data, SPECS, Limits())


def shown(mode: str, color: int | Color, profile: bytes, format_name: str = "PNG") -> Color:
    """What one colour of a picture with a profile becomes."""
    picture = decoded(encode(Image.new(mode, (16, 16), color), format_name, icc_profile=profile))
    assert not picture.notes
    assert picture.base.rgb().mode == "RGB"
    values = picture.base.rgb().getpixel((8, 8))
    assert isinstance(values, tuple)
    return tuple(int(value) for value in values)


def in_srgb(color: Color, primaries: tuple[tuple[float, ...], ...], gamma: float) -> Color:
    """The colorimetry in floats: source RGB to XYZ to linear sRGB, then its transfer curve (IEC 61966-2-1)."""
    xyz = np.array(primaries) @ (np.array(color) / 255) ** gamma
    linear = np.clip(np.linalg.inv(np.array(SRGB)) @ xyz, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return tuple(round(255 * value) for value in curved)


def assert_close(actual: Color, expected: Color, tolerance: int = 3) -> None:
    assert max(abs(one - other) for one, other in zip(actual, expected, strict=True)) <= tolerance, (actual, expected)


@pytest.mark.parametrize("color", COLORS, ids=str)
@pytest.mark.parametrize(("primaries", "gamma"), [(ADOBE_RGB, 2.2), (DISPLAY_P3, 2.2)], ids=["adobe-rgb", "p3"])
def test_wide_gamut_colors_are_converted(color: Color, primaries: tuple[tuple[float, ...], ...], gamma: float) -> None:
    assert_close(shown("RGB", color, rgb_profile(primaries, gamma)), in_srgb(color, primaries, gamma))


def test_a_color_that_srgb_lacks_becomes_the_nearest_it_has() -> None:
    assert_close(shown("RGB", (0, 255, 0), rgb_profile(ADOBE_RGB, 2.2)), (0, 255, 0))


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_the_profile_of_every_format_that_carries_one_is_used(format_name: str) -> None:
    color = (90, 200, 100)
    converted = shown("RGB", color, rgb_profile(ADOBE_RGB, 2.2), format_name)
    assert_close(converted, in_srgb(color, ADOBE_RGB, 2.2), tolerance=6)
    assert converted[0] < color[0] - 30


def test_a_photo_is_converted_as_littlecms_does_it() -> None:
    image, profile = photo("coffee"), rgb_profile(DISPLAY_P3, 2.2)
    reference = ImageCms.profileToProfile(
        image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC
    )
    assert reference is not None
    picture = pictures.decode(
        encode(image, "PNG", icc_profile=profile), (RenditionSpec(name="all", width=900, height=900),), Limits()
    )
    assert np.abs(array(picture.base.rgb()) - array(reference)).max() <= 3


def test_transparency_survives_the_conversion() -> None:
    image = Image.new("RGBA", (16, 16), (90, 200, 100, 77))
    base = decoded(encode(image, "PNG", icc_profile=rgb_profile(ADOBE_RGB, 2.2))).base.rgb()
    *color, alpha = array(base)[8, 8]
    assert alpha == 77
    assert_close(tuple(color), in_srgb((90, 200, 100), ADOBE_RGB, 2.2))


def test_grey_with_a_grey_profile_is_converted() -> None:
    curved = 1.055 * (60 / 255) ** (1 / 2.4) - 0.055  # linear light in, sRGB out
    assert_close(shown("L", 60, grey_profile(1.0), "JPEG"), (round(255 * curved),) * 3)


def test_grey_with_the_rgb_profile_of_its_camera_is_converted() -> None:
    assert_close(shown("L", 60, rgb_profile(ADOBE_RGB, 1.0), "JPEG"), in_srgb((60, 60, 60), ADOBE_RGB, 1.0))


def test_cmyk_goes_through_the_profile_of_its_printer() -> None:
    def cyan_ink_prints_red(c: int, m: int, y: int, k: int) -> tuple[int, int, int]:
        if k or m or y:
            return 0, 128, 128
        return (135, 208, 195) if c else (255, 128, 128)

    profile = cmyk_profile(cyan_ink_prints_red)
    red, green, blue = shown("CMYK", (255, 0, 0, 0), profile, "TIFF")
    assert red > 200
    assert max(green, blue) < 60
    assert_close(shown("CMYK", (0, 0, 0, 0), profile, "TIFF"), (255, 255, 255))
    assert_close(shown("CMYK", (0, 0, 0, 255), profile, "TIFF"), (0, 0, 0))


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_in_srgb_keeps_its_pixels(mode: str) -> None:
    image = noise().convert(mode)
    image.putpixel((0, 0), (1, 2, 3, 4)[: len(mode)])
    with_profile = decoded(encode(image, "PNG", icc_profile=SRGB_PROFILE)).base.rgb()
    assert np.array_equal(array(with_profile), array(image))


def test_a_profile_that_calls_itself_srgb_is_taken_at_its_word() -> None:
    """Many copies of it approximate the curve; converting would only lose precision."""
    profile = rgb_profile(SRGB, 1.8).replace(b"a profile for tests", b"sRGB IEC61966-2.1 x")
    assert shown("RGB", (90, 140, 200), profile) == (90, 140, 200)


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile at all",
        rgb_profile(ADOBE_RGB, 2.2)[:150],
        b"\x00" * 500,
        grey_profile(1.0),
        cmyk_profile(lambda c, m, y, k: (255 * (1 - max(c, m, y, k)), 128, 128)),
    ],
    ids=["text", "cut", "zeros", "of-grey", "of-cmyk"],
)
def test_a_profile_that_cannot_be_used_is_left_out_with_a_note(profile: bytes) -> None:
    image = noise()
    picture = decoded(encode(image, "PNG", icc_profile=profile))
    assert np.array_equal(array(picture.base.rgb()), array(image))
    assert any("profile" in note for note in picture.notes)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_no_damage_to_a_profile_loses_the_picture(data: st.DataObject) -> None:
    profile = bytearray(data.draw(st.sampled_from([rgb_profile(ADOBE_RGB, 2.2), grey_profile(1.8)])))
    for _ in range(data.draw(st.integers(1, 8))):
        profile[data.draw(st.integers(0, len(profile) - 1))] = data.draw(st.integers(0, 255))
    assert decoded(encode(noise((8, 8)), "TIFF", icc_profile=bytes(profile))).size == (8, 8)
