"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from stacks.blocks.function import FunctionConfig
from stacks.image_processing.construct import ImageProcessingConfig

FIT = RenditionSpec(name="desktop", width=1920, height=1080)
COVER = RenditionSpec(name="thumbnail", width=256, height=256, mode="cover")
JPEG, WEBP = Encoding(format="jpeg"), Encoding(format="webp")

NAMES = r"renditions need distinct names of a-z, 0-9 and -, at least one; got \[.*\]"
SIDES = r"renditions: Expected `int` [<>]= \d+ - at `\$\[0\]"
FORMATS = r"encodings need distinct formats, at least one; got \[.*\]"
COLOUR = "background is a colour as #rrggbb; got "
RECOGNITION = "recognition looks at a JPEG rendition in mode 'fit': add one, or switch recognition off"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"renditions": ()}, NAMES),
        ({"renditions": (FIT, FIT)}, NAMES),
        ({"renditions": (RenditionSpec(name="Desk top", width=1, height=1),)}, NAMES),
        ({"renditions": (RenditionSpec(name="../desktop", width=1, height=1),)}, NAMES),
        ({"renditions": (RenditionSpec(name="", width=1, height=1),)}, NAMES),
        ({"renditions": (RenditionSpec(name="huge", width=16_384, height=1),)}, SIDES),
        ({"renditions": (RenditionSpec(name="none", width=480, height=0),)}, SIDES),
        ({"encodings": (Encoding(format="jpeg", quality=0),)}, r"encodings: Expected `int` >= 1"),
        ({"encodings": (Encoding(format="png"),)}, r"encodings: Invalid enum value 'png'"),  # type: ignore[arg-type]
        ({"blocking_confidence": 800.0}, r"blocking_confidence: Expected `float` <= 100"),
        ({"noncurrent_days": 0}, r"noncurrent_days: Expected `int` >= 1"),
        ({"max_labels": 0}, r"max_labels: Expected `int` >= 1"),
        ({"limits": Limits(max_frames=0)}, r"limits: Expected `int` >= 1"),
        ({"limits": Limits(max_pixels=60_000_000)}, "need more than 1769 MB: set at most 55647928, or give"),
        ({"function": FunctionConfig(memory_mb=512)}, "need more than 512 MB: set at most 16106127, or give"),
        ({"encodings": ()}, FORMATS),
        ({"encodings": (JPEG, WEBP, Encoding(format="jpeg", quality=50))}, FORMATS),
        ({"background": "white"}, COLOUR),
        ({"background": "#fff"}, COLOUR),
        ({"background": "#ffffff00"}, COLOUR),
        ({"background": "#ffffff\n"}, COLOUR),
        ({"encodings": (WEBP,)}, RECOGNITION),
        ({"renditions": (COVER,)}, RECOGNITION),
    ],
)
def test_impossible_config_is_refused_with_the_remedy(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ImageProcessingConfig(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"renditions": (FIT, COVER), "encodings": (JPEG,)},
        {"encodings": (WEBP,), "recognition": False},
        {"function": FunctionConfig(memory_mb=512), "limits": Limits(max_pixels=16_000_000)},
        {"renditions": (COVER,), "recognition": False},
        {"encodings": (JPEG, WEBP, Encoding(format="avif", quality=60)), "background": "#A0b1C2"},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    ImageProcessingConfig(**fields)
