"""Small files that unfold into huge ones are refused by their header, before a pixel is decoded."""

from __future__ import annotations

import struct
import time

import pytest
from PIL import Image

from lambdas.common.tables.pictures.layout import ReasonCode
from lambdas.image_processing.contract import Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from lambdas.image_processing.domain.rejection import Rejected
from tests.support.pictures import encode, gif, noise, photo, png, tiff

SPECS = (
    RenditionSpec(name="desktop", width=1920, height=1920),
    RenditionSpec(name="thumbnail", width=256, height=256, mode="cover"),
)


def refused(data: bytes, limits: Limits | None = None) -> ReasonCode:
    """The code, at once: decoding what these files claim would take seconds and gigabytes."""
    started = time.process_time()
    with pytest.raises(Rejected) as refusal:
        pictures.decode(data, SPECS, limits or Limits())
    assert time.process_time() - started < 0.5
    return refusal.value.code


def claiming(data: bytes, at: int, packed: bytes) -> bytes:
    return data[:at] + packed + data[at + len(packed) :]


def bmp(width: int, height: int) -> bytes:
    return claiming(encode(noise(), "BMP"), 18, struct.pack("<ii", width, height))


def webp(width: int, height: int) -> bytes:
    data = encode(noise(), "WEBP", lossless=True)
    at = data.index(b"VP8L") + 9  # behind size and signature: 14 bits each, less one
    flags = struct.unpack_from("<I", data, at)[0] >> 28 << 28
    return claiming(data, at, struct.pack("<I", width - 1 | height - 1 << 14 | flags))


def iso(format_name: str, width: int, height: int) -> bytes:
    data = encode(noise((64, 64)), format_name)
    return data.replace(
        b"ispe" + bytes(4) + struct.pack(">II", 64, 64), b"ispe" + bytes(4) + struct.pack(">II", width, height)
    )


def jpeg(width: int, height: int) -> bytes:
    data = encode(noise(), "JPEG")
    return claiming(data, data.index(b"\xff\xc0") + 5, struct.pack(">HH", height, width))


HUGE = {
    "png": png((20_000, 20_000), b"\x00" * 100),
    "png-of-the-largest-size": png((2**31 - 1, 2**31 - 1), b"\x00" * 100),
    "jpeg": jpeg(60_000, 60_000),
    "gif-screen": gif((60_000, 60_000)),
    "gif-frame-larger-than-its-screen": gif((1, 1), frame=(60_000, 60_000)),
    "gif-a-little-over": gif((10_000, 9_000)),
    "tiff": tiff(noise(), tags={256: (40_000,), 257: (40_000,), 278: (40_000,)}),
    "bmp": bmp(30_000, 30_000),
    "bmp-upside-down": bmp(30_000, -30_000),
    "webp": webp(16_000, 16_000),
    "webp-a-little-over": webp(9_000, 9_000),
    "avif": iso("AVIF", 16_000, 16_000),
    "heic": iso("HEIF", 16_000, 16_000),
}


@pytest.mark.parametrize("data", HUGE.values(), ids=HUGE)
def test_a_header_that_claims_too_many_pixels(data: bytes) -> None:
    assert refused(data) is ReasonCode.TOO_MANY_PIXELS


def test_a_whole_png_of_400_megapixels_in_50_kilobytes() -> None:
    data = png((20_000, 20_000), bytes(2501) * 20_000, color_type=0, depth=1)
    assert len(data) < 100_000
    assert refused(data) is ReasonCode.TOO_MANY_PIXELS


@pytest.mark.parametrize("size", [(40_000_000, 1), (1, 40_000_000)], ids=["wide", "tall"])
def test_a_line_of_millions_of_pixels(size: tuple[int, int]) -> None:
    """Within the limit of pixels, but resampling it needs tables of gigabytes."""
    rows = bytes((1 + size[0]) * size[1])
    assert refused(png(size, rows, color_type=0)) is ReasonCode.TOO_MANY_PIXELS


@pytest.mark.parametrize("size", [(65_535, 3), (3, 65_535)], ids=["wide", "tall"])
def test_a_line_as_long_as_a_jpeg_can_be_is_shown(size: tuple[int, int]) -> None:
    data = encode(Image.new("L", size), "PNG")
    assert pictures.decode(data, SPECS, Limits()).size == size


def test_a_tiff_whose_tile_is_far_larger_than_the_picture() -> None:
    tags: dict[int, tuple[int, ...]] = {322: (16_000,), 323: (16_000,), 324: (8,), 325: (1000,)}
    assert refused(tiff(noise(), tags=tags)) is ReasonCode.TOO_MANY_PIXELS


def test_a_tiff_with_tiles_of_the_usual_size_is_shown() -> None:
    pixels = bytes([9, 80, 200]) * 256 * 256
    tags: dict[int, tuple[int, ...]] = {322: (256,), 323: (256,), 324: (8,), 325: (len(pixels),)}
    data = tiff(Image.new("RGB", (200, 100)), pixels=pixels, tags=tags)
    assert pictures.decode(data, SPECS, Limits()).base.rgb().getpixel((150, 50)) == (9, 80, 200)


def test_a_jpeg_whose_scans_repeat_without_end() -> None:
    """Each costs a pass over the whole picture: 0.1 MB would keep the decoder busy for minutes."""
    data = encode(Image.new("RGB", (4000, 3000), "teal"), "JPEG", progressive=True)
    last_scan = data[data.rindex(b"\xff\xda") : -2]
    assert refused(data[:-2] + last_scan * 1000 + b"\xff\xd9") is ReasonCode.MALFORMED


def test_scans_outside_of_a_jpegs_own_data_do_not_count() -> None:
    data = encode(photo("coffee"), "JPEG", progressive=True, comment=b"\xff\xda" * 500)
    motion_photo = data + b"\x00\x02" + b"\xff\xda\x00\x02" * 500
    assert pictures.decode(motion_photo, SPECS, Limits()).size == (600, 400)


def test_a_directory_whose_entries_all_name_the_same_megabytes() -> None:
    megabytes = bytes(4_000_000)
    entries = b"".join(struct.pack("<HHII", tag, 1, len(megabytes), 8) for tag in range(40_000, 60_000))
    start = struct.pack("<I", 8 + len(megabytes))
    block = b"Exif\x00\x00II*\x00" + start + megabytes + struct.pack("<H", 20_000) + entries + bytes(4)
    picture = pictures.decode(encode(noise(), "WEBP", exif=block), SPECS, Limits())
    assert 1 <= len(picture.notes) <= 10
    assert all(note.startswith("decoder: ") for note in picture.notes)


@pytest.mark.parametrize(
    ("size", "taken"), [((100, 50), True), ((101, 50), False), ((50, 100), True), ((1, 5001), False)]
)
def test_the_pixel_limit_is_inclusive(size: tuple[int, int], taken: bool) -> None:  # noqa: FBT001
    data, limits = encode(Image.new("RGB", size), "PNG"), Limits(max_pixels=5000)
    if taken:
        assert pictures.decode(data, SPECS, limits).size == size
    else:
        assert refused(data, limits) is ReasonCode.TOO_MANY_PIXELS


def test_the_byte_limit_is_inclusive_and_comes_before_the_format() -> None:
    data = encode(noise(), "PNG")
    assert pictures.decode(data, SPECS, Limits(max_bytes=len(data))).size == noise().size
    assert refused(data, Limits(max_bytes=len(data) - 1)) is ReasonCode.TOO_MANY_BYTES
    assert refused(b"no picture", Limits(max_bytes=5)) is ReasonCode.TOO_MANY_BYTES
