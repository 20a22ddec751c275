"""Bad input: whatever it is, it is refused with a code that says why."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.tables.pictures.layout import ReasonCode
from lambdas.image_processing.contract import Limits, RenditionSpec
from lambdas.image_processing.domain import pictures
from lambdas.image_processing.domain.rejection import Rejected
from tests.support.pictures import EVERY_FORMAT, ONE_OF_EACH, encode, noise, photo

SPECS = (
    RenditionSpec(name="fit", width=24, height=24),
    RenditionSpec(name="cover", width=8, height=8, mode="cover"),
)
SMALL_LIMITS = Limits(max_pixels=1_000_000)
FILES = {name: encoder(noise((64, 48))) for name, (_, encoder) in EVERY_FORMAT.items()}


def verdict(data: bytes, limits: Limits = SMALL_LIMITS) -> ReasonCode | None:
    """The code of the refusal, None if the picture is taken; any other exception fails the test."""
    try:
        pictures.decode(data, SPECS, limits)
    except Rejected as rejected:
        return rejected.code
    return None


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("picture.jpg", FILES["jpeg"])
    return stream.getvalue()


NOT_IMAGES = {
    "empty": b"",
    "one-byte": b"\xff",
    "two-bytes-of-jpeg": b"\xff\xd8",
    "html": b"<!doctype html><title>404</title>",
    "json": b'{"error": "no such picture"}',
    "text-that-starts-like-a-bitmap": b"BMW is a maker of cars and motorcycles in Munich.",
    "zip": zipped(),
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40),
    "zeros": bytes(1000),
    "elf": b"\x7fELF" + bytes(60),
}
UNSUPPORTED = {
    "photoshop": b"8BPS\x00\x01" + bytes(60),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "icon": b"\x00\x00\x01\x00\x01\x00" + bytes(60),
    "jpeg-2000": encode(noise(), "JPEG2000"),
    "jpeg-2000-codestream": encode(noise(), "JPEG2000", no_jp2=True),
    "jpeg-xl": b"\xff\x0a" + bytes(60),
    "jpeg-xl-box": b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a" + bytes(60),
    "big-tiff": encode(noise(), "TIFF", big_tiff=True),
    "mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(60),
    "quicktime": b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + bytes(60),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "dds": encode(noise((64, 64)), "DDS"),
}


@pytest.mark.parametrize("data", NOT_IMAGES.values(), ids=NOT_IMAGES)
def test_no_image(data: bytes) -> None:
    assert verdict(data) is ReasonCode.NOT_AN_IMAGE


@pytest.mark.parametrize("data", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_an_image_of_a_format_that_is_not_accepted(data: bytes) -> None:
    assert verdict(data) is ReasonCode.UNSUPPORTED_FORMAT


def test_a_refusal_says_what_is_wrong_with_the_file() -> None:
    with pytest.raises(Rejected, match=r"^png cannot be decoded: .*truncated"):
        pictures.decode(FILES["png"][:300], SPECS, SMALL_LIMITS)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_refused_or_shown(name: str) -> None:
    data = FILES[name]
    step = max(1, len(data) // 60)
    for length in [*range(40), *range(40, len(data), step), *range(len(data) - 12, len(data))]:
        verdict(data[:length])


@pytest.mark.parametrize("name", ["jpeg", "jpeg-progressive", "png", "webp-lossy", "webp-lossless", "gif", "bmp"])
def test_half_a_file_is_truncated(name: str) -> None:
    assert verdict(FILES[name][: len(FILES[name]) // 2]) is ReasonCode.TRUNCATED


@pytest.mark.parametrize("name", ["avif", "heic", "tiff-lzw", "tiff-deflate"])
def test_half_a_file_is_truncated_where_the_container_tells(name: str) -> None:
    assert verdict(FILES[name][: len(FILES[name]) // 2]) is ReasonCode.TRUNCATED


@pytest.mark.parametrize("percent", [10, 30, 70, 95])
@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "gif", "bmp"])
def test_a_photo_cut_in_its_pixels_is_truncated(name: str, percent: int) -> None:
    data = ONE_OF_EACH[name](photo("chelsea"))
    assert verdict(data[: len(data) * percent // 100]) is ReasonCode.TRUNCATED


def test_a_whole_file_with_garbage_inside_is_malformed() -> None:
    data = bytearray(FILES["png"])
    data[60:100] = bytes(40)
    assert verdict(bytes(data)) is ReasonCode.MALFORMED


@pytest.mark.parametrize("name", FILES)
def test_bytes_behind_the_end_do_not_matter(name: str) -> None:
    assert verdict(FILES[name] + b"appended by a transfer" * 10) is None


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.data())
def test_flipped_bytes_are_refused_or_shown(data: st.DataObject) -> None:
    changed = bytearray(FILES[data.draw(st.sampled_from(sorted(FILES)))])
    near_the_start = st.integers(0, min(400, len(changed) - 1))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(near_the_start | st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255) | st.sampled_from([0, 1, 127, 128, 255]))
    verdict(bytes(changed))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_pieces_left_out_or_repeated_are_refused_or_shown(data: st.DataObject) -> None:
    whole = FILES[data.draw(st.sampled_from(sorted(FILES)))]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    verdict(whole[:start] + whole[start:end] * data.draw(st.sampled_from([0, 2, 3])) + whole[end:])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(FILES)), st.binary(max_size=200))
def test_garbage_behind_a_good_start_is_refused_or_shown(name: str, garbage: bytes) -> None:
    verdict(FILES[name][:32] + garbage)
