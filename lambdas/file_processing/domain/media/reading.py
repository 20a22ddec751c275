"""Decoded frames of a file in its order, on one clock that begins at zero."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.media.opening import fraction, packets, prepare
from lambdas.file_processing.domain.media.source import Source, too_long

Decodable = VideoStream | AudioStream
Frame = VideoFrame | AudioFrame


class Reader:
    """Reads a file once; what is damaged is left out and counted."""

    def __init__(self, source: Source, container: InputContainer, limits: MediaLimits) -> None:
        self._begins = source.begins
        self._tick = source.picture.tick if source.picture else Fraction(1)
        self._limits = limits
        self._container = container
        parts = (part for part in (source.picture, source.sound) if part)
        streams = (container.streams[part.index] for part in parts)
        self._streams = {stream.index: stream for stream in streams if isinstance(stream, Decodable)}
        self._last = -1
        self._clock = _Clock()
        self.seconds = 0.0
        """The end of what could be decoded."""
        self.damaged = 0
        """Packets that could not."""

    def frames(self) -> Iterator[Frame]:
        """Timestamps of video rise strictly, and count ticks of its renditions. Raises Rejected beyond the limit."""
        streams = self._streams.values()
        for stream in streams:
            prepare(stream, self._limits, threads=os.cpu_count() or 1)
        for packet in packets(self._container, *streams):
            yield from self._decoded(self._streams[packet.stream_index], packet)
        for stream in streams:
            yield from self._decoded(stream, None)

    def _decoded(self, stream: Decodable, packet: Packet[Stream] | None) -> Iterator[Frame]:
        try:
            frames: list[VideoFrame] | list[AudioFrame] = stream.decode(packet)
        except av.FFmpegError:
            self.damaged += 1
            return
        # The last frames, which come without a packet, do not tell their clock.
        tick = fraction(stream.time_base) or self._tick
        for frame in frames:
            if self._shift(frame, tick) if isinstance(frame, AudioFrame) else self._retime(frame, tick):
                yield frame

    def _shift(self, frame: AudioFrame, tick: Fraction) -> bool:
        frame.time_base = tick
        if frame.pts is not None:
            frame.pts -= round(self._begins / tick)
            self._note(frame.pts * tick + Fraction(frame.samples, frame.sample_rate))
        return True

    def _retime(self, frame: VideoFrame, tick: Fraction) -> bool:
        """False for a frame at the time of one before it: the first one is shown."""
        pts = round((self._clock.read(frame) * tick - self._begins) / self._tick)
        if pts <= self._last:
            return False
        self._last = pts
        frame.pts, frame.time_base, frame.duration = pts, self._tick, round(frame.duration * tick / self._tick)
        self._note((pts + frame.duration) * self._tick)
        return True

    def _note(self, end: Fraction) -> None:
        self.seconds = max(self.seconds, float(end))
        if self.seconds > self._limits.max_seconds:
            raise too_long(self.seconds, self._limits)


class _Clock:
    """Timestamps of frames in the order of being shown.

    Some files, such as H.264 in AVI, have only those by which packets are decoded, and what the reader makes of them
    jumps back and forth; then the former are better. So FFmpeg's own programs have it.
    """

    def __init__(self) -> None:
        self._shown = self._decoded = self._last = -(2**63)
        self._faults = 0
        """Jumps back of the times of showing, less those of decoding."""

    def read(self, frame: VideoFrame) -> int:
        """The frame's timestamp, in ticks of its stream."""
        if frame.dts is not None:
            self._faults -= frame.dts <= self._decoded
            self._decoded = frame.dts
        if frame.pts is not None:
            self._faults += frame.pts <= self._shown
            self._shown = frame.pts
        is_sound = self._faults <= 0
        stamp = frame.pts if frame.dts is None or (is_sound and frame.pts is not None) else frame.dts
        if stamp is None or (stamp <= self._last and not is_sound):
            stamp = max(self._last, 0) + max(1, frame.duration)
        self._last = stamp
        return stamp
