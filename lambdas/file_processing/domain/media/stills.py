"""One frame as a file."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from av.codec.context import CodecContext
from av.video.frame import VideoFrame


def encoded(frame: VideoFrame, codec: Literal["mjpeg", "png"], options: Mapping[str, str]) -> bytes:
    """JPEG or PNG."""
    context = CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
    context.color_range = frame.color_range
    context.time_base = Fraction(1, 25)  # the codecs want one
    context.thread_count = 1  # JPEG differs by the number of threads, which would be that of the machine's cores
    context.options = dict(options)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))
