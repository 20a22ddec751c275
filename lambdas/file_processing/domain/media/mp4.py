"""MP4 files with H.264 and AAC, as browsers and phones play them, which begin to play before they are loaded."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.codec.context import Flags as CodecFlags
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from lambdas.file_processing.domain.media.geometry import Size
from lambdas.file_processing.domain.media.source import Picture

PRESET: Final = "medium"
"""x264's own default: what is encoded once is loaded many times."""
ENCODER_THREADS: Final = 2
"""Of each rendition. What x264 writes depends on their number, so that does not depend on the machine."""
_ASSEMBLY: Final = {"x264-params": "asm=avx2"} if platform.machine() == "x86_64" else {}
"""With AVX-512, the x264 of PyAV's wheels writes other bytes each time. All of Lambda's x86 processors have AVX2, which
takes no longer."""
SAMPLE_RATE: Final = 48_000
AUDIO_BIT_RATE: Final = 128_000
_LIMITED_RANGE: Final = 1
_OPTIONS: Final = {"movflags": "+faststart", "fflags": "+bitexact"}
"""The index before the data, and nothing of the time and the program."""


class Mp4:
    """One file while it is written. Add streams, then `start`, then write, then `close`, in this order."""

    def __init__(self, path: Path) -> None:
        self._container: OutputContainer = av.open(f"file:{path}", "w", format="mp4", container_options=_OPTIONS)
        self._video: VideoStream | None = None
        self._audio: AudioStream | None = None

    def add_video(self, picture: Picture, size: Size, crf: int) -> None:
        """H.264 in the source's own timing."""
        options = {"preset": PRESET, "crf": str(crf), **_ASSEMBLY}
        self._video = self._container.add_stream("libx264", rate=picture.frame_rate, options=options)
        context = self._video.codec_context
        context.width, context.height, context.pix_fmt = size.width, size.height, "yuv420p"
        context.time_base = picture.tick
        context.thread_type, context.thread_count = "FRAME", ENCODER_THREADS
        context.color_range = _LIMITED_RANGE
        context.colorspace = picture.colors.matrix
        context.color_primaries, context.color_trc = picture.colors.primaries, picture.colors.transfer

    def add_audio(self) -> None:
        """AAC, of which the packets come from `aac_encoder`: one may serve several files."""
        self._audio = self._container.add_stream("aac", rate=SAMPLE_RATE)
        _configure(self._audio.codec_context)

    def start(self) -> None:
        """Writes what comes before all else."""
        self._container.start_encoding()

    def write_frame(self, frame: VideoFrame, *, is_key: bool) -> None:
        """Encodes one frame, as a key frame if need be."""
        if self._video is not None:
            frame.pict_type = PictureType.I if is_key else PictureType.NONE
            self._container.mux(self._video.encode(frame))

    def write_audio(self, packets: Iterable[Packet[Stream]]) -> None:
        """Writes packets; they are moved to this file's timing."""
        if self._audio is not None:
            for packet in packets:
                packet.stream = self._audio
                self._container.mux(packet)

    def finish(self) -> None:
        """Completes the file; without it, `close` leaves a torso."""
        if self._video is not None:
            self._container.mux(self._video.encode(None))

    def close(self) -> None:
        """Lets go of the file."""
        self._container.close()


def aac_encoder() -> AudioCodecContext:
    """For frames of 48 kHz in stereo."""
    context = CodecContext.create("aac", "w")
    _configure(context)
    context.flags |= CodecFlags.global_header.value
    context.open()
    return context


def _configure(context: AudioCodecContext) -> None:
    context.sample_rate = SAMPLE_RATE
    context.format = "fltp"
    context.layout = "stereo"
    context.bit_rate = AUDIO_BIT_RATE
    context.time_base = Fraction(1, SAMPLE_RATE)
    context.flags |= CodecFlags.bitexact.value
