"""Frames of a long video, found without decoding all of it."""

from __future__ import annotations

from itertools import chain

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from lambdas.file_processing.contract.limits import MediaLimits
from lambdas.file_processing.domain.media.frames import Shaper
from lambdas.file_processing.domain.media.geometry import fitted
from lambdas.file_processing.domain.media.opening import fraction, opened, packets, prepare
from lambdas.file_processing.domain.media.pictures import POSTER_LINES
from lambdas.file_processing.domain.media.source import Picture, Source


def glimpses(source: Source, picture: Picture, limits: MediaLimits) -> list[VideoFrame]:
    """Key frames near to equal distances, as large as a poster; fewer where the file cannot be searched."""
    times = [source.seconds * (2 * at + 1) / (2 * limits.strip_frames) for at in range(limits.strip_frames)]
    frames = [frame for seconds in times if (frame := _frame_at(source, picture, seconds, limits))]
    if not frames and (first := _frame_at(source, picture, None, limits)):
        frames = [first]
    shaper = Shaper(picture, [fitted(picture.size, POSTER_LINES)], threads=1)
    shaped: list[tuple[VideoFrame, ...]] = []
    for number, frame in enumerate(frames):
        frame.pts = number
        shaped.extend(shaper.shape(frame, picture.tick))
    return [only for (only,) in chain(shaped, shaper.flush())]


def _frame_at(source: Source, picture: Picture, seconds: float | None, limits: MediaLimits) -> VideoFrame | None:
    """A file that was searched in vain may be lost to further reading, so each frame has it opened anew."""
    with opened(source.path, limits) as container:
        stream = container.streams[picture.index]
        tick = fraction(stream.time_base)
        if not isinstance(stream, VideoStream) or not tick:
            return None
        prepare(stream, limits, threads=1)
        stream.codec_context.skip_frame = "NONKEY"
        try:
            if seconds is not None:
                container.seek(int((float(source.begins) + seconds) / tick), stream=stream)
            for packet in packets(container, stream):
                for frame in stream.decode(packet):
                    return frame
        except av.FFmpegError:
            return None
    return None
