"""The Python implementations that are compared, each as a process: `python -m bench.image_processing.peers <name>`.

A process says what it is, then answers `{path, format, sides, save}` with `{seconds, bytes}`: the CPU time of making
one rendition per side from the file's bytes, and their sizes; where `save` names a folder it also writes them there.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Literal

QUALITY = 80
MAX_BYTES = 256 * 1024 * 1024
"""The largest input, a noisy 24-megapixel PNG, is bigger than a function accepts by default."""

Format = Literal["jpeg", "webp"]
Render = Callable[[bytes, Format, list[int]], list[bytes]]
"""Renditions of a picture in a format, one per side of the square that it fits in; sides come largest first."""


def ours() -> Render:
    """The domain code of the function, with nothing left out: checks, hashes, dominant colour."""
    from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
    from lambdas.image_processing.domain.renditions import render

    def run(data: bytes, picture_format: Format, sides: list[int]) -> list[bytes]:
        specs = tuple(RenditionSpec(name=str(side), width=side, height=side) for side in sides)
        encodings = (Encoding(format=picture_format, quality=QUALITY),)
        return [each.data for each in render(data, specs, encodings, Limits(max_bytes=MAX_BYTES)).renditions]

    return run


def tutorial() -> Render:
    """What tutorials show: decode everything, then for each size copy, thumbnail, save."""
    from PIL import Image

    def run(data: bytes, picture_format: Format, sides: list[int]) -> list[bytes]:
        picture: Image.Image = Image.open(io.BytesIO(data))
        picture.load()
        if picture_format == "jpeg" and picture.mode != "RGB":
            picture = picture.convert("RGB")
        renditions = []
        for side in sides:
            small = picture.copy()
            small.thumbnail((side, side))
            stream = io.BytesIO()
            small.save(stream, picture_format.upper(), quality=QUALITY)
            renditions.append(stream.getvalue())
        return renditions

    return run


def pyvips() -> Render:
    """libvips at its best: scaled down while decoding, then each size from the one before."""
    os.environ["VIPS_CONCURRENCY"] = "1"  # read when the library loads
    import pyvips as vips

    vips.cache_set_max(0)
    suffixes = {"jpeg": ".jpg", "webp": ".webp"}

    def run(data: bytes, picture_format: Format, sides: list[int]) -> list[bytes]:
        renditions, picture = [], None
        for side in sides:
            if picture is None:
                scaled = vips.Image.thumbnail_buffer(data, side, height=side, size="down")
            else:
                scaled = picture.thumbnail_image(side, height=side, size="down")
            picture = scaled.copy_memory()
            renditions.append(bytes(picture.write_to_buffer(f"{suffixes[picture_format]}[Q={QUALITY},keep=none]")))
        return renditions

    return run


PEERS: dict[str, tuple[Callable[[], Render], str]] = {
    "ours": (ours, "pillow"),
    "tutorial": (tutorial, "pillow"),
    "pyvips": (pyvips, "pyvips-binary"),
}


def serve(name: str) -> None:
    """Answers requests until its input ends."""
    load, package = PEERS[name]
    render = load()
    _say({"ready": f"{package} {version(package)}"})
    inputs: dict[str, bytes] = {}
    for line in sys.stdin:
        request = json.loads(line)
        path = request["path"]
        if path not in inputs:
            inputs = {path: Path(path).read_bytes()}
        began = time.process_time()
        renditions = render(inputs[path], request["format"], request["sides"])
        seconds = time.process_time() - began
        if request["save"]:
            for side, rendition in zip(request["sides"], renditions, strict=True):
                Path(request["save"], f"{name}-{side}.{request['format']}").write_bytes(rendition)
        _say({"seconds": seconds, "bytes": [len(each) for each in renditions]})


def _say(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
