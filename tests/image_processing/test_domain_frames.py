"""Counting frames: as many as Pillow finds in good files, and quickly up to the limit in hostile ones."""

from __future__ import annotations

import io
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lambdas.common.tables.pictures.layout import ReasonCode
from lambdas.image_processing.contract import Limits, RenditionSpec
from lambdas.image_processing.domain import frames, pictures
from lambdas.image_processing.domain.rejection import Rejected
from tests.support.pictures import animation, encode, gif, noise, png, png_chunk, tiff

SPECS = (RenditionSpec(name="any", width=50, height=50),)
IMAGES = st.builds(
    lambda width, height, seed, mode: noise((width, height), seed).convert(mode),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 99),
    st.sampled_from(["RGB", "L", "1", "P"]),
)


def counted_by_pillow(data: bytes) -> int:
    with Image.open(io.BytesIO(data)) as image:
        return int(getattr(image, "n_frames", 1))


def tiff_of_directories(next_directories: list[int]) -> bytes:
    """Empty directories of 6 bytes from offset 8; each names the offset of the next one."""
    return b"II*\x00" + struct.pack("<I", 8) + b"".join(struct.pack("<HI", 0, at) for at in next_directories)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(IMAGES, min_size=1, max_size=6))
def test_gif_frames_are_counted_as_pillow_counts_them(images: list[Image.Image]) -> None:
    data = animation("GIF", images)
    assert frames.count_gif(data, 1000) == counted_by_pillow(data)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(IMAGES, min_size=1, max_size=6), st.sampled_from([None, "tiff_lzw", "tiff_adobe_deflate"]))
def test_tiff_pages_are_counted_as_pillow_counts_them(images: list[Image.Image], compression: str | None) -> None:
    first, *others = images
    data = encode(first, "TIFF", save_all=True, append_images=others, compression=compression)
    assert frames.count_tiff(data, 1000) == counted_by_pillow(data) == len(images)


def test_pages_of_a_big_endian_tiff_are_counted() -> None:
    assert frames.count_tiff(tiff(noise(), order=">"), 10) == 1


def test_comments_and_color_tables_of_a_gif_are_no_frames() -> None:
    images = [noise(seed=seed) for seed in range(3)]
    data = encode(images[0], "GIF", save_all=True, append_images=images[1:], comment=b",,;!" * 200)
    assert frames.count_gif(data, 1000) == counted_by_pillow(data) == 3


@pytest.mark.parametrize("count", [10, 11, 12])
def test_counting_stops_just_above_the_limit(count: int) -> None:
    assert frames.count_gif(gif((2, 2), count=count), 10) == min(count, 11)
    chain = tiff_of_directories([8 + 6 * (page + 1) for page in range(count - 1)] + [0])
    assert frames.count_tiff(chain, 10) == min(count, 11)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (tiff_of_directories([8]), 1),
        (tiff_of_directories([14, 20, 8]), 3),
        (tiff_of_directories([14, 4_000_000_000]), 2),
        (b"II*\x00" + struct.pack("<I", 8) + b"\xff\xff", 1),
        (b"II*\x00\x08", 0),
    ],
    ids=["loop-to-itself", "loop-of-three", "chain-out-of-the-file", "cut-in-a-directory", "cut-in-the-header"],
)
def test_a_broken_chain_of_tiff_directories_ends(data: bytes, expected: int) -> None:
    assert frames.count_tiff(data, 1000) == expected


@given(st.binary(max_size=300), st.sampled_from([b"GIF89a", b"II*\x00", b"MM\x00*"]))
def test_counting_survives_any_bytes(garbage: bytes, magic: bytes) -> None:
    assert 0 <= frames.count_gif(magic + garbage, 20) <= 21
    assert 0 <= frames.count_tiff(magic + garbage, 20) <= 21


def test_files_with_too_many_frames_are_refused_at_once() -> None:
    pages = tiff_of_directories([8 + 6 * (page + 1) for page in range(1_000_000)])
    started = time.process_time()
    assert frames.count_tiff(pages, 1000) == 1001
    claim = png_chunk(b"acTL", struct.pack(">II", 2_000_000_000, 0))
    for data in (gif((2, 2), count=600_000), png((1, 1), bytes(4), extra=claim)):
        with pytest.raises(Rejected) as refusal:
            pictures.decode(data, SPECS, Limits())
        assert refusal.value.code == ReasonCode.TOO_MANY_FRAMES
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("format_name", ["GIF", "TIFF", "WEBP", "PNG", "AVIF"])
def test_the_frame_limit_is_inclusive(format_name: str) -> None:
    data = animation(format_name, [noise(seed=seed) for seed in range(4)])
    assert pictures.decode(data, SPECS, Limits(max_frames=4)).frames == 4
    with pytest.raises(Rejected) as refusal:
        pictures.decode(data, SPECS, Limits(max_frames=3))
    assert refusal.value.code == ReasonCode.TOO_MANY_FRAMES
