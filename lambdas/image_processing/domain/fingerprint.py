"""What the catalog knows a picture by: its dominant colour and a perceptual hash."""

from __future__ import annotations

from PIL import Image


def dominant_color(image: Image.Image) -> str:
    """Most common colour, ``#rrggbb``, after reducing the picture to 8 colours; ignores mostly transparent pixels."""
    small = image.resize((64, 64), Image.Resampling.BOX)
    mask = small.getchannel("A").point(lambda alpha: alpha >= 128, "1") if small.mode == "RGBA" else None
    reduced = small.convert("RGB").quantize(8, Image.Quantize.MEDIANCUT)
    counts = reduced.histogram(mask)
    index = counts.index(max(counts))
    return "#" + bytes(reduced.getpalette("RGB") or ())[3 * index : 3 * index + 3].hex()


def perceptual_hash(image: Image.Image) -> str:
    """64-bit difference hash, 16 hex digits: each bit tells whether a pixel of a 9x8 grey picture outshines the next.

    Near-duplicates (resized, recompressed, slightly retouched) differ in a few bits.
    """
    grey = image.convert("RGB").convert("L").resize((9, 8), Image.Resampling.BOX)
    pixels = grey.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (pixels[at] > pixels[at + 1])
    return f"{bits:016x}"


def hash_bands(perceptual: str, bands: int) -> list[str]:
    """The hash cut into equal bands; two hashes that differ in fewer than ``bands`` bits share one of them."""
    length = len(perceptual) // bands
    return [perceptual[at : at + length] for at in range(0, len(perceptual), length)]


def hash_distance(one: str, other: str) -> int:
    """Number of bits in which two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
