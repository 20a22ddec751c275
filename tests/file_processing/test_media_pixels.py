"""Pixels of all kinds become what every screen shows: eight bits, progressive, opaque, of standard range."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from PIL import Image

from lambdas.file_processing.contract.limits import MediaLimits
from tests.file_processing.clips import Video, brightness, corners, make, seen, with_corners
from tests.file_processing.transcoding import processed

UPRIGHT = ["red", "green", "yellow", "blue"]
SIZE = (160, 90)
_FEW = (0.0, 0.04, 0.08)


@pytest.mark.parametrize(
    ("codec", "pixel_format"),
    [
        ("ffv1", "yuv420p10le"),
        ("ffv1", "yuv422p"),
        ("ffv1", "bgr0"),
        ("ffv1", "gray"),
        ("mjpeg", "yuvj420p"),
        ("libvpx-vp9", "yuv420p"),
        ("libsvtav1", "yuv420p10le"),
    ],
)
def test_pixels_of_any_format_become_the_usual_one(tmp_path: Path, codec: str, pixel_format: str) -> None:
    path = make(tmp_path / "clip.mkv", Video(size=SIZE, codec=codec, pixel_format=pixel_format, times=_FEW))
    rendition = processed(path).path("video-360p.mp4")
    with av.open(str(rendition)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    frames = seen(rendition).frames
    assert len(frames) == len(_FEW)
    if pixel_format != "gray":
        assert corners(frames[0][1]) == UPRIGHT


def test_what_is_transparent_is_shown_on_black(tmp_path: Path) -> None:
    def half(_: int) -> Image.Image:
        image = Image.new("RGBA", SIZE, (255, 255, 255, 0))
        image.paste((255, 255, 255, 255), (SIZE[0] // 2, 0, *SIZE))
        return image

    path = make(tmp_path / "clip.mkv", Video(size=SIZE, codec="ffv1", pixel_format="yuva420p", still=half, times=_FEW))
    _, image = seen(processed(path).path("video-360p.mp4")).frames[0]
    assert brightness(image.crop((0, 0, 70, 90))) < 8
    assert brightness(image.crop((90, 0, 160, 90))) > 247


def test_interlaced_video_is_woven_into_whole_frames(tmp_path: Path) -> None:
    """Lines of two moments, which a progressive frame would show as a comb."""

    def combed(number: int) -> Image.Image:
        image = Image.new("RGB", SIZE, "black")
        for row in range(SIZE[1]):
            left = (2 * number + row % 2) * 8
            image.paste((255, 255, 255), (left, row, left + 40, row + 1))
        return image

    video = Video(size=SIZE, codec="mpeg2video", still=combed, interlaced=True, times=tuple(n / 25 for n in range(6)))
    made = processed(make(tmp_path / "clip.ts", video))
    assert made.facts["video"]["interlaced"] is True
    frames = seen(made.path("video-360p.mp4")).frames
    assert len(frames) == 6
    _, image = frames[3]
    edge = 2 * 3 * 8 + 3
    lines = [brightness(image.crop((edge, row, edge + 2, row + 1))) for row in range(30, 60)]
    assert max(lines) - min(lines) < 96


def test_high_dynamic_range_is_brought_down_and_not_cut_off(tmp_path: Path) -> None:
    """PQ puts what a usual screen shows into the lower half of its values."""
    steps = (100, 180, 255)

    def stairs(_: int) -> Image.Image:
        image = Image.new("RGB", SIZE, "black")
        for at, level in enumerate(steps):
            image.paste((level,) * 3, (at * 50, 0, at * 50 + 50, 90))
        return image

    bt2020, pq = 9, 16
    video = Video(
        size=SIZE, codec="ffv1", pixel_format="yuv420p10le", still=stairs, times=_FEW, colors=(bt2020, bt2020, pq)
    )
    made = processed(make(tmp_path / "clip.mkv", video), MediaLimits(strip_frames=2))
    assert made.facts["video"]["hdr"] is True
    with av.open(str(made.path("video-360p.mp4"))) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
    _, image = seen(made.path("video-360p.mp4")).frames[0]
    levels = [brightness(image.crop((at * 50 + 5, 5, at * 50 + 45, 85))) for at in range(3)]
    assert levels[0] < 90, "what is dim gets darker, since PQ spends many values on it"
    assert 185 < levels[1] < 235 < levels[2]


def test_stream_that_changes_its_size_midway_is_shown_whole(tmp_path: Path) -> None:
    small, large = Video(size=SIZE, times=_FEW), Video(size=(320, 180), times=tuple(1 + each for each in _FEW))
    parts = [make(tmp_path / f"{video.size[0]}.ts", video).read_bytes() for video in (small, large)]
    path = tmp_path / "clip.ts"
    path.write_bytes(b"".join(parts))
    frames = seen(processed(path).path("video-360p.mp4")).frames
    assert [image.size for _, image in frames] == [SIZE] * 6
    assert corners(frames[-1][1]) == corners(with_corners(SIZE)) == UPRIGHT
