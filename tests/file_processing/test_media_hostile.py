"""What is damaged is used as far as it goes, what is no media is rejected, and nothing gets beyond the limits."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.processing import Rejected
from tests.file_processing.clips import Audio, Video, boxes, lying, make, seen
from tests.file_processing.transcoding import processed

_FEW = (0.0, 0.04, 0.08)
_SMALL = Video(size=(160, 90), times=_FEW)
_TWO_SECONDS = Video(times=tuple(number / 25 for number in range(50)))


def _verdict(path: Path, media: MediaLimits | None = None) -> Rejected:
    with pytest.raises(Rejected) as rejected:
        processed(path, media)
    assert rejected.value.message
    return rejected.value


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\0\0isommp42", id="a-header-alone"),
        pytest.param(b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n", id="a-session"),
    ],
)
def test_what_is_no_media_is_rejected(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    assert _verdict(path).code == "unreadable_media"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.ts\n#EXT-X-ENDLIST\n", id="playlist"),
        pytest.param("ffconcat version 1.0\nfile other.ts\n", id="list"),
    ],
)
def test_files_that_others_refer_to_are_not_read(tmp_path: Path, content: str) -> None:
    make(tmp_path / "other.ts", _SMALL)
    path = tmp_path / "clip.m3u8"
    path.write_text(content)
    assert _verdict(path).code == "unreadable_media"


def test_video_whose_index_is_cut_off_is_rejected(tmp_path: Path) -> None:
    path = make(tmp_path / "clip.mp4", _TWO_SECONDS)
    assert boxes(path)[-1] == "moov"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert _verdict(path).code == "unreadable_media"


def test_video_whose_end_is_cut_off_is_shown_until_there_and_the_facts_say_so(tmp_path: Path) -> None:
    path = make(tmp_path / "clip.mp4", _TWO_SECONDS, Audio(seconds=2), movflags="faststart")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    made = processed(path)
    shown = seen(made.path("video-360p.mp4")).times[-1]
    assert 0.5 < shown < 1.8
    [note, *_] = made.facts["notes"]
    assert note.startswith("ends after ")
    assert note.endswith(" of 2.0 seconds: the file is cut off or damaged")


def test_damaged_middle_is_left_out_and_the_rest_is_shown(tmp_path: Path) -> None:
    video = Video(size=(160, 90), codec="mpeg2video", times=tuple(number / 25 for number in range(25)))
    path = make(tmp_path / "clip.ts", video)
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + 2_000] = b"\xff" * 2_000
    path.write_bytes(data)
    times = seen(processed(path).path("video-360p.mp4")).times
    assert 15 < len(times) < 26
    assert times[-1] == pytest.approx(0.96, abs=0.001)


def test_frame_of_too_many_pixels_is_rejected_before_it_is_decoded(tmp_path: Path) -> None:
    verdict = _verdict(make(tmp_path / "clip.mp4", _SMALL), MediaLimits(max_pixels=160 * 90 - 1))
    assert verdict.code == "too_many_pixels"
    assert "160x90" in verdict.message


def test_frames_that_grow_beyond_the_limit_midway_are_left_out(tmp_path: Path) -> None:
    large = Video(size=(320, 180), codec="mjpeg", pixel_format="yuvj420p", times=tuple(1 + each for each in _FEW))
    small = Video(size=(160, 90), codec="mjpeg", pixel_format="yuvj420p", times=_FEW)
    parts = [make(tmp_path / f"{number}.mkv", video) for number, video in enumerate((small, large))]
    made = processed(_joined(tmp_path / "clip.mkv", parts), MediaLimits(max_pixels=20_000))
    assert len(seen(made.path("video-360p.mp4")).frames) == len(_FEW)
    assert "3 damaged packets were left out" in made.facts["notes"]


def test_file_that_says_it_lasts_too_long_is_rejected(tmp_path: Path) -> None:
    verdict = _verdict(make(tmp_path / "clip.mp4", _TWO_SECONDS), MediaLimits(max_seconds=1))
    assert verdict.code == "too_long"


def test_file_that_lasts_longer_than_it_says_is_rejected_when_that_shows(tmp_path: Path) -> None:
    path = lying(make(tmp_path / "clip.mkv", _TWO_SECONDS))
    assert _verdict(path, MediaLimits(max_seconds=1)).code == "too_long"


def test_leap_in_time_does_not_become_hours_of_silence(tmp_path: Path) -> None:
    leap = Audio(codec="pcm_s16le", seconds=0.2, begins=50_000)
    sounds = (Audio(codec="pcm_s16le"), leap)
    parts = [make(tmp_path / f"{number}.mkv", audio=audio) for number, audio in enumerate(sounds)]
    path = lying(_joined(tmp_path / "clip.mkv", parts))
    assert _verdict(path).code == "too_long"


def test_streams_beyond_those_that_anybody_needs_are_not_seen(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        for stream in [container.add_stream("pcm_s16le", rate=8_000) for _ in range(70)]:
            frame = av.AudioFrame(format="s16", layout="stereo", samples=80)
            frame.sample_rate, frame.pts = 8_000, 0
            frame.planes[0].update(bytes(frame.planes[0].buffer_size))
            container.mux(stream.encode(frame))
    assert len(processed(path).facts["streams"]) == 64


def _joined(path: Path, parts: list[Path]) -> Path:
    """The packets of all parts in the first one's stream."""
    with av.open(str(path), "w") as target:
        stream = None
        for part in parts:
            with av.open(str(part)) as source:
                stream = stream or target.add_stream_from_template(source.streams[0])
                for packet in source.demux():
                    if packet.dts is not None:
                        packet.stream = stream
                        target.mux(packet)
    return path
