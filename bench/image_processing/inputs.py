"""The pictures to measure with: real photographs layered to camera size, with grain, the same on every run."""

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from bench.harness import BUILD

PHOTOGRAPHS: Final = Path(__file__).parents[2] / "tests" / "pictures"
SIZES: Final = {"2mp": (1632, 1224), "12mp": (4000, 3000), "24mp": (6000, 4000)}
FORMATS: Final[dict[str, dict[str, Any]]] = {
    "jpeg": {"quality": 90},
    "png": {"compress_level": 3},  # hardly changes how long decoding takes, and encodes 3 times faster
    "webp": {"quality": 85, "method": 2},
}
GRAIN: Final = 6.0  # standard deviation, in 1/255: a phone indoors


def input_file(megapixels: str, picture_format: str) -> Path:
    """The picture of that size, a key of SIZES, in that format; made once, PNG with alpha."""
    path = _folder() / f"{megapixels}.{picture_format}"
    if not path.exists():
        picture = photograph(SIZES[megapixels])
        if picture_format == "png":
            picture = with_alpha(picture)
        unfinished = path.with_suffix(".part")
        picture.save(unfinished, picture_format.upper(), **FORMATS[picture_format])
        unfinished.rename(path)
    return path


def _folder() -> Path:
    """Where the pictures of this very recipe are kept."""
    recipe = hashlib.sha256()
    for source in (Path(__file__), *sorted(PHOTOGRAPHS.glob("*.jpg"))):
        recipe.update(source.read_bytes())
    folder = BUILD / "inputs" / recipe.hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def photograph(size: tuple[int, int]) -> Image.Image:
    """An RGB picture with detail at every scale, as cameras give: 12 megapixels make about 4 MB of JPEG at quality 90.

    One small photograph over the whole frame has no fine detail, and its tiles alone have nothing else, so one is
    layered on the other.
    """
    frame = Image.open(PHOTOGRAPHS / "coffee.jpg").resize(size, Image.Resampling.BICUBIC)
    for name, enlargement in (("chelsea.jpg", 2), ("astronaut.jpg", 1)):
        frame = Image.blend(frame, _tiled(PHOTOGRAPHS / name, enlargement, size), 0.5)
    return _with_grain(frame)


def with_alpha(opaque: Image.Image) -> Image.Image:
    """The picture as RGBA: solid in a soft-edged ellipse, clear around it, as cut-outs are."""
    small = Image.new("L", (256, 256), 0)
    ImageDraw.Draw(small).ellipse((16, 16, 240, 240), fill=255)
    picture = opaque.copy()
    picture.putalpha(small.resize(opaque.size, Image.Resampling.BICUBIC))
    return picture


def _tiled(path: Path, enlargement: int, size: tuple[int, int]) -> Image.Image:
    """The whole frame filled with the photograph and its mirror images, so that the tiles meet without edges."""
    one = ImageOps.scale(Image.open(path), enlargement, Image.Resampling.BICUBIC)
    four = Image.new("RGB", (one.width * 2, one.height * 2))
    four.paste(one, (0, 0))
    four.paste(ImageOps.mirror(one), (one.width, 0))
    four.paste(ImageOps.flip(four.crop((0, 0, four.width, one.height))), (0, one.height))
    frame = Image.new("RGB", size)
    for left in range(0, size[0], four.width):
        for top in range(0, size[1], four.height):
            frame.paste(four, (left, top))
    return frame


def _with_grain(clean: Image.Image) -> Image.Image:
    """The picture with the noise of a sensor, most of it in brightness."""
    random = np.random.default_rng(7)
    pixels = np.asarray(clean).astype(np.float32)
    pixels += random.standard_normal((*pixels.shape[:2], 1), np.float32) * np.float32(GRAIN)
    pixels += random.standard_normal(pixels.shape, np.float32) * np.float32(GRAIN / 2)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
