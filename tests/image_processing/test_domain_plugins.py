"""Which decoders a picture brings into the process: those of the whitelist, and no more than it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.support.pictures import ONE_OF_EACH, encode, noise, rgb_profile

SCRIPT = """
import json, sys
from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.rejection import Rejected
from lambdas.image_processing.domain.renditions import render
encodings = tuple(Encoding(format=name) for name in sys.argv[1:])
try:
    render(sys.stdin.buffer.read(), (RenditionSpec(name="one", width=20, height=20),), encodings, Limits())
except Rejected:
    pass
print(json.dumps(sorted(sys.modules)))
"""
WHITELIST = {f"{name}ImagePlugin" for name in ("Jpeg", "Png", "WebP", "Gif", "Tiff", "Bmp", "Avif")}
OWN_PLUGIN = {"jpeg": "Jpeg", "png": "Png", "webp": "WebP", "gif": "Gif", "tiff": "Tiff", "bmp": "Bmp", "avif": "Avif"}


@cache
def loaded(data: bytes, *encodings: str) -> frozenset[str]:
    """Modules that a fresh interpreter has loaded after it rendered ``data``."""
    command = [sys.executable, "-c", SCRIPT, *encodings]
    answer = subprocess.run(command, input=data, capture_output=True, check=True, cwd=Path(__file__).parents[2], env={})
    return frozenset(json.loads(answer.stdout))


def plugins(modules: frozenset[str]) -> set[str]:
    return {name.removeprefix("PIL.") for name in modules if name.startswith("PIL.") and name.endswith("Plugin")}


@pytest.mark.parametrize("format_name", ONE_OF_EACH)
def test_only_whitelisted_plugins_are_loaded(format_name: str) -> None:
    modules = loaded(ONE_OF_EACH[format_name](noise()), "jpeg", "webp")
    own = {f"{OWN_PLUGIN[format_name]}ImagePlugin"} if format_name in OWN_PLUGIN else set()
    assert own <= plugins(modules) <= WHITELIST
    assert ("pillow_heif" in modules) == (format_name == "heic")


def test_a_jpeg_loads_the_plugins_of_its_input_and_output_alone() -> None:
    data = encode(noise(), "JPEG")
    assert plugins(loaded(data, "jpeg")) == {"JpegImagePlugin"}
    assert plugins(loaded(data, "jpeg", "webp")) == {"JpegImagePlugin", "WebPImagePlugin"}
    assert plugins(loaded(data, "avif")) == {"JpegImagePlugin", "AvifImagePlugin"}


def test_color_management_is_loaded_for_pictures_with_a_profile_only() -> None:
    profile = rgb_profile(((0.4, 0.4, 0.2), (0.2, 0.7, 0.1), (0.0, 0.1, 0.7)), 2.0)
    assert "PIL.ImageCms" not in loaded(encode(noise(), "JPEG"), "jpeg")
    assert "PIL.ImageCms" in loaded(encode(noise(), "JPEG", icc_profile=profile), "jpeg")


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"8BPS\x00\x01" + bytes(40), encode(noise(), "PPM")],
    ids=["empty", "html", "postscript", "photoshop", "ppm"],
)
def test_what_is_refused_loads_no_decoder(data: bytes) -> None:
    modules = loaded(data, "jpeg")
    assert plugins(modules) == set()
    assert "pillow_heif" not in modules


def test_the_domain_loads_nothing_of_aws() -> None:
    top_level = {name.split(".")[0] for name in loaded(encode(noise(), "JPEG"), "jpeg")}
    assert not top_level & {"boto3", "botocore", "aws_lambda_powertools", "numpy"}
