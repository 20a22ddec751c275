"""A file whose header lies about its size is rejected before it takes the function's memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lambdas.image_processing.adapters import memory
from tests.support.pictures import encode

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux, as on Lambda, counts mapped memory as data")

SCRIPT = """
import sys
from lambdas.image_processing.adapters import memory
from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.rejection import Rejected
from lambdas.image_processing.domain.renditions import render

data = sys.stdin.buffer.read()
try:
    with memory.at_most(int(sys.argv[1])):
        render(data, (RenditionSpec(name="phone", width=48, height=48),), (Encoding(format="jpeg"),), Limits())
    print("rendered")
except Rejected as verdict:
    print(verdict.code)
bytearray(400_000_000)  # the bound is gone again
"""


def lying_avif() -> bytes:
    """An AVIF that says 64x64 pixels and holds 6000x6000, 108 MB of samples."""
    data = bytearray(encode(Image.new("RGB", (6000, 6000), "navy"), "AVIF", speed=10, subsampling="4:4:4"))
    at = data.index(b"ispe") + 8  # past the name, version and flags
    data[at : at + 8] = (64).to_bytes(4, "big") * 2
    return bytes(data)


def render_within(megabytes: int, data: bytes) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(megabytes)],
        input=data,
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return answer.stdout.decode().strip()


@linux
@pytest.mark.parametrize(("megabytes", "outcome"), [(1061, "rendered"), (100, "malformed")])
def test_a_picture_that_needs_more_than_the_bound_is_rejected(megabytes: int, outcome: str) -> None:
    assert render_within(megabytes, lying_avif()) == outcome


@linux
def test_an_allocation_above_the_bound_fails() -> None:
    with memory.at_most(1), pytest.raises(MemoryError):
        bytearray(100_000_000)
    assert len(bytearray(100_000_000)) == 100_000_000
