"""Videos are shown as their makers saw them: the right way up, in the right shape, and never scaled up."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from lambdas.file_processing.contract.limits import MediaLimits, Rendition
from tests.file_processing.clips import Video, corners, make, seen, turned
from tests.file_processing.transcoding import Made, processed

UPRIGHT = ["red", "green", "yellow", "blue"]
_SHORT = tuple(number / 25 for number in range(4))
_SMALL = MediaLimits(renditions=(Rendition(name="small", height=144),))


def _one(made: Made) -> tuple[tuple[int, int], list[str]]:
    """Size and corners of the only rendition."""
    [name] = [name for name in made.names if name.startswith("video-")]
    _, image = seen(made.path(name)).frames[0]
    return image.size, corners(image)


@pytest.mark.parametrize(
    ("matrix", "size", "clockwise", "rotation"),
    [
        pytest.param((1, 0, 0, 1), (320, 180), UPRIGHT, 0, id="as-it-is"),
        pytest.param((0, 1, -1, 0), (180, 320), ["blue", "red", "green", "yellow"], 90, id="quarter"),
        pytest.param((-1, 0, 0, -1), (320, 180), ["yellow", "blue", "red", "green"], 180, id="half"),
        pytest.param((0, -1, 1, 0), (180, 320), ["green", "yellow", "blue", "red"], 270, id="three-quarters"),
        pytest.param((-1, 0, 0, 1), (320, 180), ["green", "red", "blue", "yellow"], 0, id="mirrored"),
        pytest.param((1, 0, 0, -1), (320, 180), ["blue", "yellow", "green", "red"], 180, id="mirrored-half"),
        pytest.param((0, 1, 1, 0), (180, 320), ["red", "blue", "yellow", "green"], 270, id="mirrored-270"),
        pytest.param((0, -1, -1, 0), (180, 320), ["yellow", "green", "red", "blue"], 90, id="mirrored-90"),
    ],
)
def test_phone_video_is_turned_upright(
    tmp_path: Path, matrix: tuple[int, int, int, int], size: tuple[int, int], clockwise: list[str], rotation: int
) -> None:
    made = processed(turned(make(tmp_path / "phone.mp4", Video(times=_SHORT)), matrix))
    assert _one(made) == (size, clockwise)
    assert made.facts["video"]["rotation"] == rotation
    assert (made.facts["video"]["width"], made.facts["video"]["height"]) == size


@pytest.mark.parametrize(("size", "even"), [((321, 181), (320, 180)), ((33, 17), (32, 16)), ((2, 2), (2, 2))])
def test_odd_sizes_lose_a_line_at_most(tmp_path: Path, size: tuple[int, int], even: tuple[int, int]) -> None:
    made = processed(make(tmp_path / "odd.mp4", Video(size=size, pixel_format="yuv444p", times=_SHORT)))
    assert _one(made)[0] == even


def test_odd_video_on_its_side_is_turned_and_even(tmp_path: Path) -> None:
    clip = make(tmp_path / "odd.mp4", Video(size=(321, 181), pixel_format="yuv444p", times=_SHORT))
    assert _one(processed(turned(clip, (0, 1, -1, 0)))) == ((180, 320), ["blue", "red", "green", "yellow"])


@pytest.mark.parametrize(
    ("aspect", "size"), [(Fraction(4, 3), (426, 180)), (Fraction(1, 2), (320, 360)), (Fraction(1_000, 1), (320, 180))]
)
def test_pixels_that_are_not_square_are_made_square(tmp_path: Path, aspect: Fraction, size: tuple[int, int]) -> None:
    made = processed(make(tmp_path / "wide.mp4", Video(aspect=aspect, times=_SHORT)))
    assert _one(made) == (size, UPRIGHT)


@pytest.mark.parametrize(
    ("size", "fit"),
    [
        pytest.param((640, 360), (256, 144), id="16:9"),
        pytest.param((400, 400), (144, 144), id="square"),
        pytest.param((360, 640), (144, 256), id="upright"),
        pytest.param((960, 400), (256, 106), id="cinema"),
        pytest.param((1600, 40), (256, 6), id="banner"),
    ],
)
def test_rendition_fits_a_box_of_its_lines(tmp_path: Path, size: tuple[int, int], fit: tuple[int, int]) -> None:
    made = processed(make(tmp_path / "clip.mp4", Video(size=size, times=_SHORT)), _SMALL)
    assert _one(made)[0] == fit


def test_video_smaller_than_all_renditions_gets_one_of_its_own_size(tmp_path: Path) -> None:
    made = processed(make(tmp_path / "small.mp4", Video(times=_SHORT)))
    assert {name for name in made.names if name.startswith("video-")} == {"video-360p.mp4"}
    assert made.facts["renditions"] == [{"name": "360p", "width": 320, "height": 180}]


def test_video_between_renditions_gets_the_smaller_one_and_its_own_size(tmp_path: Path) -> None:
    made = processed(make(tmp_path / "medium.mp4", Video(size=(854, 480), times=_SHORT)))
    sizes = {name: seen(made.path(name)).frames[0][1].size for name in ("video-360p.mp4", "video-720p.mp4")}
    assert sizes == {"video-360p.mp4": (640, 360), "video-720p.mp4": (854, 480)}
