"""What the catalog knows a picture by: dominant colour, perceptual hash and its bands."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageOps

from lambdas.common.tables.pictures.layout import HASH_BANDS, Facts
from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.fingerprint import hash_bands, hash_distance
from lambdas.image_processing.domain.renditions import render
from tests.support.pictures import ONE_OF_EACH, encode, photo

SPECS = (
    RenditionSpec(name="phone", width=240, height=240),
    RenditionSpec(name="thumbnail", width=128, height=128, mode="cover"),
)
PHOTOS = ["astronaut", "chelsea", "coffee"]
HASHES = st.integers(0, 2**64 - 1)


def facts(data: bytes) -> Facts:
    return render(data, SPECS, (Encoding(format="jpeg"),), Limits()).facts


def perceptual_hash(image: Image.Image) -> str:
    return facts(encode(image, "PNG")).perceptual_hash


def rgb(dominant: str) -> tuple[int, ...]:
    assert dominant.startswith("#")
    return tuple(bytes.fromhex(dominant[1:]))


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(
    "alter",
    [
        lambda image: image.resize((image.width // 2, image.height // 2)),
        lambda image: image.resize((image.width * 2, image.height * 2)),
        lambda image: image.resize((image.width, image.height - 3)),
        lambda image: ImageEnhance.Brightness(image).enhance(1.06),
        lambda image: ImageEnhance.Contrast(image).enhance(0.95),
        lambda image: image.convert("L"),
    ],
    ids=["halved", "doubled", "squeezed", "brightened", "flattened", "grey"],
)
def test_a_near_duplicate_shares_a_band_of_the_hash(name: str, alter: object) -> None:
    assert callable(alter)
    image = photo(name)
    assert hash_distance(perceptual_hash(image), perceptual_hash(alter(image))) < HASH_BANDS


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("format_name", ONE_OF_EACH)
def test_the_hash_does_not_depend_on_the_file_format(name: str, format_name: str) -> None:
    image = photo(name).resize((200, 150))
    stored = facts(ONE_OF_EACH[format_name](image))
    assert hash_distance(stored.perceptual_hash, perceptual_hash(image)) < HASH_BANDS


def test_different_pictures_are_far_apart() -> None:
    pictures = [photo(name) for name in PHOTOS]
    pictures += [ImageOps.mirror(image) for image in pictures] + [ImageOps.flip(image) for image in pictures]
    hashes = [perceptual_hash(image) for image in pictures]
    assert min(hash_distance(one, other) for one, other in itertools.combinations(hashes, 2)) > 12


def test_the_hash_is_of_the_upright_picture() -> None:
    image, exif = photo("coffee"), Image.Exif()
    exif[274] = 6
    turned = encode(image.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif.tobytes())
    assert facts(turned).perceptual_hash == perceptual_hash(image)


@given(HASHES, st.sets(st.integers(0, 63), max_size=HASH_BANDS - 1))
def test_hashes_that_differ_in_fewer_bits_than_bands_share_a_band(number: int, flipped: set[int]) -> None:
    other = number
    for bit in flipped:
        other ^= 1 << bit
    one, two = (hash_bands(f"{each:016x}", HASH_BANDS) for each in (number, other))
    assert "".join(one) == f"{number:016x}"
    assert len(one) == len(two) == HASH_BANDS
    assert any(here == there for here, there in zip(one, two, strict=True))


@given(HASHES, HASHES)
def test_distance_is_the_number_of_different_bits(one: int, other: int) -> None:
    different = sum(a != b for a, b in zip(f"{one:064b}", f"{other:064b}", strict=True))
    assert hash_distance(f"{one:016x}", f"{other:016x}") == different


@pytest.mark.parametrize("color", [(200, 30, 30), (12, 200, 90), (255, 255, 255), (0, 0, 0)], ids=str)
def test_the_dominant_color_is_that_of_most_pixels(color: tuple[int, int, int]) -> None:
    image = Image.new("RGB", (100, 100), color)
    image.paste((90, 90, 200), (0, 0, 100, 30))
    image.paste((220, 200, 20), (0, 80, 40, 100))
    found = rgb(facts(encode(image, "PNG")).dominant_color)
    assert max(abs(a - b) for a, b in zip(found, color, strict=True)) <= 8


def test_transparent_pixels_have_no_say_in_the_dominant_color() -> None:
    image = Image.new("RGBA", (100, 100), (0, 255, 0, 0))
    image.paste((200, 30, 30, 255), (0, 0, 30, 100))
    found = rgb(facts(encode(image, "PNG")).dominant_color)
    assert max(abs(a - b) for a, b in zip(found, (200, 30, 30), strict=True)) <= 8


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)], ids=str)
def test_the_smallest_pictures_have_fingerprints(size: tuple[int, int]) -> None:
    known = facts(encode(Image.new("RGBA", size, (1, 2, 3, 0)), "PNG"))
    assert len(known.perceptual_hash) == 16
    assert len(rgb(known.dominant_color)) == 3
