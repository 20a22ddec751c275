"""Opening files of strangers: only what is in the file itself, in known formats, within limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Protocol, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.processing import Rejected

# Playlists, and whatever else has the reader open other files, are not among them.
_FORMATS: Final = (
    "aac,aiff,amr,ape,asf,au,avi,caf,flac,flv,matroska,mov,mp3,mp4,mpeg,mpegts,mpegvideo,mxf,ogg,wav,webm,wv"
)
_MAX_STREAMS: Final = 64
"""Those beyond are not seen."""
_ANY_TITLES: Final[dict[str, Any]] = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "replace"}
"""PyAV 19 takes titles that are not UTF-8; 18 has to be told."""


class Ratio(Protocol):
    """`fractions.Fraction`, and what PyAV has instead since version 19."""

    @property
    def numerator(self) -> int:
        """Above the line."""

    @property
    def denominator(self) -> int:
        """Below the line."""


def fraction(value: Ratio | None) -> Fraction | None:
    """The same as a Fraction; None where it is unknown, which FFmpeg says by 0/1 or 0/0."""
    return Fraction(value.numerator, value.denominator) if value and value.denominator else None


@contextmanager
def opened(path: Path, limits: MediaLimits) -> Iterator[InputContainer]:
    """The file's container. Raises Rejected for what cannot be read as one."""
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": _FORMATS,
        "max_streams": str(_MAX_STREAMS),
        "max_pixels": str(limits.max_pixels),
    }
    try:
        container = av.open(f"file:{path}", options=options, **_ANY_TITLES)
    except av.FileNotFoundError:
        raise
    except av.FFmpegError as error:
        message = (
            f"not readable as audio or video ({error.strerror}): it may be cut off, damaged, or of a format that is "
            "not taken; see that it plays, and upload all of it"
        )
        raise Rejected("unreadable_media", message) from error
    with container:
        yield container


def video_stream(container: InputContainer) -> VideoStream | None:
    """The best moving picture; covers of albums are none."""
    best = cast("VideoStream | None", container.streams.best("video"))
    return best if best is not None and _moves(best) else next(filter(_moves, container.streams.video), None)


def audio_stream(container: InputContainer) -> AudioStream | None:
    """The best sound."""
    return cast("AudioStream | None", container.streams.best("audio"))


def prepare(stream: VideoStream | AudioStream, limits: MediaLimits, threads: int) -> None:
    """Has the decoder refuse frames beyond the limits, and use so many threads."""
    context = stream.codec_context
    context.options = {"max_pixels": str(limits.max_pixels)}
    context.thread_type = "AUTO"
    context.thread_count = threads


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet[Stream]]:
    """Of the streams in the file's order; ends where the file is too damaged to be read on."""
    try:
        yield from (packet for packet in container.demux(*streams) if packet.size)
    except av.FFmpegError:
        return


def _moves(stream: VideoStream) -> bool:
    return not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image)
