"""Pixel formats: CMYK, 16 bits, palettes, grey, one bit, floats, and every kind of transparency."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image, ImageChops

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from lambdas.image_processing.domain.renditions import render
from tests.support.pictures import RED, array, encode, noise, open_picture, photo, png, png_chunk, quadrants, tiff

WHOLE = (RenditionSpec(name="whole", width=600, height=600),)


def shown(data: bytes, specs: tuple[RenditionSpec, ...] = WHOLE) -> Image.Image:
    return pictures.decode(data, specs, Limits()).base.rgb()


def ramp16() -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    return np.tile(np.linspace(0, 65_535, 256, dtype=np.uint16), (4, 1))


def assert_same(base: Image.Image, expected: Image.Image, tolerance: int = 0) -> None:
    assert (base.mode, base.size) == (expected.mode, expected.size)
    assert np.abs(array(base) - array(expected)).max() <= tolerance


def separated(image: Image.Image) -> Image.Image:
    """CMYK by the textbook: each ink the complement of its colour, no black."""
    return Image.merge("CMYK", [*ImageChops.invert(image).split(), Image.new("L", image.size)])


@pytest.mark.parametrize(
    ("format_name", "options"),
    [("JPEG", {"quality": 98, "subsampling": 0}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})],
    ids=["adobe-jpeg-with-inverted-inks", "tiff", "tiff-lzw"],
)
def test_cmyk_has_the_colors_of_its_inks(format_name: str, options: dict[str, object]) -> None:
    image = photo("coffee")
    base = shown(encode(separated(image), format_name, **options))
    assert np.abs(array(base) - array(image)).mean() < 3


def test_black_ink_darkens() -> None:
    inks = Image.new("CMYK", (16, 16), (0, 0, 0, 255))
    assert shown(encode(inks, "TIFF")).getpixel((8, 8)) == (0, 0, 0)


@pytest.mark.parametrize(("mode", "format_name"), [("I;16", "PNG"), ("I;16", "TIFF"), ("I;16B", "TIFF")])
def test_16_bit_grey_keeps_its_whole_range(mode: str, format_name: str) -> None:
    samples = ramp16()
    stored = samples.astype(">u2") if mode == "I;16B" else samples
    image = Image.frombytes(mode, (256, 4), stored.tobytes())
    grey = Image.fromarray((samples / 257).round().astype(np.uint8)).convert("RGB")
    assert_same(shown(encode(image, format_name)), grey, tolerance=1)


@pytest.mark.parametrize(
    ("color_type", "channels"), [(2, [0, 1, 2]), (6, [0, 1, 2, 3]), (4, [0, 3])], ids=["rgb", "rgba", "grey-alpha"]
)
def test_16_bit_png_of(color_type: int, channels: list[int]) -> None:
    ramp = ramp16()
    samples = np.stack([ramp, ramp[:, ::-1], ramp // 2, ramp // 3 + 20_000], axis=2)[:, :, channels]
    rows = b"".join(b"\x00" + row.astype(">u2").tobytes() for row in samples)
    expected = Image.fromarray((samples // 257).astype(np.uint8)).convert("RGBA" if 3 in channels else "RGB")
    assert_same(shown(png((256, 4), rows, color_type=color_type, depth=16)), expected, tolerance=1)


def test_32_bit_floats_are_stretched_from_black_to_white() -> None:
    values = np.tile(np.linspace(-3.5, 12.25, 256, dtype=np.float32), (4, 1))
    grey = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (4, 1))).convert("RGB")
    assert_same(shown(encode(Image.fromarray(values), "TIFF")), grey, tolerance=1)


def test_a_flat_float_picture_is_rendered() -> None:
    assert shown(encode(Image.new("F", (5, 5), 0.25), "TIFF")).size == (5, 5)


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "BMP", "TIFF"])
def test_a_palette_is_looked_up(format_name: str) -> None:
    image = quadrants()
    assert_same(shown(encode(image.quantize(8), format_name)), image, tolerance=2)


@pytest.mark.parametrize("format_name", ["PNG", "GIF", "BMP", "TIFF", "JPEG", "WEBP"])
def test_grey_is_grey(format_name: str) -> None:
    image = photo("chelsea").convert("L")
    base = shown(encode(image, format_name))
    assert np.abs(array(base) - array(image.convert("RGB"))).mean() < 3


@pytest.mark.parametrize(
    ("format_name", "options"),
    [
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "group4"}),
        ("TIFF", {"compression": "group3"}),
    ],
    ids=["png", "gif", "bmp", "tiff", "tiff-group4", "tiff-group3"],
)
def test_one_bit_is_black_and_white_and_scales_to_greys(format_name: str, options: dict[str, str]) -> None:
    image = Image.fromarray(np.indices((64, 64)).sum(0) % 2 == 0)
    data = encode(image, format_name, **options)
    assert_same(shown(data), image.convert("RGB"))
    half = shown(data, (RenditionSpec(name="half", width=16, height=16),))
    assert np.abs(array(half) - 127).max() <= 16


# --- transparency ---------------------------------------------------------------------------------------------------


def half_transparent(mode: str) -> Image.Image:
    """Opaque on the left, half transparent on the right."""
    image = quadrants().convert(mode)
    alpha = Image.new("L", image.size, 255)
    alpha.paste(128, (32, 0, 64, 48))
    image.putalpha(alpha)
    return image


@pytest.mark.parametrize(("mode", "format_name"), [("RGBA", "PNG"), ("LA", "PNG"), ("RGBA", "TIFF"), ("RGBA", "WEBP")])
def test_an_alpha_channel_is_kept(mode: str, format_name: str) -> None:
    image = half_transparent(mode)
    options = {"lossless": True} if format_name == "WEBP" else {}
    assert_same(shown(encode(image, format_name, **options)), image.convert("RGBA"))


@pytest.mark.parametrize("format_name", ["AVIF", "HEIF"])
def test_an_alpha_channel_of_a_lossy_format_is_kept(format_name: str) -> None:
    base = shown(encode(half_transparent("RGBA"), format_name, quality=95))
    assert np.abs(array(base)[:, :, 3] - array(half_transparent("RGBA"))[:, :, 3]).mean() < 3


@pytest.mark.parametrize("format_name", ["PNG", "GIF"])
def test_a_transparent_palette_color_is_transparent(format_name: str) -> None:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([*RED, 9, 9, 9])
    image.paste(1, (8, 0, 16, 16))
    base = shown(encode(image, format_name, transparency=1))
    assert (base.getpixel((2, 2)), array(base)[2, 12, 3]) == ((*RED, 255), 0)


def test_a_palette_of_several_opacities_is_kept() -> None:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([*RED, 9, 9, 9])
    assert shown(encode(image, "PNG", transparency=b"\x55\xff")).getpixel((2, 2)) == (*RED, 0x55)


@pytest.mark.parametrize(
    ("color_type", "depth", "key"),
    [(0, 8, (77,)), (2, 8, (77, 1, 200)), (0, 16, (40_000,)), (2, 16, (40_000, 1000, 20_000)), (0, 1, (1,))],
    ids=["grey", "rgb", "grey-16-bit", "rgb-16-bit", "one-bit"],
)
def test_the_color_that_a_png_names_as_transparent_is(color_type: int, depth: int, key: tuple[int, ...]) -> None:
    named = struct.pack(f">{len(key)}H", *key)
    pixel = {1: b"\x40", 8: bytes(key[:3]) if depth == 8 else b"", 16: named}[depth]  # one bit: a 0, then a 1
    other = b"" if depth == 1 else bytes(len(pixel))
    data = png((2, 1), b"\x00" + other + pixel, color_type=color_type, depth=depth, extra=png_chunk(b"tRNS", named))
    assert array(shown(data))[0, :, 3].tolist() == [255, 0]


@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255)], ids=["no-dark-halo", "no-white-halo"])
def test_scaling_lets_no_hidden_color_bleed_into_edges(hidden: tuple[int, int, int]) -> None:
    size, black = (30, 30), Image.new("RGBA", (128, 128), (0, 0, 0, 255))
    image = Image.new("RGBA", black.size, (*hidden, 0))
    image.paste((*RED, 255), (32, 32, 95, 95))
    base = shown(encode(image, "PNG"), (RenditionSpec(name="small", width=30, height=30),))
    before = Image.alpha_composite(black, image).resize(size, Image.Resampling.LANCZOS)
    after = Image.alpha_composite(black.resize(size), base)
    assert np.abs(array(after) - array(before)).max() <= 2


@pytest.mark.parametrize(("background", "expected"), [("#ffffff", (255, 255, 255)), ("#102030", (16, 32, 48))])
def test_jpeg_shows_the_background_where_webp_is_transparent(background: str, expected: tuple[int, int, int]) -> None:
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    encodings = (Encoding(format="jpeg", quality=95), Encoding(format="webp"), Encoding(format="avif"))
    flat, webp, avif = render(encode(image, "PNG"), WHOLE, encodings, Limits(), background).renditions
    assert np.abs(array(open_picture(flat.data))[16, 16] - expected).max() <= 2
    assert array(open_picture(webp.data))[16, 16, 3] == array(open_picture(avif.data))[16, 16, 3] == 0


def test_jpeg_blends_half_transparent_pixels_with_the_background() -> None:
    image = Image.new("RGBA", (32, 32), (200, 0, 0, 128))
    (flat,) = render(
        encode(image, "PNG"), WHOLE, (Encoding(format="jpeg", quality=95),), Limits(), "#0000c8"
    ).renditions
    assert np.abs(array(open_picture(flat.data))[16, 16] - (100, 0, 100)).max() <= 4


def test_an_alpha_channel_without_a_transparent_pixel_is_dropped() -> None:
    image = noise().convert("RGBA")
    assert_same(shown(encode(image, "PNG")), image.convert("RGB"))


def test_an_uncompressed_tiff_of_either_byte_order_has_the_same_pixels() -> None:
    image = noise()
    assert_same(shown(tiff(image, order=">")), shown(tiff(image, order="<")))
