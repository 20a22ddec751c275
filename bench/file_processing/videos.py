"""Seconds, memory and bytes of two renditions of a video: ours beside FFmpeg's own command line."""

from __future__ import annotations

import math
import random
import shutil
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image, ImageChops

from bench.harness import BUILD, ROOT, BenchError, Case, Peer, Row, interleaved, middle_pair

OURS: Final = "ours"
FFMPEG: Final = "ffmpeg"
SECONDS: Final = 90.0
ROUNDS: Final = range(5, 12)
CLIP_SECONDS: Final = 5
RATE: Final = 30
SIZE: Final = (1920, 1080)
PICTURES: Final = ("coffee.jpg", "chelsea.jpg", "astronaut.jpg")
CLIP: Final = BUILD / "inputs" / "file_processing" / "clip.mp4"
UNEQUAL: Final = "ours makes poster and strip, too"


def cases() -> dict[str, Case]:
    """On one core, as in a small function; and on all of them."""
    return {
        "transcode": partial(_transcode, "transcode", "cpu"),
        "transcode-cores": partial(_transcode, "transcode-cores", "clock"),
    }


def start(name: str) -> Peer:
    """The implementation ``name`` in a process of its own."""
    if name == FFMPEG and shutil.which(FFMPEG) is None:
        raise BenchError("ffmpeg is missing: apt-get install ffmpeg, or brew install ffmpeg, to measure beside it")
    return Peer([sys.executable, "-m", "bench.file_processing.transcoders", name])


def _transcode(case: str, measure: str) -> Iterator[Row]:
    request: dict[str, object] = {"path": str(clip()), "all_cores": measure == "clock"}
    with ExitStack() as stack:
        peers = {name: stack.enter_context(start(name)) for name in (OURS, FFMPEG)}
        answers = {name: peer.ask(request) for name, peer in peers.items()}
        runs = {name: _timed(peer, request, measure) for name, peer in peers.items()}
        seconds = interleaved(runs, budget=SECONDS, rounds=ROUNDS)
        memory = {OURS: peers[OURS].peak_memory(), FFMPEG: float(answers[FFMPEG]["megabytes"])}
    ours, theirs = middle_pair(seconds[OURS], seconds[FFMPEG])
    note = f"{CLIP_SECONDS} s of 1080p to 720p and 360p; {UNEQUAL}; median of {len(seconds[OURS])} rounds"
    yield Row(case, FFMPEG, ours, theirs, "s of CPU" if measure == "cpu" else "s", theirs / ours, note)
    if measure == "clock":
        return
    yield Row(case, FFMPEG, memory[OURS], memory[FFMPEG], "MB", memory[FFMPEG] / memory[OURS], "peak; ours with Python")
    sizes = {name: float(answer["bytes"]) / 1e6 for name, answer in answers.items()}
    yield Row(case, FFMPEG, sizes[OURS], sizes[FFMPEG], "MB of renditions", sizes[FFMPEG] / sizes[OURS])


def _timed(peer: Peer, request: dict[str, object], measure: str) -> Callable[[], float]:
    return lambda: float(peer.ask(request)[measure])


@cache
def clip() -> Path:
    """A camera that moves over photographs, with the noise of a sensor, and a melody; the same on every computer."""
    if not CLIP.exists():
        CLIP.parent.mkdir(parents=True, exist_ok=True)
        unfinished = CLIP.with_suffix(".part")
        with av.open(str(unfinished), "w", format="mp4") as container:
            _write(container)
        unfinished.rename(CLIP)
    return CLIP


def _write(container: Any) -> None:
    video = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "23"})
    video.width, video.height = SIZE
    video.pix_fmt = "yuv420p"
    audio = container.add_stream("aac", rate=48_000)
    for number in range(CLIP_SECONDS * RATE):
        container.mux(video.encode(_frame(number)))
    container.mux(video.encode(None))
    for number in range(CLIP_SECONDS * 50):
        container.mux(audio.encode(_tone(number)))
    container.mux(audio.encode(None))


@cache
def _photograph(number: int) -> Image.Image:
    with Image.open(ROOT / "tests" / "pictures" / PICTURES[number % len(PICTURES)]) as image:
        wide = image.convert("RGB")
    return wide.resize((SIZE[0] * 4 // 3, SIZE[0] * 4 // 3 * wide.height // wide.width), Image.Resampling.BICUBIC)


@cache
def _noise() -> Image.Image:
    chance = random.Random(7)  # noqa: S311  nothing secret
    large = (SIZE[0] + 64, SIZE[1] + 64)
    grain = Image.frombytes("L", large, chance.randbytes(large[0] * large[1]))
    return grain.point(lambda value: value // 16).convert("RGB")


def _frame(number: int) -> VideoFrame:
    photograph = _photograph(number // RATE)
    left = (photograph.width - SIZE[0]) * (number % RATE) // RATE
    top = (photograph.height - SIZE[1]) // 2
    seen = photograph.crop((left, top, left + SIZE[0], top + SIZE[1]))
    x, y = (number * 37) % 64, (number * 53) % 64
    grain = _noise().crop((x, y, x + SIZE[0], y + SIZE[1]))
    image = ImageChops.add(seen, grain, offset=-8)
    return VideoFrame.from_bytes(image.convert("RGBA").tobytes(), *SIZE, "rgba")


def _tone(number: int) -> AudioFrame:
    samples = 960
    frame = AudioFrame(format="s16", layout="stereo", samples=samples)
    hertz = (262, 330, 392, 523)[number // 25 % 4]
    values = array("h")
    for at in range(number * samples, (number + 1) * samples):
        values.extend([round(12_000 * math.sin(2 * math.pi * hertz * at / 48_000))] * 2)
    frame.planes[0].update(values.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), number * samples
    return frame
