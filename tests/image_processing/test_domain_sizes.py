"""Sizes of renditions: inside the box or filling it, never upscaled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain import renditions
from lambdas.image_processing.domain.geometry import plan
from tests.support.pictures import encode, open_picture

Size = tuple[int, int]

SIDES = st.integers(1, 20_000)
BOXES = st.builds(
    lambda width, height, mode: RenditionSpec(name="box", width=width, height=height, mode=mode),
    st.integers(1, 4000),
    st.integers(1, 4000),
    st.sampled_from(["fit", "cover"]),
)
DEFAULTS = (
    RenditionSpec(name="desktop", width=1920, height=1920),
    RenditionSpec(name="tablet", width=1024, height=1024),
    RenditionSpec(name="phone", width=480, height=480),
    RenditionSpec(name="thumbnail", width=256, height=256, mode="cover"),
)


def rendered_sizes(picture: Size, specs: tuple[RenditionSpec, ...] = DEFAULTS) -> dict[str, Size]:
    """Sizes as a reader of the files sees them; they must be those that are announced."""
    data = encode(Image.new("RGB", picture, "gray"), "PNG")
    result = renditions.render(data, specs, (Encoding(format="webp"), Encoding(format="jpeg")), Limits())
    sizes = {}
    for each in result.renditions:
        assert open_picture(each.data).size == each.size
        sizes[each.spec.name] = each.size
    return sizes


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ((2400, 1600), {"desktop": (1920, 1280), "tablet": (1024, 683), "phone": (480, 320), "thumbnail": (256, 256)}),
        ((900, 1200), {"desktop": (900, 1200), "tablet": (768, 1024), "phone": (360, 480), "thumbnail": (256, 256)}),
        ((1920, 1920), {"desktop": (1920, 1920), "tablet": (1024, 1024), "phone": (480, 480), "thumbnail": (256, 256)}),
        ((200, 100), {"desktop": (200, 100), "tablet": (200, 100), "phone": (200, 100), "thumbnail": (200, 100)}),
        ((400, 100), {"desktop": (400, 100), "tablet": (400, 100), "phone": (400, 100), "thumbnail": (256, 100)}),
        ((100, 400), {"desktop": (100, 400), "tablet": (100, 400), "phone": (100, 400), "thumbnail": (100, 256)}),
        ((1, 1), dict.fromkeys(("desktop", "tablet", "phone", "thumbnail"), (1, 1))),
        ((10_000, 1), {"desktop": (1920, 1), "tablet": (1024, 1), "phone": (480, 1), "thumbnail": (256, 1)}),
        ((1, 10_000), {"desktop": (1, 1920), "tablet": (1, 1024), "phone": (1, 480), "thumbnail": (1, 256)}),
        ((487, 331), {"desktop": (487, 331), "tablet": (487, 331), "phone": (480, 326), "thumbnail": (256, 256)}),
    ],
    ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_default_renditions_of(picture: Size, expected: dict[str, Size]) -> None:
    assert rendered_sizes(picture) == expected


def test_a_rendition_as_large_as_the_picture_keeps_its_size() -> None:
    spec = RenditionSpec(name="exact", width=311, height=207)
    assert rendered_sizes((311, 207), (spec,)) == {"exact": (311, 207)}


def test_a_box_with_unequal_sides_is_filled_exactly() -> None:
    spec = RenditionSpec(name="banner", width=300, height=80, mode="cover")
    assert rendered_sizes((900, 900), (spec,)) == {"banner": (300, 80)}


@given(spec=BOXES, width=SIDES, height=SIDES)
def test_no_rendition_leaves_its_box_or_exceeds_the_picture(spec: RenditionSpec, width: int, height: int) -> None:
    made = plan(spec, (width, height))
    assert 1 <= made.size[0] <= min(spec.width, width)
    assert 1 <= made.size[1] <= min(spec.height, height)


@given(spec=BOXES, width=SIDES, height=SIDES)
def test_scaling_keeps_proportions_to_the_pixel(spec: RenditionSpec, width: int, height: int) -> None:
    scaled = plan(spec, (width, height)).scaled
    scale = max(scaled[0] / width, scaled[1] / height)
    assert abs(scaled[0] - width * scale) <= 1 + width / height
    assert abs(scaled[1] - height * scale) <= 1 + height / width


@given(spec=BOXES, width=SIDES, height=SIDES)
def test_fit_touches_the_box_or_keeps_the_size_and_cover_fills_what_the_picture_can(
    spec: RenditionSpec, width: int, height: int
) -> None:
    made = plan(spec, (width, height))
    if spec.mode == "fit":
        touches = made.size[0] == spec.width or made.size[1] == spec.height
        assert made.size == made.scaled
        assert touches or made.size == (width, height)
    else:
        assert made.size == (min(spec.width, width), min(spec.height, height))
