"""Every accepted format: right size, right colours, recognised by content."""

from __future__ import annotations

import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from lambdas.image_processing.domain.renditions import Rendered, render
from tests.support.pictures import (
    EVERY_FORMAT,
    LOSSLESS,
    LOSSY,
    ONE_OF_EACH,
    RED,
    Encoder,
    animation,
    array,
    encode,
    noise,
    open_picture,
    photo,
)

WHOLE = (RenditionSpec(name="whole", width=1000, height=1000),)
SMALL = (RenditionSpec(name="small", width=120, height=120),)
BOTH = (Encoding(format="jpeg"), Encoding(format="webp"))


def rendered(data: bytes) -> Rendered:
    return render(data, SMALL, BOTH, Limits())


@pytest.mark.parametrize(("format_name", "encoder"), LOSSLESS.values(), ids=LOSSLESS)
def test_a_lossless_upload_is_decoded_to_its_own_pixels(format_name: str, encoder: Encoder) -> None:
    image = photo("chelsea")
    picture = pictures.decode(encoder(image), WHOLE, Limits())
    assert (picture.format, picture.size, picture.frames) == (format_name, image.size, 1)
    assert np.array_equal(array(picture.base.rgb()), array(image))


@pytest.mark.parametrize(("format_name", "encoder"), LOSSY.values(), ids=LOSSY)
def test_a_lossy_upload_is_decoded_close_to_the_photo(format_name: str, encoder: Encoder) -> None:
    image = photo("chelsea")
    picture = pictures.decode(encoder(image), WHOLE, Limits())
    assert (picture.format, picture.size, picture.frames) == (format_name, image.size, 1)
    assert np.abs(array(picture.base.rgb()) - array(image)).mean() < 6


@pytest.mark.parametrize(("format_name", "encoder"), EVERY_FORMAT.values(), ids=EVERY_FORMAT)
def test_renditions_look_like_the_photo_scaled_down(format_name: str, encoder: Encoder) -> None:
    image = photo("coffee")
    reference = array(image.resize((120, 80), Image.Resampling.BOX))
    result = rendered(encoder(image))
    assert result.facts.format == format_name
    for each in result.renditions:
        shown = open_picture(each.data)
        assert (shown.format or "").lower() == each.format
        assert shown.size == each.size == (120, 80)
        assert np.abs(array(shown) - reference).mean() < 8


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "TIFF", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame_is_used_and_a_note_says_so(format_name: str) -> None:
    frames = [Image.new("RGB", (40, 30), color) for color in (RED, "black", "white")]
    picture = pictures.decode(animation(format_name, frames), WHOLE, Limits())
    assert picture.frames == 3
    assert np.abs(array(picture.base.rgb()) - RED).max() <= 8
    assert any("first of 3" in note for note in picture.notes)


def test_of_a_heic_with_several_pictures_the_primary_one_is_used() -> None:
    container = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
    for color in ((0, 0, 0), RED, (255, 255, 255)):
        container.add_from_pillow(Image.new("RGB", (64, 64), color))
    stream = io.BytesIO()
    container.save(stream, primary_index=1)
    picture = pictures.decode(stream.getvalue(), WHOLE, Limits())
    assert picture.frames == 3
    assert np.abs(array(picture.base.rgb()) - RED).max() <= 8
    assert picture.notes


def test_a_still_picture_has_no_notes() -> None:
    assert all(not pictures.decode(encoder(noise()), WHOLE, Limits()).notes for encoder in ONE_OF_EACH.values())


def test_a_gif_frame_smaller_than_its_screen_stands_where_it_belongs() -> None:
    data = bytearray(encode(Image.new("RGB", (20, 10), RED), "GIF"))
    data[6:10] = (40).to_bytes(2, "little") + (30).to_bytes(2, "little")
    descriptor = data.index(b"\x2c", 13)
    data[descriptor + 1 : descriptor + 5] = (12).to_bytes(2, "little") + (8).to_bytes(2, "little")
    picture = pictures.decode(bytes(data), WHOLE, Limits())
    assert picture.size == (40, 30)
    assert picture.base.rgb().getpixel((20, 12)) == RED


def test_a_heif_thumbnail_inside_the_file_is_never_shown_instead_of_the_picture() -> None:
    sharp = Image.fromarray(np.tile(np.array([[0, 255], [255, 0]], np.uint8).repeat(8, 0).repeat(8, 1), (16, 32)))
    container = pillow_heif.from_pillow(sharp.convert("RGB"))
    stream = io.BytesIO()
    container.save(stream, quality=90, thumbnails=[256])
    with_thumbnail = pictures.decode(stream.getvalue(), SMALL, Limits())
    without = pictures.decode(encode(sharp.convert("RGB"), "HEIF", quality=90), SMALL, Limits())
    assert np.abs(array(with_thumbnail.base.rgb()) - array(without.base.rgb())).mean() < 1


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
def test_facts_tell_of_the_upload_itself(name: str) -> None:
    image = photo(name)
    data = encode(image, "PNG")
    facts = rendered(data).facts
    assert (facts.width, facts.height, facts.bytes, facts.format) == (*image.size, len(data), "png")
