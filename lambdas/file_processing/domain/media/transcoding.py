"""One pass over a file: every frame is decoded once, for all renditions and for the pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from av.audio.frame import AudioFrame
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.media.cost import Meter, budget, frame_cost
from lambdas.file_processing.domain.media.frames import Shaper
from lambdas.file_processing.domain.media.geometry import Size
from lambdas.file_processing.domain.media.mp4 import Mp4
from lambdas.file_processing.domain.media.opening import opened
from lambdas.file_processing.domain.media.pictures import POSTER_LINES, Samples
from lambdas.file_processing.domain.media.reading import Reader
from lambdas.file_processing.domain.media.sound import SoundEncoder
from lambdas.file_processing.domain.media.source import Picture, Source
from lambdas.file_processing.domain.media.waveform import Waveform

_KEY_SECONDS: Final = 2
"""Between key frames, so that players jump quickly and may change renditions."""
_FILTER_THREADS: Final = 3
"""Each filters a part of the picture, and some pixels depend on where the parts meet: not on the machine, then."""


@dataclass(frozen=True)
class Target:
    """A rendition to be written."""

    path: Path
    size: Size
    crf: int


@dataclass(frozen=True)
class Pass:
    """What one pass has found."""

    seconds: float
    """The end of what could be decoded."""
    damaged: int
    """Packets that could not."""
    frames: Sequence[VideoFrame]
    """At equal distances, for poster and strip."""


def transcode(source: Source, picture: Picture, targets: Sequence[Target], limits: MediaLimits) -> Pass:
    """Writes the renditions of a video. Raises OverBudgetError, and Rejected for what lasts longer than it may."""
    with ExitStack() as stack:
        reader = Reader(source, stack.enter_context(opened(source.path, limits)), limits)
        outputs = []
        for target in targets:
            outputs.append(output := Mp4(target.path))
            stack.callback(output.close)
            output.add_video(picture, target.size, target.crf)
            if source.sound:
                output.add_audio()
            output.start()
        video = _Video(picture, outputs, targets, limits)
        audio = _Audio(outputs) if source.sound else None
        for frame in reader.frames():
            if isinstance(frame, VideoFrame):
                video.take(frame)
            elif audio:
                audio.take(frame)
        video.finish()
        if audio:
            audio.finish()
        return Pass(reader.seconds, reader.damaged, video.samples.spread())


def transcode_sound(source: Source, path: Path, picture: Path, limits: MediaLimits) -> Pass:
    """Writes the rendition of a sound and the picture of it."""
    with ExitStack() as stack:
        reader = Reader(source, stack.enter_context(opened(source.path, limits)), limits)
        output = Mp4(path)
        stack.callback(output.close)
        output.add_audio()
        output.start()
        audio, waveform = _Audio([output]), Waveform()
        for frame in reader.frames():
            if isinstance(frame, AudioFrame):
                waveform.add(frame)
                audio.take(frame)
        audio.finish()
        waveform.write(picture)
        return Pass(reader.seconds, reader.damaged, ())


class _Video:
    """From decoded frames to the video of all renditions."""

    def __init__(
        self, picture: Picture, outputs: Sequence[Mp4], targets: Sequence[Target], limits: MediaLimits
    ) -> None:
        self._tick = picture.tick
        self._outputs = outputs
        self._sizes = [target.size for target in targets]
        self._shaper = Shaper(picture, self._sizes, _FILTER_THREADS)
        self._sampled = _sampled(self._sizes)
        self._meter = Meter(budget(limits))
        self._next_key = 0.0
        self.samples = Samples(limits.strip_frames)

    def take(self, frame: VideoFrame) -> None:
        """Encodes a frame for every rendition."""
        self._meter.spend(frame_cost(Size(frame.width, frame.height), self._sizes))
        self._write(self._shaper.shape(frame, self._tick))

    def finish(self) -> None:
        """Encodes what is held back."""
        self._write(self._shaper.flush())
        for output in self._outputs:
            output.finish()

    def _write(self, shaped: Iterable[Sequence[VideoFrame]]) -> None:
        for frames in shaped:
            seconds = frames[0].time
            is_key = seconds >= self._next_key
            if is_key:
                self._next_key = (seconds // _KEY_SECONDS + 1) * _KEY_SECONDS
            self.samples.offer(seconds, frames[self._sampled])
            for output, frame in zip(self._outputs, frames, strict=True):
                output.write_frame(frame, is_key=is_key)


class _Audio:
    """From decoded sound to that of all renditions, which is encoded once."""

    def __init__(self, outputs: Sequence[Mp4]) -> None:
        self._outputs = outputs
        self._encoder = SoundEncoder()

    def take(self, frame: AudioFrame) -> None:
        """Encodes a frame."""
        self._write(self._encoder.encode(frame))

    def finish(self) -> None:
        """Encodes what is held back."""
        self._write(self._encoder.flush())

    def _write(self, encoded: Iterable[Sequence[Packet[Stream]]]) -> None:
        for packets in encoded:
            for output in self._outputs:
                output.write_audio(packets)


def _sampled(sizes: Sequence[Size]) -> int:
    """Which rendition's frames become stills: the largest one of those that are no larger than a poster."""

    def order(at: int) -> tuple[bool, int]:
        lines = min(sizes[at].width, sizes[at].height)
        return (lines <= POSTER_LINES, lines if lines <= POSTER_LINES else -lines)

    return max(range(len(sizes)), key=order)
