"""Sound of any kind as AAC in stereo, in step with the picture."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, cast

import av
from av.audio.frame import AudioFrame
from av.filter import Graph
from av.filter.context import FilterContext
from av.packet import Packet
from av.stream import Stream

from lambdas.file_processing.domain.media.mp4 import SAMPLE_RATE, aac_encoder

_FRAME_SAMPLES: Final = 1024
"""Of AAC."""


class SoundGraph:
    """Sound in another form, whatever comes: a stream may change its rate or channels midway.

    Gaps become silence, and what overlaps is left out: timestamps follow the samples from here on, so that sound that
    was recorded with gaps does not run ahead of the picture.
    """

    def __init__(self, sample_format: str, sample_rate: int, layout: str, frame_samples: int) -> None:
        self._form = {"sample_fmts": sample_format, "sample_rates": str(sample_rate), "channel_layouts": layout}
        self._rate = sample_rate
        self._frame_samples = frame_samples
        self._written = 0
        self._key: tuple[object, ...] | None = None
        self._source: FilterContext | None = None
        self._sink: FilterContext | None = None

    def convert(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """Takes a frame with a timestamp that counts from the beginning."""
        key = (frame.format.name, frame.layout.name, frame.sample_rate, frame.time_base)
        if key != self._key:
            yield from self.flush()
            self._key = key
            self._build(frame)
        if self._source is not None:
            self._source.push(frame)
            yield from self._ready()

    def flush(self) -> Iterator[AudioFrame]:
        """What is held back still."""
        if self._source is not None:
            self._source.push(None)
            yield from self._ready()
        self._source = None

    def _ready(self) -> Iterator[AudioFrame]:
        while self._sink is not None:
            try:
                frame = cast(AudioFrame, self._sink.pull())
            except (av.BlockingIOError, av.EOFError):
                return
            frame.pts, frame.time_base = self._written, Fraction(1, self._rate)
            self._written += frame.samples
            yield frame

    def _build(self, frame: AudioFrame) -> None:
        graph = Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format, layout=frame.layout, time_base=frame.time_base
        )
        steps = [graph.add(name, arguments) for name, arguments in _tamed(frame)]
        first = self._written * frame.sample_rate // self._rate  # by the clock of what comes in
        resample = graph.add("aresample", None, **{"async": "1", "first_pts": str(first), "osr": str(self._rate)})
        form = graph.add("aformat", None, **self._form)
        cut = graph.add("asetnsamples", None, n=str(self._frame_samples), p="0")
        sink = graph.add("abuffersink")
        graph.link_nodes(source, *steps, resample, form, cut, sink)
        graph.configure()
        self._graph = graph  # filters know it by a weak reference
        self._source, self._sink = source, sink


def _tamed(frame: AudioFrame) -> Iterator[tuple[str, str]]:
    """Filters, with their arguments, for what the usual ones do not take as it is."""
    if frame.format.name.startswith(("flt", "dbl")):
        yield "aformat", "sample_fmts=s32"  # the encoder fails on what is no number, or endless
    if frame.layout.nb_channels == 1:
        yield "pan", "stereo|c0=c0|c1=c0"  # at its own loudness: the usual mixing would make it softer
    elif frame.layout.name.endswith(" channels"):
        yield "pan", "stereo|c0=c0|c1=c1"  # nobody knows where the others are heard


class SoundEncoder:
    """From decoded sound to packets of AAC."""

    def __init__(self) -> None:
        self._graph = SoundGraph("fltp", SAMPLE_RATE, "stereo", _FRAME_SAMPLES)
        self._encoder = aac_encoder()

    def encode(self, frame: AudioFrame) -> Iterator[list[Packet[Stream]]]:
        """Packets that are complete."""
        for converted in self._graph.convert(frame):
            yield self._encoder.encode(converted)

    def flush(self) -> Iterator[list[Packet[Stream]]]:
        """The last packets."""
        for converted in self._graph.flush():
            yield self._encoder.encode(converted)
        yield self._encoder.encode(None)
