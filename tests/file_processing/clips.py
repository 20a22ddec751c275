"""Clips that are made for tests, and what one sees and hears of a clip."""

from __future__ import annotations

import itertools
import math
import struct
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.codec.context import Flags as CodecFlags
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw, ImageStat

RATE = 25
SAMPLE_RATE = 48_000
TONE_HERTZ = 440
RED, GREEN, YELLOW, BLUE = (224, 32, 32), (32, 192, 32), (224, 224, 32), (32, 32, 224)
CORNERS = (RED, GREEN, YELLOW, BLUE)
"""Clockwise from the upper left."""
_NAMES = {RED: "red", GREEN: "green", YELLOW: "yellow", BLUE: "blue"}

_SCALER_MATRICES = {1: 1, 6: 5}
"""The scaler's numbers of matrices by those of H.273."""

Still = Callable[[int], Image.Image]
Volume = Callable[[float], float]


def with_corners(size: tuple[int, int], number: int = 0) -> Image.Image:
    """A grey picture whose corners tell which way it is turned; a bar moves through its middle."""
    width, height = size
    image = Image.new("RGB", size, (128, 128, 128))
    draw = ImageDraw.Draw(image)
    draw.rectangle(
        (width * (number % 20) // 20, height * 2 // 5, width * (number % 20 + 1) // 20, height * 3 // 5), "white"
    )
    boxes = ((0, 0), (width - width // 4, 0), (width - width // 4, height - height // 4), (0, height - height // 4))
    for (left, top), colour in zip(boxes, CORNERS, strict=True):
        draw.rectangle((left, top, left + width // 4, top + height // 4), colour)
    return image


@dataclass(frozen=True)
class Video:
    """A video stream to be made."""

    size: tuple[int, int] = (320, 180)
    still: Still | None = None
    times: Sequence[float] = tuple(number / RATE for number in range(25))
    """Seconds at which frames are shown."""
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    aspect: Fraction = Fraction(1)
    options: tuple[tuple[str, str], ...] = (("preset", "ultrafast"),)
    colors: tuple[int, int, int] | None = None
    """Matrix, primaries, transfer, as the file tells them."""
    matrix: int = 6
    """By which RGB is made YUV."""
    interlaced: bool = False


@dataclass(frozen=True)
class Audio:
    """An audio stream to be made: a tone of this volume, from 0 to 1, at each second."""

    seconds: float = 1.0
    volume: Volume = lambda _: 0.5
    begins: float = 0.0
    codec: str = "aac"
    layout: str = "stereo"
    rate: int = SAMPLE_RATE


def make(path: Path, video: Video | None = None, audio: Audio | None = None, **options: str) -> Path:
    """Writes a clip in the format that its name tells; ``options`` are the format's."""
    with av.open(str(path), "w", container_options=options) as container:
        streams: list[tuple[Any, list[Any]]] = []
        if video:
            streams.append(_video_stream(container, video))
        if audio:
            streams.append(_audio_stream(container, audio))
        for stream, frames in streams:
            for frame in (*frames, None):
                container.mux(stream.encode(frame))
    return path


def _video_stream(container: Any, video: Video) -> tuple[Any, list[VideoFrame]]:
    stream = container.add_stream(
        video.codec, rate=RATE, options=dict(video.options) if video.codec == "libx264" else {}
    )
    stream.width, stream.height = video.size
    stream.pix_fmt = video.pixel_format
    context = stream.codec_context
    fixed = video.codec in {"mpeg4", "mpeg2video"} or container.format.name == "avi"
    context.time_base = Fraction(1, RATE if fixed else 1000)
    context.sample_aspect_ratio = video.aspect
    if video.colors:
        context.colorspace, context.color_primaries, context.color_trc = video.colors
    if video.interlaced:
        context.flags |= CodecFlags.interlaced_dct | CodecFlags.interlaced_me
        context.options = {"field_order": "tt"}
    frames = []
    for number, seconds in enumerate(video.times):
        image = video.still(number) if video.still else with_corners(video.size, number)
        frame = _frame(image).reformat(format=video.pixel_format, dst_colorspace=_SCALER_MATRICES[video.matrix])
        frame.pts, frame.time_base = round(seconds / context.time_base), context.time_base
        frames.append(frame)
    return stream, frames


def _audio_stream(container: Any, audio: Audio) -> tuple[Any, list[AudioFrame]]:
    stream = container.add_stream(audio.codec, rate=audio.rate)
    stream.layout = audio.layout
    frames = []
    for start in range(0, round(audio.seconds * audio.rate), 1024):
        length = min(1024, round(audio.seconds * audio.rate) - start)
        frame = AudioFrame(format="s16", layout=audio.layout, samples=length)
        channels = frame.layout.nb_channels
        samples = array("h")
        for at in range(start, start + length):
            seconds = audio.begins + at / audio.rate
            value = audio.volume(seconds) * math.sin(2 * math.pi * TONE_HERTZ * seconds)
            samples.extend([round(32_767 * value)] * channels)
        frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.time_base = audio.rate, Fraction(1, audio.rate)
        frame.pts = round(audio.begins * audio.rate) + start
        frames.append(frame)
    return stream, frames


def turned(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Writes a, b, c, d into the first track's header, as phones do: (x, y) is shown at (ax + cy, bx + dy)."""
    a, b, c, d = (each * 0x10000 for each in matrix)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    return path


def lying(path: Path) -> Path:
    """Has a Matroska file say that it lasts ten milliseconds."""
    data = bytearray(path.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", 10)
    path.write_bytes(data)
    return path


@dataclass(frozen=True)
class Seen:
    """What a player shows and plays."""

    frames: list[tuple[float, Image.Image]]
    samples: array[int]
    """Of the first channel, as 16-bit numbers at 48 kHz, from time zero."""
    audio_begins: float | None
    keys: list[float]

    @property
    def times(self) -> list[float]:
        """Of the frames."""
        return [seconds for seconds, _ in self.frames]

    def first_flash(self) -> float:
        """When the picture becomes bright."""
        return next(seconds for seconds, image in self.frames if brightness(image) > 128)

    def first_beep(self) -> float:
        """When the sound becomes loud."""
        begins = self.audio_begins or 0.0
        return begins + next(at for at, sample in enumerate(self.samples) if abs(sample) > 4_000) / SAMPLE_RATE


def seen(path: Path) -> Seen:
    """Decodes a clip whole."""
    frames, samples, begins, keys = [], array("h"), None, []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "stereo", SAMPLE_RATE)
        for frame in container.decode(*container.streams.video, *container.streams.audio):
            if isinstance(frame, VideoFrame):
                frames.append((frame.time, _image(frame)))
                keys += [frame.time] if frame.key_frame else []
            elif isinstance(frame, AudioFrame):
                begins = frame.time if begins is None else begins
                for part in resampler.resample(frame):
                    samples.extend(array("h", bytes(part.planes[0])[: 4 * part.samples])[::2])
    return Seen(frames, samples, begins, keys)


def brightness(image: Image.Image) -> float:
    """Of the whole picture, from 0 to 255."""
    return ImageStat.Stat(image.convert("L")).mean[0]


def corners(image: Image.Image) -> list[str]:
    """Names of the colours in the corners, clockwise from the upper left."""
    width, height = image.size
    left, right, top, bottom = width // 10, width - width // 10 - 1, height // 10, height - height // 10 - 1
    places = ((left, top), (right, top), (right, bottom), (left, bottom))
    return [_nearest(cast("tuple[int, int, int]", image.convert("RGB").getpixel(place))) for place in places]


def boxes(path: Path) -> list[str]:
    """Types of the boxes that an MP4 file consists of, in order."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        found.append(name.decode("latin-1"))
        at += size or len(data)
    return found


def _frame(image: Image.Image) -> VideoFrame:
    return VideoFrame.from_bytes(image.convert("RGBA").tobytes(), image.width, image.height, "rgba")


def _image(frame: VideoFrame) -> Image.Image:
    to_image: Callable[[], Image.Image] = frame.to_image
    return to_image()


def _nearest(pixel: tuple[int, int, int]) -> str:
    def distance(colour: tuple[int, int, int]) -> int:
        return sum((one - other) ** 2 for one, other in itertools.zip_longest(pixel, colour, fillvalue=0))

    nearest = min(CORNERS, key=distance)
    return _NAMES[nearest] if distance(nearest) < 20_000 else str(pixel)
