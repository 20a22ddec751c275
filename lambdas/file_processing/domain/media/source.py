"""What a media file is, told by its headers and its first frame, and refused before it costs anything."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

import av
from av.audio.stream import AudioStream
from av.buffer import Buffer
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.media.geometry import Orientation, Size, orientation, shown
from lambdas.file_processing.domain.media.opening import (
    audio_stream,
    fraction,
    opened,
    packets,
    prepare,
    video_stream,
)
from lambdas.file_processing.domain.processing import Rejected

MICROSECOND: Final = Fraction(1, 1_000_000)
"""Tick of a container's own times."""
_CLOCK: Final = Fraction(1, 90_000)
"""MPEG's, for timestamps that tick faster than a microsecond or slower than a frame."""
_SLOWEST_TICK: Final = Fraction(1, 5)
_USUAL_RATE: Final = Fraction(25)
"""Frames a second where a file does not say; only the encoder's expectations depend on it."""
_MAX_ASPECT: Final = 10
"""Of a pixel; wilder ones are mistakes, and are taken as square."""
_HDR: Final = {16, 18}
"""Transfer characteristics of ITU-T H.273: PQ and HLG."""
_BT709: Final = 1
UNSPECIFIED: Final = 2
_BT601: Final = 6
_SD_LINES: Final = 576
_MAX_CHANNELS: Final = 64
"""More are beyond FFmpeg's resampler."""
_MAX_SAMPLE_RATE: Final = 10_000_000
"""Higher ones are mistakes, and cost the resampler all memory."""


@dataclass(frozen=True)
class Colors:
    """Numbers of ITU-T H.273."""

    matrix: int
    primaries: int
    transfer: int


@dataclass(frozen=True)
class Picture:
    """A file's video stream, as its first frame shows it."""

    index: int
    codec: str
    size: Size
    """As shown: upright, in square pixels."""
    orientation: Orientation
    pixel_format: str
    interlaced: bool
    has_alpha: bool
    is_rgb: bool
    is_hdr: bool
    colors: Colors
    """That the renditions are to have."""
    frame_rate: Fraction
    """On average."""
    tick: Fraction
    """Seconds of the renditions' timestamps."""


@dataclass(frozen=True)
class Sound:
    """A file's audio stream."""

    index: int
    codec: str
    sample_rate: int
    channels: int


@dataclass(frozen=True)
class Source:
    """A file that was looked at."""

    path: Path
    container: str
    bit_rate: int
    seconds: float
    """As the file declares it, or else as its last timestamp."""
    begins: Fraction
    """Seconds: the timestamp that is zero in renditions."""
    streams: tuple[str, ...]
    """Type and codec of each, in the file's order."""
    picture: Picture | None
    sound: Sound | None


def look(path: Path, limits: MediaLimits) -> Source:
    """Raises Rejected for what is no media, has nothing to see or hear, or exceeds a limit."""
    with opened(path, limits) as container:
        video, audio = video_stream(container), audio_stream(container)
        sound = _sound(audio) if audio else None
        frame = _first_frame(container, video, limits) if video else None
        if frame is None and sound is None:
            message = f"none of its streams can be decoded ({', '.join(_streams(container))}): convert it to MP4"
            raise Rejected("nothing_decodable", message)
        begins = _begins([stream for stream in (video, audio) if stream], frame)
        seconds = float(_declared(container, begins) or _last(path, limits) - begins)
        if seconds > limits.max_seconds:
            raise too_long(seconds, limits)
        return Source(
            path=path,
            container=_name(container),
            bit_rate=container.bit_rate or 0,
            seconds=max(0.0, seconds),
            begins=begins,
            streams=_streams(container),
            picture=_picture(video, frame) if video and frame else None,
            sound=sound,
        )


def too_long(seconds: float, limits: MediaLimits) -> Rejected:
    """The verdict on a file that lasts longer than any may."""
    message = f"lasts {seconds:.0f} s, more than {limits.max_seconds}: cut it, or raise limits.media.max_seconds"
    return Rejected("too_long", message)


def _sound(stream: AudioStream) -> Sound | None:
    context = stream.codec_context
    if context is None:
        return None
    if not (0 < context.sample_rate <= _MAX_SAMPLE_RATE and 0 < context.channels <= _MAX_CHANNELS):
        return None
    return Sound(stream.index, context.codec.canonical_name, context.sample_rate, context.channels)


def _first_frame(container: InputContainer, stream: VideoStream, limits: MediaLimits) -> VideoFrame | None:
    context = stream.codec_context
    if context is None:
        return None
    if context.width * context.height > limits.max_pixels:
        message = (
            f"its frames are {context.width}x{context.height}, more than {limits.max_pixels} pixels: "
            "scale it down, or raise limits.media.max_pixels"
        )
        raise Rejected("too_many_pixels", message)
    prepare(stream, limits, threads=1)
    for packet in packets(container, stream):
        for frame in _decoded(stream, packet):
            return frame
    return next(iter(_decoded(stream, None)), None)


def _decoded(stream: VideoStream, packet: Packet[Stream] | None) -> list[VideoFrame]:
    try:
        return stream.decode(packet)
    except av.FFmpegError:
        return []


def _picture(stream: VideoStream, frame: VideoFrame) -> Picture:
    turned = orientation(cast("Buffer | None", frame.side_data.get("DISPLAYMATRIX")))
    aspect = fraction(stream.sample_aspect_ratio) or Fraction(1)
    if not 1 / Fraction(_MAX_ASPECT) <= aspect <= _MAX_ASPECT:
        aspect = Fraction(1)
    tick = fraction(stream.time_base) or _CLOCK
    is_hdr = frame.color_trc in _HDR
    return Picture(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        size=shown(Size(frame.width, frame.height), aspect, turned),
        orientation=turned,
        pixel_format=frame.format.name,
        interlaced=frame.interlaced_frame,
        has_alpha=any(component.is_alpha for component in frame.format.components),
        is_rgb=frame.format.is_rgb,
        is_hdr=is_hdr,
        colors=Colors(_BT709, _BT709, _BT709) if is_hdr else _colors(frame),
        frame_rate=fraction(stream.average_rate) or fraction(stream.guessed_rate) or _USUAL_RATE,
        tick=tick if MICROSECOND <= tick <= _SLOWEST_TICK else _CLOCK,
    )


def _colors(frame: VideoFrame) -> Colors:
    """Where a file does not tell the matrix, players guess it by the lines; renditions have fewer, so they tell it."""
    matrix = _BT709 if frame.format.is_rgb else frame.colorspace
    if matrix == UNSPECIFIED:
        matrix = _BT709 if min(frame.width, frame.height) > _SD_LINES else _BT601
    return Colors(matrix, frame.color_primaries, frame.color_trc)


def _begins(streams: list[Stream], frame: VideoFrame | None) -> Fraction:
    times = [
        stream.start_time * tick
        for stream in streams
        if stream.start_time is not None and (tick := fraction(stream.time_base))
    ]
    if frame is not None and frame.pts is not None and (tick := fraction(frame.time_base)):
        times.append(frame.pts * tick)
    return min(times, default=Fraction(0))


def _declared(container: InputContainer, begins: Fraction) -> Fraction | None:
    if not container.duration:
        return None
    seconds = container.duration * MICROSECOND
    # Matroska tells when its clock ends, not how long it runs.
    return max(Fraction(0), seconds - begins) if container.format.name.startswith("matroska") else seconds


def _last(path: Path, limits: MediaLimits) -> Fraction:
    """End of the last packet in seconds, for files that do not tell how long they are: live recordings."""
    with opened(path, limits) as container:
        return max(
            (
                (packet.pts + (packet.duration or 0)) * tick
                for packet in packets(container)
                if packet.pts is not None and (tick := fraction(packet.time_base))
            ),
            default=Fraction(0),
        )


def _streams(container: InputContainer) -> tuple[str, ...]:
    return tuple(
        f"{stream.type} {stream.codec_context.codec.canonical_name if stream.codec_context else 'unknown'}"
        for stream in container.streams
    )


def _name(container: InputContainer) -> str:
    """Of the family of formats that share a reader, the usual member."""
    if container.format.name.startswith("mov,"):
        return "mov" if container.metadata.get("major_brand") == "qt  " else "mp4"
    return container.format.name.split(",")[0]
