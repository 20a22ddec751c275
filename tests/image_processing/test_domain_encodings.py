"""Encodings: what is configured comes out, the same bytes on every run."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.renditions import render
from tests.support.pictures import ONE_OF_EACH, PHOTOS, array, encode, open_picture, photo

SPECS = (
    RenditionSpec(name="small", width=60, height=60),
    RenditionSpec(name="large", width=240, height=240),
    RenditionSpec(name="thumbnail", width=48, height=48, mode="cover"),
)
ALL = (Encoding(format="jpeg"), Encoding(format="webp"), Encoding(format="avif"))
MAGIC = {"jpeg": (0, b"\xff\xd8\xff"), "webp": (8, b"WEBP"), "avif": (4, b"ftypavif")}


def summary(data: bytes) -> list[str]:
    """All that `render` makes of an upload, in short."""
    made = render(data, SPECS, ALL, Limits())
    digests = [f"{each.spec.name}.{each.format} {hashlib.sha256(each.data).hexdigest()}" for each in made.renditions]
    return [*digests, made.facts.perceptual_hash, made.facts.dominant_color]


def test_every_size_comes_in_every_configured_format() -> None:
    result = render(encode(photo("coffee"), "PNG"), SPECS, ALL, Limits())
    expected = {(spec.name, encoding.format) for spec in SPECS for encoding in ALL}
    assert len(result.renditions) == len(expected)
    assert {(each.spec.name, each.format) for each in result.renditions} == expected
    for each in result.renditions:
        start, magic = MAGIC[each.format]
        assert each.data[start:].startswith(magic)


@pytest.mark.parametrize("format_name", ["jpeg", "webp", "avif"])
def test_higher_quality_costs_bytes_and_shows(format_name: Literal["jpeg", "webp", "avif"]) -> None:
    image = photo("coffee").resize((240, 160))
    errors, sizes = [], []
    for quality in (30, 90):
        encoding = Encoding(format=format_name, quality=quality)
        (made,) = render(encode(image, "PNG"), SPECS[1:2], (encoding,), Limits()).renditions
        errors.append(np.abs(array(open_picture(made.data)) - array(image)).mean())
        sizes.append(len(made.data))
    assert sizes[0] * 1.5 < sizes[1]
    assert errors[0] > 1.3 * errors[1]


@pytest.mark.parametrize("format_name", ONE_OF_EACH)
def test_the_same_upload_gives_the_same_bytes(format_name: str) -> None:
    data = ONE_OF_EACH[format_name](photo("chelsea"))
    first, second = (render(data, SPECS[:1], ALL, Limits()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["astronaut.jpg", "chelsea.jpg"])
def test_another_process_makes_the_same_bytes(name: str) -> None:
    data = (PHOTOS / name).read_bytes()
    script = f"import sys; from {__name__} import summary; print(*summary(sys.stdin.buffer.read()), sep='\\n')"
    answer = subprocess.run(
        [sys.executable, "-c", script],
        input=data,
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": "1"},
    )
    assert answer.stdout.decode().splitlines() == summary(data)
