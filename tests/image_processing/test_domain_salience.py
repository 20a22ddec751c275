"""Crops: the subject stays in the picture, wherever it stands."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.renditions import render
from tests.support.pictures import array, encode, noise, open_picture, photo

THUMBNAIL = (RenditionSpec(name="thumbnail", width=96, height=96, mode="cover"),)
SUBJECT = (200, 30, 160)


def thumbnail(image: Image.Image) -> Image.Image:
    encoding = (Encoding(format="webp", quality=90),)
    (made,) = render(encode(image, "PNG"), THUMBNAIL, encoding, Limits()).renditions
    return open_picture(made.data)


def with_subject(size: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    """A blurred grey landscape with one sharp, coloured square of 60 pixels."""
    scene = noise((size[0] // 20, size[1] // 20)).convert("L").point(lambda value: 120 + value // 8)
    image = scene.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(8)).convert("RGB")
    subject = Image.new("RGB", (60, 60), SUBJECT)
    subject.paste((250, 240, 60), (15, 15, 45, 45))
    image.paste(subject, at)
    return image


def subject_pixels(image: Image.Image) -> int:
    """Pixels as saturated as the subject is; the scene is grey."""
    values = array(image)
    return int((values.max(axis=2) - values.min(axis=2) > 90).sum())


@pytest.mark.parametrize("offset", [0.0, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("size", [(900, 300), (300, 900)], ids=["landscape", "portrait"])
def test_a_subject_off_the_centre_is_whole_in_the_thumbnail(size: tuple[int, int], offset: float) -> None:
    along = round(offset * (max(size) - 60))
    at = (along, 120) if size[0] > size[1] else (120, along)
    shown = thumbnail(with_subject(size, at))
    whole = (60 * 96 / 300) ** 2
    assert shown.size == (96, 96)
    assert subject_pixels(shown) > 0.85 * whole


@pytest.mark.parametrize("size", [(900, 300), (300, 900)], ids=["landscape", "portrait"])
def test_a_picture_without_a_subject_is_cropped_at_the_centre(size: tuple[int, int]) -> None:
    width, height = size
    ramp = np.linspace(60, 200, max(size)).astype(np.uint8)
    pixels = np.tile(ramp, (min(size), 1))
    image = Image.fromarray(pixels if width > height else np.ascontiguousarray(pixels.T))
    flat = thumbnail(Image.new("RGB", size, (90, 120, 90)))
    assert np.abs(array(flat) - (90, 120, 90)).max() <= 6
    middle = array(thumbnail(image)).mean()
    assert abs(middle - ramp.mean()) < 6


@pytest.mark.parametrize("size", [(400, 100), (100, 400)], ids=["wide", "tall"])
def test_a_picture_shorter_than_the_box_is_cropped_to_its_subject(size: tuple[int, int]) -> None:
    along = max(size) - 62
    image = with_subject(size, (along, 20) if size[0] > size[1] else (20, along))
    assert subject_pixels(thumbnail(image)) > 0.85 * (60 * 0.96) ** 2


def test_edges_of_the_picture_are_no_subject() -> None:
    """A frame of constant colour at the border, as scans have it, must not drag the crop there."""
    image = with_subject((900, 300), (420, 120))
    image.paste((0, 0, 0), (0, 0, 4, 300))
    assert subject_pixels(thumbnail(image)) > 0.85 * (60 * 96 / 300) ** 2


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
def test_a_thumbnail_of_a_photo_is_a_part_of_it_at_the_right_scale(name: str) -> None:
    image = photo(name)
    shown = thumbnail(image)
    scale = 96 / min(image.size)
    scaled = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    errors = [
        np.abs(array(scaled.crop((x, y, x + 96, y + 96))) - array(shown)).mean()
        for x in range(scaled.width - 95)
        for y in range(scaled.height - 95)
    ]
    assert min(errors) < 6


def test_a_transparent_picture_is_cropped_to_its_subject() -> None:
    image = Image.new("RGBA", (900, 300), (128, 128, 128, 0))
    image.paste(with_subject((60, 60), (0, 0)).convert("RGBA"), (760, 120))
    assert array(thumbnail(image))[:, :, 3].mean() > 0.85 * 255 * (60 / 300) ** 2
