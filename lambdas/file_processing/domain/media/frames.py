"""From decoded frames to those of renditions: upright, 8-bit, in square pixels, of the sizes that are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, cast

import av
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

from lambdas.file_processing.domain.media.geometry import Size
from lambdas.file_processing.domain.media.source import UNSPECIFIED, Picture

Step = tuple[str, dict[str, str]]
"""A filter of FFmpeg and its options."""

_FROM_RGB: Final = {"out_color_matrix": "bt709"}
_TO_SDR: Final = {**_FROM_RGB, "out_primaries": "bt709", "out_transfer": "bt709", "intent": "perceptual"}
"""Tones that a usual screen cannot show are brought closer together, instead of being cut off."""


class Shaper:
    """Frames of one source in several sizes at once.

    A stream may change its size or pixels midway, so the filters are made anew whenever a frame differs.
    """

    def __init__(self, picture: Picture, sizes: Sequence[Size], threads: int) -> None:
        self._picture = picture
        self._sizes = sizes
        self._threads = threads
        self._key: tuple[object, ...] | None = None
        self._source: FilterContext | None = None
        self._sinks: tuple[FilterContext, ...] = ()

    def shape(self, frame: VideoFrame, tick: Fraction) -> Iterator[tuple[VideoFrame, ...]]:
        """The frame in each size; none or several where neighbours are needed, as to deinterlace."""
        if frame.colorspace == UNSPECIFIED and not self._picture.is_rgb:
            frame.colorspace = self._picture.colors.matrix
        key = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        if key != self._key:
            yield from self.flush()
            self._key = key
            self._build(frame, tick)
        if self._source is not None:
            self._source.push(frame)
            yield from self._ready()

    def flush(self) -> Iterator[tuple[VideoFrame, ...]]:
        """What is held back still."""
        if self._source is not None:
            self._source.push(None)
            yield from self._ready()
        self._source = None

    def _ready(self) -> Iterator[tuple[VideoFrame, ...]]:
        while True:
            try:
                yield tuple(cast(VideoFrame, sink.pull()) for sink in self._sinks)
            except (av.BlockingIOError, av.EOFError):
                return

    def _build(self, frame: VideoFrame, tick: Fraction) -> None:
        graph = Graph()
        graph.threads = self._threads
        source = graph.add("buffer", None, **_described(frame, tick))
        trunk = source
        for name, options in self._common():
            trunk = _after(trunk, graph, name, options)
        if len(self._sizes) > 1:
            trunk = _after(trunk, graph, "split", {"outputs": str(len(self._sizes))})
        sinks = []
        for number, size in enumerate(self._sizes):
            branch = trunk
            for step, (name, options) in enumerate((*self._steps(size), ("buffersink", {}))):
                branch = _after(branch, graph, name, options, 0 if step else number)
            sinks.append(branch)
        graph.configure()
        self._graph = graph  # filters know it by a weak reference
        self._source, self._sinks = source, tuple(sinks)

    def _common(self) -> Iterator[Step]:
        """What is done once for all sizes."""
        if self._picture.interlaced:
            yield "yadif", {"deint": "interlaced"}
        if self._picture.has_alpha:
            yield "premultiply", {"inplace": "1"}  # what is transparent is shown on black
        if self._picture.is_hdr:
            # To make the table of colours takes seconds, so there is one, for frames as large as the largest.
            largest = max(self._sizes, key=lambda size: size.pixels)
            yield "scale", self._scaled(largest) | _TO_SDR
            yield "format", {"pix_fmts": "yuv420p"}

    def _steps(self, size: Size) -> Iterator[Step]:
        yield "scale", self._scaled(size) | (_FROM_RGB if self._picture.is_rgb else {})
        yield "format", {"pix_fmts": "yuv420p"}
        yield from self._picture.orientation.filters
        yield "setsar", {"sar": "1"}

    def _scaled(self, size: Size) -> dict[str, str]:
        upright = not self._picture.orientation.sideways
        width, height = (size.width, size.height) if upright else (size.height, size.width)
        return {"w": str(width), "h": str(height), "flags": "bicubic", "out_range": "tv"}


def _described(frame: VideoFrame, tick: Fraction) -> dict[str, str]:
    return {
        "video_size": f"{frame.width}x{frame.height}",
        "pix_fmt": frame.format.name,
        "time_base": str(tick),
        "pixel_aspect": "1",
        "colorspace": str(frame.colorspace),
        "range": str(frame.color_range),
    }


def _after(before: FilterContext, graph: Graph, name: str, options: dict[str, str], output: int = 0) -> FilterContext:
    added = graph.add(name, None, **options)
    before.link_to(added, output, 0)
    return added
