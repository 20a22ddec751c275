"""A second of video and sound in the formats of FFmpeg's libraries."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container.output import OutputContainer
from av.video.stream import VideoStream

_VIDEO = {
    "mp4": ("mp4", "libx264", "aac", {}),
    "mp4 with its index first": ("mp4", "libx264", "aac", {"movflags": "faststart"}),
    "mp4 in fragments": ("mp4", "libx264", "aac", {"movflags": "frag_keyframe+empty_moov"}),
    "mov": ("mov", "libx264", "aac", {}),
    "3gp": ("3gp", "libx264", "aac", {}),
    "mkv": ("matroska", "libx264", "aac", {}),
    "webm": ("webm", "libvpx", "libopus", {}),
    "webm without sound": ("webm", "libvpx", None, {}),
    "avi": ("avi", "mpeg4", "libmp3lame", {}),
    "flv": ("flv", "flv", "libmp3lame", {}),
    "wmv": ("asf", "msmpeg4v3", "wmav2", {}),
    "mpeg-ts": ("mpegts", "libx264", "aac", {}),
    "m2ts": ("mpegts", "libx264", "aac", {"mpegts_m2ts_mode": "1"}),
    "mpeg-ps": ("mpeg", "mpeg2video", "mp2", {}),
    "mxf": ("mxf", "mpeg2video", None, {}),
}
_AUDIO = {
    "mp3": ("mp3", "libmp3lame", {}),
    "mp3 without tags": ("mp3", "libmp3lame", {"write_xing": "0", "id3v2_version": "0"}),
    "mp2": ("mp2", "mp2", {}),
    "m4a": ("ipod", "aac", {}),
    "mp4 without pictures": ("mp4", "aac", {"movflags": "faststart"}),
    "aac": ("adts", "aac", {}),
    "wav": ("wav", "pcm_s16le", {}),
    "flac": ("flac", "flac", {}),
    "opus": ("ogg", "libopus", {}),
    "ogg flac": ("ogg", "flac", {}),
    "mka": ("matroska", "aac", {}),
    "webm with sound alone": ("webm", "libopus", {}),
    "wma": ("asf", "wmav2", {}),
    "aiff": ("aiff", "pcm_s16be", {}),
    "au": ("au", "pcm_s16be", {}),
    "caf": ("caf", "pcm_s16be", {}),
    "wavpack": ("wv", "wavpack", {}),
}


def samples() -> dict[str, bytes]:
    """``video/…`` and ``audio/…``."""
    videos = {f"video/{name}": video(*how) for name, how in _VIDEO.items()}
    videos["video/mp4 that begins with 64 bits of size"] = _data_first(videos["video/mp4"])
    return videos | {f"audio/{name}": audio(*how) for name, how in _AUDIO.items()}


def _data_first(data: bytes) -> bytes:
    """As cameras begin that do not know how much it will be. What refers to data counts from the file's start."""
    index = data.index(b"moov") - 4
    return b"\0\0\0\1mdat" + index.to_bytes(8) + data[16:]


def video(container: str, codec: str, sound: str | None, options: dict[str, str]) -> bytes:
    """Grey frames, and silence."""
    with _output(container, options) as (output, path):
        stream = cast("VideoStream", output.add_stream(codec, rate=25))
        stream.width, stream.height, stream.pix_fmt = (176, 144, "yuv420p")
        if codec == "mpeg2video":
            stream.bit_rate = 1_000_000
        track = _audio_stream(output, sound) if sound else None
        for number in range(25):
            frame = av.VideoFrame(176, 144, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number * 8]) * plane.buffer_size)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
        if track:
            _silence(output, track)
        output.close()
        return path.read_bytes()


def audio(container: str, codec: str, options: dict[str, str]) -> bytes:
    """Silence."""
    with _output(container, options) as (output, path):
        _silence(output, _audio_stream(output, codec))
        output.close()
        return path.read_bytes()


@contextmanager
def _output(container: str, options: dict[str, str]) -> Iterator[tuple[OutputContainer, Path]]:
    """On disk: an index that goes to the front is moved there in a file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "media"
        with av.open(str(path), "w", format=container, options=options) as output:
            yield output, path


def _audio_stream(output: OutputContainer, codec: str) -> AudioStream:
    rate = 48000 if codec == "libopus" else 44100
    stream = cast("AudioStream", output.add_stream(codec, rate=rate))
    stream.layout, stream.bit_rate = "stereo", 128_000
    return stream


def _silence(output: OutputContainer, stream: AudioStream) -> None:
    rate = stream.rate
    kind = stream.format.name if stream.format else "fltp"
    size = stream.codec_context.frame_size or 1024
    for start in range(0, rate, size):
        frame = av.AudioFrame(kind, "stereo", size)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        output.mux(stream.encode(frame))
    output.mux(stream.encode())
