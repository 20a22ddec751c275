"""Where to crop: the window that holds most of what draws the eye, rather than the centre."""

from __future__ import annotations

from itertools import accumulate

from PIL import Image, ImageChops, ImageFilter

from lambdas.image_processing.domain.geometry import Size

_ANALYSIS_SIDE = 128
"""Pixels on the longer side; more changes no crop visibly and costs time."""


def crop_box(image: Image.Image, scaled: Size, size: Size) -> tuple[float, float, float, float]:
    """Box of ``image``, in its own pixels, that shows ``size`` out of ``scaled``.

    Salience is edge strength plus colour saturation, both of which fall off in sky, walls and blur. Of equally good
    windows the most central one wins.
    """
    small = image.convert("RGB")
    small.thumbnail((_ANALYSIS_SIDE, _ANALYSIS_SIDE), Image.Resampling.BOX)
    energy = _energy(small)
    left, right = _window(_profile(energy, horizontal=True), size[0] / scaled[0])
    top, bottom = _window(_profile(energy, horizontal=False), size[1] / scaled[1])
    width, height = image.size
    return left * width, top * height, right * width, bottom * height


def _energy(image: Image.Image) -> Image.Image:
    edges = image.convert("L").filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.FIND_EDGES)
    # The filter leaves the outermost pixels as they were, which would count as strong edges.
    width, height = edges.size
    if width > 4 and height > 4:
        inner = edges.crop((2, 2, width - 2, height - 2))
        edges = Image.new("L", edges.size)
        edges.paste(inner, (2, 2))
    saturation = image.convert("HSV").getchannel("S").point(lambda value: value // 4)
    return ImageChops.add(edges, saturation)


def _profile(energy: Image.Image, *, horizontal: bool) -> list[float]:
    width, height = energy.size
    line = energy.convert("F").resize((width, 1) if horizontal else (1, height), Image.Resampling.BOX)
    return list(memoryview(line.tobytes()).cast("f"))


def _window(profile: list[float], share: float) -> tuple[float, float]:
    """Start and end, as fractions, of the window of width ``share`` with the largest sum."""
    if share >= 1:
        return 0.0, 1.0
    count = len(profile)
    length = max(1, round(share * count))
    sums = [0.0, *accumulate(profile)]
    centre = (count - length) / 2

    def salience_then_centrality(start: int) -> tuple[float, float]:
        return round(sums[start + length] - sums[start], 3), -abs(start - centre)

    best = max(range(count - length + 1), key=salience_then_centrality)
    start = min(best / count, 1 - share)
    return start, start + share
