"""Still pictures of a video: the poster, and the strip of frames side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from av.filter import Graph
from av.video.frame import VideoFrame

from lambdas.file_processing.domain.media.geometry import Size, fitted
from lambdas.file_processing.domain.media.stills import encoded

POSTER_LINES: Final = 720
STRIP_LINES: Final = 144
"""Of each frame in the strip."""
_FIRST_STEP: Final = 1 / 15
"""Seconds between the frames that are kept of a short video."""
_GOOD_ENOUGH: Final = 0.6
"""Of the best contrast: the first such frame is the poster, since what comes late gives away the end."""
_QUALITY: Final = "3"
"""MJPEG's quantiser, from 2 (best) to 31."""


class Samples:
    """Frames at equal distances, of a video of which nobody knows how long it will be."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._kept: list[tuple[float, VideoFrame]] = []
        self._step = _FIRST_STEP
        self._next = 0.0

    def offer(self, seconds: float, frame: VideoFrame) -> None:
        """Keeps the frame, or not; there are never more than twice as many as wanted."""
        if seconds < self._next:
            return
        self._kept.append((seconds, frame))
        if len(self._kept) >= 2 * self._wanted:
            self._kept = self._kept[::2]
            self._step *= 2
        self._next = self._kept[-1][0] + self._step

    def spread(self) -> list[VideoFrame]:
        """As many as wanted, or all if there are fewer."""
        number = min(self._wanted, len(self._kept))
        return [self._kept[(2 * at + 1) * len(self._kept) // (2 * number)][1] for at in range(number)]


def poster(frames: Sequence[VideoFrame]) -> VideoFrame:
    """The first frame that shows much: neither black, nor white, nor fading in."""
    contrasts = [_contrast(frame) for frame in frames]
    return next(
        frame for frame, contrast in zip(frames, contrasts, strict=True) if contrast >= _GOOD_ENOUGH * max(contrasts)
    )


def write_poster(path: Path, frames: Sequence[VideoFrame]) -> Size:
    """Writes the poster as JPEG; returns its size."""
    frame = poster(frames)
    size = fitted(Size(frame.width, frame.height), POSTER_LINES)
    path.write_bytes(_jpeg([frame], size))
    return size


def write_strip(path: Path, frames: Sequence[VideoFrame]) -> Size:
    """Writes the frames side by side as JPEG; returns the size of one."""
    size = fitted(Size(frames[0].width, frames[0].height), STRIP_LINES)
    path.write_bytes(_jpeg(frames, size))
    return size


def _contrast(frame: VideoFrame) -> int:
    """Between the 5th and the 95th percentile of its luma."""
    small = frame.reformat(width=64, height=64, format="gray")
    luma = sorted(bytes(small.planes[0]))
    return luma[len(luma) * 95 // 100] - luma[len(luma) * 5 // 100]


def _jpeg(frames: Sequence[VideoFrame], size: Size) -> bytes:
    """Frames of limited range side by side, in the colours that JPEG has: of full range, by BT.601."""
    first = frames[0]
    graph = Graph()
    source = graph.add(
        "buffer",
        None,
        video_size=f"{first.width}x{first.height}",
        pix_fmt=first.format.name,
        time_base="1/25",
        colorspace=str(first.colorspace),
        range=str(first.color_range),
    )
    area = "area" if size.width < first.width else "bicubic"
    graph.link_nodes(
        source,
        graph.add(
            "scale",
            None,
            w=str(size.width),
            h=str(size.height),
            flags=area,
            out_range="pc",
            out_color_matrix="bt601",
        ),
        graph.add("format", None, pix_fmts="yuvj420p"),
        graph.add("tile", None, layout=f"{len(frames)}x1"),
        sink := graph.add("buffersink"),
    )
    graph.configure()
    for frame in frames:
        source.push(frame)
    source.push(None)
    return encoded(cast(VideoFrame, sink.pull()), "mjpeg", {"qmin": _QUALITY, "qmax": _QUALITY})
