"""Poster and preview strip show what a video is about."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from lambdas.file_processing.contract.limits import MediaLimits, Rendition
from tests.file_processing.clips import RATE, Video, brightness, corners, make, turned, with_corners
from tests.file_processing.transcoding import processed

SIZE = (320, 180)
_UPRIGHT = ["red", "green", "yellow", "blue"]


def _times(seconds: float) -> tuple[float, ...]:
    return tuple(number / RATE for number in range(round(seconds * RATE)))


def _fading_in(number: int) -> Image.Image:
    """Black for half a second, then white for as long, then a picture."""
    if number < RATE:
        return Image.new("RGB", SIZE, "black" if number < RATE // 2 else "white")
    return with_corners(SIZE, number)


def _ever_brighter(number: int) -> Image.Image:
    return Image.new("RGB", SIZE, (number * 5,) * 3)


def test_poster_is_neither_black_nor_white(tmp_path: Path) -> None:
    made = processed(make(tmp_path / "clip.mp4", Video(still=_fading_in, times=_times(2))))
    with Image.open(made.path("poster.jpg")) as poster:
        assert (poster.format, poster.size, corners(poster)) == ("JPEG", SIZE, _UPRIGHT)


def test_poster_of_a_black_video_is_black(tmp_path: Path) -> None:
    black = Video(still=lambda _: Image.new("RGB", SIZE, "black"), times=_times(0.2))
    with Image.open(processed(make(tmp_path / "clip.mp4", black)).path("poster.jpg")) as poster:
        assert brightness(poster) < 8


@pytest.mark.parametrize("seconds", [0.6, 2.0, 7.0], ids=str)
def test_strip_shows_equal_distances_from_beginning_to_end(tmp_path: Path, seconds: float) -> None:
    step = 250 / (seconds * RATE)
    clip = Video(still=lambda number: Image.new("RGB", SIZE, (round(number * step),) * 3), times=_times(seconds))
    made = processed(make(tmp_path / "clip.mp4", clip), MediaLimits(strip_frames=4))
    with Image.open(made.path("strip.jpg")) as strip:
        assert strip.size == (4 * 256, 144)
        shown = [brightness(strip.crop((256 * at, 0, 256 * (at + 1), 144))) for at in range(4)]
    assert shown == pytest.approx([31, 94, 156, 219], abs=32)


def test_strip_of_few_frames_shows_each_once(tmp_path: Path) -> None:
    made = processed(make(tmp_path / "clip.mkv", Video(still=_ever_brighter, times=(0.0, 1.0, 2.0))))
    with Image.open(made.path("strip.jpg")) as strip:
        assert strip.size == (3 * 256, 144)


def test_stills_of_a_phone_video_are_upright(tmp_path: Path) -> None:
    made = processed(turned(make(tmp_path / "clip.mp4", Video(times=_times(0.2))), (0, 1, -1, 0)))
    with Image.open(made.path("poster.jpg")) as poster, Image.open(made.path("strip.jpg")) as strip:
        assert (poster.size, corners(poster)) == ((180, 320), ["blue", "red", "green", "yellow"])
        assert strip.height == 256


def test_poster_has_at_most_720_lines_whatever_the_renditions_have(tmp_path: Path) -> None:
    large = MediaLimits(renditions=(Rendition(name="1080p", height=1080),))
    made = processed(make(tmp_path / "clip.mp4", Video(size=(1920, 1080), times=(0.0, 0.04))), large)
    with Image.open(made.path("poster.jpg")) as poster:
        assert (poster.size, corners(poster)) == ((1280, 720), _UPRIGHT)


@pytest.mark.parametrize("size", [(320, 180), (1280, 720)])
@pytest.mark.parametrize("matrix", [1, 2, 6], ids=["BT.709", "untold", "BT.601"])
def test_colours_of_stills_and_renditions_are_those_of_the_video(
    tmp_path: Path, size: tuple[int, int], matrix: int
) -> None:
    """Where a video does not tell its colours, they are what players take them for: BT.709 in HD, else BT.601."""
    meant = matrix if matrix != 2 else 1 if size[1] > 576 else 6
    clip = Video(size=size, times=(0.0,), matrix=meant, colors=(matrix, 2, 2), aspect=Fraction(1))
    made = processed(make(tmp_path / "clip.mkv", clip))
    with Image.open(made.path("poster.jpg")) as poster:
        pixel = poster.convert("RGB").getpixel((size[0] // 10, size[1] // 10))
    assert pixel == pytest.approx((224, 32, 32), abs=6)
