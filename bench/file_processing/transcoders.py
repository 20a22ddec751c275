"""Implementations that make renditions of a video, each as a process: ours, and FFmpeg's own command line.

Answers a file with the seconds that it took, of all its threads and on the clock, with the bytes of the renditions, and
with megabytes at the peak where they are those of a process that has ended.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.media import mp4
from lambdas.file_processing.domain.media.process import process
from lambdas.file_processing.domain.processing import Input

SIZES: Final = {"720p": (1280, 720), "360p": (640, 360)}
"""Of the renditions of the benchmark's video."""


@dataclass(frozen=True)
class Used:
    """What a run cost."""

    cpu: float
    megabytes: float = 0.0


def ours(path: Path, directory: Path) -> Used:
    """The processor of the function: two renditions, the poster and the strip."""
    began = time.process_time()
    process(Input(path=path, name=path.name, kind="video", size=path.stat().st_size), directory, Limits())
    return Used(time.process_time() - began)


def ffmpeg(path: Path, directory: Path) -> Used:
    """The two renditions by one command, with the same encoders, settings and threads."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command(path, directory), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Used(cpu, after.ru_maxrss * 1024 / 1e6)


def command(path: Path, directory: Path) -> list[str]:
    """What one would type: the source decoded once, for both."""
    threads = str(mp4.ENCODER_THREADS)
    scaled = ";".join(f"[{name}]scale={w}:{h}:flags=bicubic[out{name}]" for name, (w, h) in SIZES.items())
    split = f"[0:v]split={len(SIZES)}{''.join(f'[{name}]' for name in SIZES)}"
    arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", threads, "-i", str(path)]
    arguments += ["-filter_complex", f"{split};{scaled}"]
    for name in SIZES:
        arguments += ["-map", f"[out{name}]", "-map", "0:a", "-map_metadata", "-1"]
        arguments += ["-c:v", "libx264", "-preset", mp4.PRESET, "-crf", "23", "-pix_fmt", "yuv420p"]
        arguments += ["-threads", threads, "-force_key_frames", "expr:gte(t,n_forced*2)"]
        arguments += ["-c:a", "aac", "-b:a", str(mp4.AUDIO_BIT_RATE), "-ac", "2", "-ar", str(mp4.SAMPLE_RATE)]
        arguments += ["-movflags", "+faststart", str(directory / f"video-{name}.mp4")]
    return arguments


MAKE: Final[dict[str, Callable[[Path, Path], Used]]] = {"ours": ours, "ffmpeg": ffmpeg}


def run(name: str, path: Path, *, all_cores: bool) -> dict[str, object]:
    """One run in a directory of its own."""
    if all_cores:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        used = MAKE[name](path, Path(directory))
        clock = time.perf_counter() - began
        size = sum(each.stat().st_size for each in Path(directory).glob("video-*.mp4"))
    return {"cpu": used.cpu, "clock": clock, "bytes": size, "megabytes": used.megabytes}


def serve(name: str) -> None:
    """Answers requests until its input ends."""
    print(json.dumps({"ready": name, "found": bool(shutil.which("ffmpeg"))}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(run(name, Path(request["path"]), all_cores=request["all_cores"])), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
