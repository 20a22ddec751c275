"""What cannot be configured says so at synth, with the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.image_processing.contract import Encoding, RenditionSpec
from stacks.image_processing.construct import ImageProcessingConfig

FIT = RenditionSpec(name="desktop", width=1920, height=1080)
COVER = RenditionSpec(name="thumbnail", width=256, height=256, mode="cover")
JPEG, WEBP = Encoding(format="jpeg"), Encoding(format="webp")

NAMES = r"renditions need distinct names of a-z, 0-9 and -, at least one; got \[.*\]"
SIDES = "renditions are 1 to 16383 pixels wide and high"
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
        {"renditions": (COVER,), "recognition": False},
        {"encodings": (JPEG, WEBP, Encoding(format="avif", quality=60)), "background": "#A0b1C2"},
    ],
)
def test_possible_config_is_taken(fields: dict[str, Any]) -> None:
    ImageProcessingConfig(**fields)
