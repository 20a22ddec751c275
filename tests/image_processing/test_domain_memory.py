"""Peak memory: the worst uploads within the limits stay under 60 % of the function's memory.

Every buffer of a decoder grows with the pixels. So pictures of 6 and of 12 megapixels tell, in a process of their own,
what one at the limit takes; pictures of 50 would make this suite slow.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from lambdas.common.tables.pictures.layout import ReasonCode
from lambdas.image_processing.contract import Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from lambdas.image_processing.domain.rejection import Rejected
from tests.support.pictures import encode

Size = tuple[int, int]
Make = Callable[[Size], bytes]

MIB = 2**20
ALLOWED = 0.60 * 1769 * MIB  # of the construct's default memory
HANDLER = 40 * MIB  # boto3's clients and Powertools, which the domain alone does not load
UPLOAD = 3 * 10 * MIB  # the largest upload: as it came from S3, as a file object, and in the decoder's hands
SMALL, LARGE = (3000, 2000), (4240, 2828)
PHONE = (8064, 6048)

SCRIPT = """
import re, resource, sys
from pathlib import Path
from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.renditions import render

def peak():
    # ru_maxrss starts at the size of the parent process; where the kernel tells better, that is used.
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

specs = tuple(RenditionSpec(name=str(side), width=side, height=side) for side in (1920, 1024, 480))
specs += (RenditionSpec(name="thumbnail", width=256, height=256, mode="cover"),)
for length in map(int, sys.argv[1:]):
    render(sys.stdin.buffer.read(length), specs, (Encoding(format="jpeg"), Encoding(format="webp")), Limits())
    print(peak())
"""


def peaks(*uploads: bytes) -> list[int]:
    """Highest resident size in bytes of a fresh interpreter, after each of the uploads in turn."""
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, *(str(len(data)) for data in uploads)],
        input=b"".join(uploads),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={},
    )
    return [int(line) for line in answer.stdout.split()]


def needed_for(pixels: int, make: Make, sizes: tuple[Size, Size] = (SMALL, LARGE)) -> float:
    """Bytes that the function takes for a picture of so many pixels, reckoned from pictures of two sizes."""
    small, large = peaks(*map(make, sizes))
    few, many = (width * height for width, height in sizes)
    return small + (large - small) * (pixels - few) / (many - few) + HANDLER + UPLOAD


def rgb(size: Size) -> Image.Image:
    return Image.new("RGB", size, (200, 120, 40))


def rgba(size: Size) -> Image.Image:
    """Half transparent, so that nothing can be dropped."""
    return Image.new("RGBA", size, (200, 120, 40, 128))


def palette(size: Size) -> Image.Image:
    image = Image.new("P", size, 1)
    image.putpalette([*range(96)])
    return image


def deep_heic(size: Size, mode: str = "RGBA;16") -> bytes:
    """10 bits and no subsampling, with alpha: the most that a HEIC can ask for."""
    samples = np.full((size[1], size[0], len(mode) - 3), 30_000, np.uint16)
    stream = io.BytesIO()
    image = pillow_heif.from_bytes(mode, size, samples.tobytes())
    image.save(stream, quality=10, chroma=444, enc_params={"preset": "ultrafast"})
    return stream.getvalue()


UPLOADS: dict[str, Make] = {
    "jpeg-progressive-cmyk": lambda size: encode(Image.new("CMYK", size, 99), "JPEG", progressive=True),
    "png-16-bit": lambda size: encode(Image.new("I;16", size, 30_000), "PNG"),
    "png-with-a-transparent-color": lambda size: encode(rgb(size), "PNG", transparency=(200, 120, 40)),
    "webp-lossless-alpha": lambda size: encode(rgba(size), "WEBP", lossless=True, quality=0, method=0),
    "gif": lambda size: encode(palette(size), "GIF", transparency=1),
    "tiff-float": lambda size: encode(Image.new("F", size, 0.5), "TIFF", compression="tiff_adobe_deflate"),
    "avif-444-alpha": lambda size: encode(rgba(size), "AVIF", subsampling="4:4:4", speed=10),
}


@pytest.mark.parametrize("make", UPLOADS.values(), ids=UPLOADS)
def test_an_upload_at_the_limit_leaves_40_percent_of_the_memory(make: Make) -> None:
    assert needed_for(Limits().max_pixels, make) < ALLOWED


def test_a_deep_heic_with_alpha_at_half_the_limit_leaves_40_percent_of_the_memory() -> None:
    assert needed_for(Limits().max_pixels // 2, deep_heic, ((1600, 1200), (2400, 1800))) < ALLOWED


def test_only_a_heic_that_is_both_deep_and_transparent_has_half_the_limit() -> None:
    size = (64, 64)
    specs, limits = (RenditionSpec(name="any", width=32, height=32),), Limits(max_pixels=64 * 64)
    with pytest.raises(Rejected) as refusal:
        pictures.decode(deep_heic(size), specs, limits)
    assert refusal.value.code == ReasonCode.TOO_MANY_PIXELS
    for data in (deep_heic(size, "RGB;16"), encode(rgba(size), "HEIF"), encode(rgba(size), "AVIF")):
        assert pictures.decode(data, specs, limits).size == size


def test_a_48_megapixel_phone_picture_is_within_the_limits() -> None:
    (peak,) = peaks(encode(rgb(PHONE), "JPEG"))
    assert peak + HANDLER + UPLOAD < ALLOWED
