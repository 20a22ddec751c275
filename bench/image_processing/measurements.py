"""Speed, memory, fidelity and size of three renditions of a picture: ours beside tutorial, sharp and pyvips."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from bench.harness import ROOT, BenchError, Case, Peer, Row, interleaved, middle_pair
from bench.image_processing.inputs import SIZES, input_file

SIDES: Final = [1920, 1024, 480]
# What each input is used for: cut-outs stay transparent, WebP becomes what every client reads.
OUTPUTS: Final = {"jpeg": ("jpeg", "webp"), "png": ("jpeg", "webp"), "webp": ("jpeg", "webp")}
OURS: Final = "ours"
PEERS: Final = ("tutorial", "sharp", "pyvips")
HEADLINE: Final = "12mp-jpeg"
HEADLINE_SECONDS: Final = 12.0
SECONDS: Final = 2.0
WARM_PICTURES: Final = 5


def cases() -> dict[str, Case]:
    """Speed for every input; memory, fidelity and bytes for the 12-megapixel JPEG."""
    named: dict[str, Case] = {}
    for megapixels in SIZES:
        for picture_format, outputs in OUTPUTS.items():
            for output in outputs:
                source = f"{megapixels}-{picture_format}"
                named[f"{source}-to-{output}"] = partial(_speed, source, output)
    named[f"{HEADLINE}-to-jpeg-memory"] = partial(_memory, HEADLINE, "jpeg")
    for output in OUTPUTS["jpeg"]:
        named[f"{HEADLINE}-to-{output}-psnr"] = partial(_fidelity, HEADLINE, output)
    return named


def start(name: str) -> Peer:
    """The implementation `name` in a process of its own. Raises BenchError if it cannot be installed."""
    if name == "sharp":
        folder = _install_sharp()
        return Peer(["node", str(folder / "sharp.mjs")])
    return Peer([sys.executable, "-m", "bench.image_processing.peers", name])


def _install_sharp() -> Path:
    """Runs `npm ci` unless it has run since the lock file changed."""
    folder = Path(__file__).parent
    stamp, lock = folder / "node_modules" / ".package-lock.json", folder / "package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise BenchError("npm is missing: install Node 20 or newer, which brings it")
    done = subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=False)
    if done.returncode:
        raise BenchError(f"npm ci failed in {folder.relative_to(ROOT)}: see its message above")
    stamp.touch()
    return folder


def _request(source: str, output: str, save: Path | None = None) -> dict[str, object]:
    path = input_file(*source.split("-"))
    return {"path": str(path), "format": output, "sides": SIDES, "save": str(save) if save else None}


def _speed(source: str, output: str) -> Iterator[Row]:
    """Renditions per second of CPU time, so that what else runs on the core counts as little as possible."""
    request = _request(source, output)

    def run(peer: Peer) -> Callable[[], float]:
        return lambda: float(peer.ask(request)["seconds"])

    with ExitStack() as stack:
        started = {name: stack.enter_context(start(name)) for name in (OURS, *PEERS)}
        budget = HEADLINE_SECONDS if source == HEADLINE else SECONDS
        seconds = interleaved({name: run(peer) for name, peer in started.items()}, budget=budget)
        for name in PEERS:
            ours, theirs = middle_pair(seconds[OURS], seconds[name])
            note = f"{started[name].ready['ready']}; round of the median ratio out of {len(seconds[name])}"
            speeds = len(SIDES) / ours, len(SIDES) / theirs
            yield Row(f"{source}-to-{output}", name, *speeds, "renditions/s", theirs / ours, note)


def _memory(source: str, output: str) -> Iterator[Row]:
    """Peak resident memory of fresh processes: in all, as a function is billed, and above what imports took."""
    request = _request(source, output)
    peaks = {name: _peaks(name, request) for name in (OURS, *PEERS)}
    imports, first, warm = ({name: each[at] for name, each in peaks.items()} for at in range(3))
    for name in PEERS:
        note = f"peak of the process after {WARM_PICTURES} pictures; {first[OURS]:.0f} : {first[name]:.0f} after one"
        yield Row(f"{source}-to-{output}-memory", name, warm[OURS], warm[name], "MB", warm[name] / warm[OURS], note)
    for name in PEERS:
        ours, theirs = warm[OURS] - imports[OURS], warm[name] - imports[name]
        note = f"the same above its peak after import, {imports[OURS]:.0f} : {imports[name]:.0f}"
        yield Row(f"{source}-to-{output}-memory-above-import", name, ours, theirs, "MB", theirs / ours, note)


def _peaks(name: str, request: dict[str, object]) -> tuple[float, float, float]:
    """Megabytes after import, after the first picture, and after `WARM_PICTURES` of them, as in a warm function."""
    with start(name) as peer:
        imported = peer.peak_memory()
        peer.ask(request)
        first = peer.peak_memory()
        for _ in range(WARM_PICTURES - 1):
            peer.ask(request)
        return imported, first, peer.peak_memory()


def _fidelity(source: str, output: str) -> Iterator[Row]:
    """PSNR of each encoded rendition against the whole picture resampled once by Lanczos; and all renditions' bytes."""
    case = f"{source}-to-{output}"
    with tempfile.TemporaryDirectory() as folder:
        request = _request(source, output, Path(folder))
        sizes = {}
        for name in (OURS, *PEERS):
            with start(name) as peer:
                sizes[name] = sum(peer.ask(request)["bytes"]) / 1000
        with Image.open(str(request["path"])) as picture:
            whole = picture.convert("RGB")
        for side in SIDES:
            files = {name: Path(folder, f"{name}-{side}.{output}") for name in (OURS, *PEERS)}
            with Image.open(files[OURS]) as rendition:
                reference = whole.resize(rendition.size, Image.Resampling.LANCZOS)
            decibels = {name: _psnr(reference, file) for name, file in files.items()}
            for name in PEERS:
                ours, theirs = decibels[OURS], decibels[name]
                note = f"{ours - theirs:+.2f} dB; the ratio is that of the mean squared errors"
                yield Row(f"{case}-psnr-{side}", name, ours, theirs, "dB", 10 ** ((ours - theirs) / 10), note)
    for name in PEERS:
        ours, theirs = sizes[OURS], sizes[name]
        yield Row(f"{case}-bytes", name, ours, theirs, "kB", theirs / ours, "all three renditions; fewer is better")


def _psnr(reference: Image.Image, rendition: Path) -> float:
    """Decibels between the decoded rendition and `reference`, of the same size: 10 log10(255² / mean squared error)."""
    with Image.open(rendition) as picture:
        actual = np.asarray(picture.convert("RGB"), np.float32)
    error = float(np.mean((actual - np.asarray(reference, np.float32)) ** 2))
    return 10 * float(np.log10(255**2 / error))
