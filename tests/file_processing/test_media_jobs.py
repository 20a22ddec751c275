"""What takes a function too long becomes a job, with stills and facts made already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.processing import Job
from tests.file_processing.clips import RATE, Audio, Video, brightness, corners, lying, make, turned
from tests.file_processing.transcoding import processed

ONE_SECOND = MediaLimits(max_function_seconds=1, strip_frames=4)
"""Of 1080p at 30 frames a second."""
_SIXTEEN = Video(
    size=(640, 360), times=tuple(number / RATE for number in range(400)), options=(("preset", "ultrafast"), ("g", "25"))
)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of a phone of more work than a second of the usual kind."""
    path = tmp_path_factory.mktemp("media") / "long.mp4"
    return turned(make(path, _SIXTEEN, Audio(seconds=16)), (0, 1, -1, 0))


def test_long_video_becomes_a_job(long_clip: Path) -> None:
    made = processed(long_clip, ONE_SECOND)
    job = made.processed.job
    assert job is not None
    assert job.seconds == pytest.approx(16, abs=0.05)
    assert replace(job, seconds=16) == Job(
        heights={"360p": 360}, seconds=16, width=360, height=640, rotation=90, has_video=True, has_audio=True
    )
    assert made.names == {each.name for each in made.directory.iterdir()} == {"poster.jpg", "strip.jpg"}
    assert made.facts["renditions"] == [{"name": "360p", "width": 360, "height": 640}]


def test_stills_of_a_long_video_are_upright(long_clip: Path) -> None:
    with Image.open(processed(long_clip, ONE_SECOND).path("poster.jpg")) as poster:
        assert (poster.size, corners(poster)) == ((360, 640), ["blue", "red", "green", "yellow"])


def test_strip_of_a_long_video_shows_all_of_it(tmp_path: Path) -> None:
    def brighter(number: int) -> Image.Image:
        return Image.new("RGB", (640, 360), (number * 250 // 400,) * 3)

    clip = Video(size=(640, 360), still=brighter, times=_SIXTEEN.times, options=_SIXTEEN.options)
    made = processed(make(tmp_path / "clip.mp4", clip), ONE_SECOND)
    with Image.open(made.path("strip.jpg")) as strip:
        shown = [brightness(strip.crop((256 * at, 0, 256 * (at + 1), 144))) for at in range(4)]
    assert shown == pytest.approx([31, 94, 156, 219], abs=20)


def test_what_lasts_as_long_but_is_small_is_transcoded_by_the_function(tmp_path: Path) -> None:
    made = processed(make(tmp_path / "clip.mp4", Video(size=(64, 36), times=_SIXTEEN.times)), ONE_SECOND)
    assert made.processed.job is None


def test_video_that_is_longer_than_it_says_becomes_a_job_when_that_shows(tmp_path: Path) -> None:
    made = processed(lying(make(tmp_path / "clip.mkv", _SIXTEEN)), ONE_SECOND)
    assert made.processed.job is not None
    assert made.names == {"poster.jpg", "strip.jpg"}


def test_sound_is_never_left_to_a_job(tmp_path: Path) -> None:
    made = processed(make(tmp_path / "clip.flac", audio=Audio(codec="flac", seconds=10)), ONE_SECOND)
    assert made.processed.job is None
