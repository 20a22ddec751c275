"""Renditions keep the times of their source: every frame, the sound in step with it, and the length."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.file_processing.clips import RATE, SAMPLE_RATE, Audio, Seen, Video, make, seen
from tests.file_processing.transcoding import Made, processed

FRAME = 1 / RATE
MILLISECOND = 0.001
EVENT = 0.6
"""Seconds at which the flash and the beep are."""


def _flash(number: int) -> Image.Image:
    return Image.new("RGB", (160, 90), "white" if number == round(EVENT * RATE) else "black")


def _beep(seconds: float) -> float:
    return 0.8 if EVENT <= seconds < EVENT + 0.1 else 0.0


def _video(times: tuple[float, ...] | None = None) -> Video:
    return Video(size=(160, 90), still=_flash, times=times or tuple(number / RATE for number in range(25)))


def _rendition(path: Path) -> Seen:
    return seen(processed(path).path("video-360p.mp4"))


def test_flash_and_beep_come_together_and_when_they_did(tmp_path: Path) -> None:
    shown = _rendition(make(tmp_path / "clip.mp4", _video(), Audio(volume=_beep)))
    assert shown.first_flash() == pytest.approx(EVENT, abs=MILLISECOND)
    assert shown.first_beep() == pytest.approx(EVENT, abs=FRAME / 2)


def test_sound_that_begins_late_stays_in_step(tmp_path: Path) -> None:
    shown = _rendition(make(tmp_path / "clip.mkv", _video(), Audio(seconds=0.6, volume=_beep, begins=0.4)))
    assert shown.first_beep() == pytest.approx(EVENT, abs=FRAME / 2)


def test_sound_with_a_gap_is_silent_there_and_stays_in_step(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mkv", _video(), Audio(volume=_beep, codec="pcm_s16le"))
    gap = tmp_path / "gap.mkv"
    with av.open(str(whole)) as source, av.open(str(gap), "w") as target:
        streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            milliseconds = packet.pts or 0  # Matroska's clock
            if packet.dts is not None and not (packet.stream.type == "audio" and 100 < milliseconds < 400):
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    shown = _rendition(gap)
    assert shown.first_beep() == pytest.approx(EVENT, abs=FRAME / 2)
    assert len(shown.samples) / SAMPLE_RATE == pytest.approx(1.0, abs=FRAME)


def test_picture_that_begins_late_stays_in_step(tmp_path: Path) -> None:
    times = tuple(number / RATE for number in range(10, 25))
    late = Video(size=(160, 90), still=lambda number: _flash(number + 10), times=times)
    shown = _rendition(make(tmp_path / "clip.mkv", late, Audio(volume=_beep)))
    assert shown.first_flash() == pytest.approx(EVENT, abs=MILLISECOND)
    assert shown.first_beep() == pytest.approx(EVENT, abs=FRAME / 2)


@pytest.mark.parametrize("start", [5.0, 95_000.0])
def test_clock_that_does_not_start_at_zero_is_set_to_zero(tmp_path: Path, start: float) -> None:
    times = tuple(start + number / RATE for number in range(25))
    clip = make(tmp_path / "clip.mkv", _video(times), Audio(volume=lambda t: _beep(t - start), begins=start))
    shown = _rendition(clip)
    assert shown.times[0] == pytest.approx(0, abs=MILLISECOND)
    assert shown.first_beep() == pytest.approx(shown.first_flash(), abs=FRAME / 2)


def test_uneven_frames_keep_their_times(tmp_path: Path) -> None:
    times = (0.0, 0.04, 0.05, 0.3, 0.333, 0.9, 0.93)
    shown = _rendition(make(tmp_path / "clip.mkv", _video(times)))
    assert shown.times == pytest.approx(times, abs=MILLISECOND)


def test_frames_of_the_same_time_become_one(tmp_path: Path) -> None:
    clip = make(tmp_path / "clip.mkv", Video(size=(160, 90), codec="ffv1", times=(0.0, 0.04, 0.04, 0.08)))
    assert _rendition(clip).times == pytest.approx((0.0, 0.04, 0.08), abs=MILLISECOND)


def test_video_without_timestamps_of_its_own_gets_those_of_its_packets(tmp_path: Path) -> None:
    """AVI has none for frames that are shown in another order than they are stored in."""
    reordered = (("x264-params", "bframes=2:b-adapt=0:b-pyramid=none"),)
    shown = _rendition(make(tmp_path / "clip.avi", Video(size=(160, 90), options=reordered)))
    assert len(shown.times) == 25
    assert shown.times == sorted(shown.times)
    assert shown.times[-1] - shown.times[0] == pytest.approx(24 * FRAME, abs=2 * FRAME)


def test_video_without_any_timestamps_runs_at_its_rate(tmp_path: Path) -> None:
    shown = _rendition(make(tmp_path / "clip.m2v", Video(size=(160, 90), codec="mpeg2video")))
    assert shown.times == pytest.approx([number / RATE for number in range(25)], abs=2 * FRAME)
    assert len(shown.times) == 25


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Five seconds at a rate that is no whole number."""
    times = tuple(float(number * Fraction(1001, 30_000)) for number in range(150))
    clip = Video(size=(640, 720), times=times)
    return processed(make(tmp_path_factory.mktemp("media") / "long.mp4", clip, Audio(seconds=5.005)))


def test_rendition_is_as_long_as_its_source(long_clip: Made) -> None:
    for name in ("video-360p.mp4", "video-720p.mp4"):
        with av.open(str(long_clip.path(name))) as container:
            lengths = [float((stream.duration or 0) * (stream.time_base or 0)) for stream in container.streams]
        assert lengths == pytest.approx([5.005, 5.005], abs=1 / 30)


def test_key_frames_are_two_seconds_apart_and_the_same_in_all_renditions(long_clip: Made) -> None:
    keys = [seen(long_clip.path(name)).keys for name in ("video-360p.mp4", "video-720p.mp4")]
    assert keys[0] == keys[1]
    assert keys[0] == pytest.approx([0, 2, 4], abs=1 / 30)


def test_players_need_not_go_back_and_forth_between_picture_and_sound(long_clip: Made) -> None:
    with av.open(str(long_clip.path("video-360p.mp4"))) as container:
        order = [(packet.pos or 0, packet.stream.type) for packet in container.demux() if packet.size]
    runs = [list(run) for _, run in itertools.groupby(sorted(order), key=lambda each: each[1])]
    assert max(len(run) for run in runs) < RATE
