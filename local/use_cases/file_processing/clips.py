"""Clips and a melody, made here: pictures that Pillow draws, notes that are sines, encoded by FFmpeg's libraries."""

from __future__ import annotations

import io
import math
import struct
from array import array
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw, ImageFont, ImageOps

CLIP_SECONDS = 10
CLIP_SIZE = (1280, 720)
PORTRAIT_SECONDS = 2
PORTRAIT_SIZE = (360, 640)
"""As it is shown; it is stored lying on its side."""
MELODY_SECONDS = 6

_FRAME_RATE = 20
_SAMPLE_RATE = 32_000
_NOTES = (220.0, 277.18, 329.63, 440.0, 329.63, 277.18, 246.94, 311.13, 369.99, 493.88, 369.99, 311.13)
"""Hertz, two a second."""
_QUARTER_TURN = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
"""Display matrix of a track that is to be turned clockwise ("Track header atom", QuickTime File Format)."""
_TO_MATRIX = 44
"""Bytes from the name of a track's header to its display matrix."""


def clip() -> bytes:
    """Hills that pass by, a clock that runs, and a melody: MP4, H.264 and AAC."""
    return _clip("mp4", CLIP_SIZE, CLIP_SECONDS, sideways=False)


def portrait() -> bytes:
    """The same as a phone that is held upright stores it: lying on the side, with a note which way to turn it."""
    data = bytearray(_clip("mov", PORTRAIT_SIZE, PORTRAIT_SECONDS, sideways=True))
    at = data.index(b"tkhd") + _TO_MATRIX
    data[at : at + 36] = struct.pack(">9i", *_QUARTER_TURN)
    return bytes(data)


def melody() -> bytes:
    """Notes alone: FLAC."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        _play(container, _sound(container, "flac"), MELODY_SECONDS)
    return file.getvalue()


def _clip(form: str, size: tuple[int, int], seconds: int, *, sideways: bool) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream: Any = container.add_stream("libx264", rate=_FRAME_RATE, options={"preset": "ultrafast", "crf": "24"})
        stream.width, stream.height = size[::-1] if sideways else size
        stream.pix_fmt = "yuv420p"
        sound = _sound(container, "aac")
        for picture in _pictures(size, seconds):
            stored = picture.transpose(Image.Transpose.ROTATE_90) if sideways else picture
            frame = VideoFrame.from_bytes(stored.convert("RGBA").tobytes(), *stored.size, "rgba")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
        _play(container, sound, seconds)
    return file.getvalue()


def _pictures(size: tuple[int, int], seconds: int) -> Iterator[Image.Image]:
    width, height = size
    hills = _scene(width * 2, height)
    font = ImageFont.load_default(size=min(size) // 6)
    frames = seconds * _FRAME_RATE
    for number in range(frames):
        left = width * number // frames
        picture = hills.crop((left, 0, left + width, height))
        draw = ImageDraw.Draw(picture)
        center, radius = (width / 2, height * 0.32), min(size) * 0.16
        draw.circle(center, radius, outline="#fffbe8", width=max(2, min(size) // 90))
        box = [center[0] - radius * 0.8, center[1] - radius * 0.8, center[0] + radius * 0.8, center[1] + radius * 0.8]
        draw.pieslice(box, -90, -90 + 360 * number / frames, fill="#fffbe8")
        clock = f"{number // _FRAME_RATE:02d}:{number % _FRAME_RATE * 100 // _FRAME_RATE:02d}"
        draw.text((width / 2, height * 0.62), clock, fill="#fffbe8", font=font, anchor="mm")
        yield picture


def still(form: str, width: int, height: int) -> bytes:
    """The hills as a picture in a format of Pillow's."""
    file = io.BytesIO()
    _scene(width, height).save(file, form)
    return file.getvalue()


def _scene(width: int, height: int) -> Image.Image:
    """A light sky above, dark hills below."""
    sky = ImageOps.colorize(Image.linear_gradient("L"), black="#2a4d8f", mid="#c56a63", white="#f5cf8e")
    picture = sky.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for hill, color in enumerate(("#7b4f66", "#55405f", "#332f4a", "#1d2233")):
        ridge = [(x, height * _ridge(x / height, hill)) for x in range(0, width + 8, 8)]
        draw.polygon([(0, height), *ridge, (width + 8, height)], fill=color)
    return picture


def _ridge(x: float, hill: int) -> float:
    return 0.55 + 0.11 * hill + 0.05 * math.sin(x * (2 + hill) + hill * 2.1) + 0.02 * math.sin(x * (7 + hill))


def _sound(container: Any, codec: str) -> Any:
    stream = container.add_stream(codec, rate=_SAMPLE_RATE)
    stream.layout = "mono"
    return stream


def _play(container: Any, stream: Any, seconds: int) -> None:
    samples = array("h", (round(12_000 * value) for value in _notes(seconds)))
    step = stream.codec_context.frame_size or 1024
    for start in range(0, len(samples), step):
        part = samples[start : start + step]
        frame = AudioFrame(format="s16", layout="mono", samples=len(part))
        frame.planes[0].update(part.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.time_base, frame.pts = _SAMPLE_RATE, Fraction(1, _SAMPLE_RATE), start
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _notes(seconds: int) -> Iterator[float]:
    """Each note dies away."""
    length = _SAMPLE_RATE // 2
    for note in range(seconds * 2):
        step = 2 * math.pi * _NOTES[note % len(_NOTES)] / _SAMPLE_RATE
        for at in range(length):
            yield math.sin(step * at) * (1 - at / length) * min(1.0, at / 200)
