"""The picture of a sound: how loud it is, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from lambdas.file_processing.domain.media.geometry import Size
from lambdas.file_processing.domain.media.sound import SoundGraph
from lambdas.file_processing.domain.media.stills import encoded

SIZE: Final = Size(1280, 160)
_RATE: Final = 8_000
"""Samples a second that are looked at."""
_CHUNK: Final = 400
"""Samples that become one peak: a twentieth of a second."""
_FULL: Final = 32_768
_INK, _PAPER = b"\x30", b"\xff"


class Waveform:
    """Peaks of a sound, as it comes."""

    def __init__(self) -> None:
        self._graph = SoundGraph("s16", _RATE, "mono", _CHUNK)
        self._peaks: list[int] = []

    def add(self, frame: AudioFrame) -> None:
        """Takes a decoded frame."""
        self._peaks.extend(map(_peak, self._graph.convert(frame)))

    def write(self, path: Path) -> None:
        """Writes the picture as PNG."""
        self._peaks.extend(map(_peak, self._graph.flush()))
        path.write_bytes(_png(_columns(self._peaks)))


def _peak(frame: AudioFrame) -> int:
    samples = memoryview(bytes(frame.planes[0])[: 2 * frame.samples]).cast("h")
    low, high = min(samples), max(samples)
    return max(-low, high)


def _columns(peaks: Sequence[int]) -> list[int]:
    """Half the height of each column of the picture, in pixels; at least one."""
    middle = SIZE.height // 2
    edges = [at * len(peaks) // SIZE.width for at in range(SIZE.width + 1)]
    shares = (peaks[start : max(end, start + 1)] for start, end in pairwise(edges))
    return [max(1, max(share, default=0) * middle // _FULL) for share in shares]


def _png(columns: Sequence[int]) -> bytes:
    middle = SIZE.height // 2
    frame = VideoFrame(SIZE.width, SIZE.height, "gray")
    plane = frame.planes[0]
    rows = []
    for row in range(SIZE.height):
        away = middle - row if row < middle else row - middle + 1
        line = b"".join(_INK if away <= half else _PAPER for half in columns)
        rows.append(line.ljust(plane.line_size, _PAPER))
    plane.update(b"".join(rows))
    return encoded(frame, "png", {})
