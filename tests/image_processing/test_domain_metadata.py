"""Nothing of an upload's metadata reaches a rendition: read from the files' own structure, not by an image library."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from lambdas.image_processing.contract import Encoding, Limits, RenditionSpec
from lambdas.image_processing.domain.renditions import render
from tests.support.pictures import ADOBE_RGB, encode, noise, rgb_profile

SPECS = (
    RenditionSpec(name="same-size", width=4000, height=4000),
    RenditionSpec(name="small", width=16, height=16),
    RenditionSpec(name="crop", width=9, height=9, mode="cover"),
)
ENCODINGS = (Encoding(format="jpeg"), Encoding(format="webp"), Encoding(format="avif"))

SECRET = b"planted-51.5007N-0.1246W"
LATITUDE = 51_500_729
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>' + SECRET + b"</secret></x:xmpmeta>"
IPTC = b"\x1c\x02\x78" + struct.pack(">H", len(SECRET)) + SECRET
PROFILE = rgb_profile(ADOBE_RGB, 2.2).replace(b"a profile for tests", SECRET[:19])


def exif() -> bytes:
    tags = Image.Exif()
    tags[0x010E] = SECRET.decode()  # ImageDescription
    tags[0x9286] = SECRET  # UserComment
    tags.get_ifd(0x8825).update({1: "N", 2: (IFDRational(LATITUDE, 1_000_000), 0.0, 0.0)})  # GPS
    return tags.tobytes()


def with_segments(jpeg: bytes, segments: list[tuple[int, bytes]]) -> bytes:
    """``segments`` right behind the start of the image."""
    added = b"".join(struct.pack(">BBH", 0xFF, code, len(content) + 2) + content for code, content in segments)
    return jpeg[:2] + added + jpeg[2:]


def jpeg() -> bytes:
    plain = encode(noise(), "JPEG", exif=exif(), icc_profile=PROFILE, comment=SECRET, dpi=(300, 300))
    photoshop = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(IPTC)) + IPTC
    segments = [
        (0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + XMP),
        (0xE2, b"MPF\x00" + SECRET),
        (0xED, photoshop),
        (0xEC, b"Ducky" + SECRET),
    ]
    return with_segments(plain, segments) + SECRET


def png() -> bytes:
    text = PngInfo()
    text.add_text("Comment", SECRET.decode())
    text.add_text("Packed", SECRET.decode(), zip=True)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return encode(noise(), "PNG", pnginfo=text, exif=exif(), icc_profile=PROFILE, dpi=(300, 300))


def tiff() -> bytes:
    tags = {270: SECRET.decode(), 315: SECRET.decode(), 700: XMP, 33723: IPTC}
    return encode(noise(), "TIFF", tiffinfo=tags, exif=exif(), icc_profile=PROFILE)


UPLOADS = {
    "jpeg": jpeg(),
    "png": png(),
    "tiff": tiff(),
    "webp": encode(noise(), "WEBP", exif=exif(), xmp=XMP, icc_profile=PROFILE),
    "gif": encode(noise(), "GIF", comment=SECRET, xmp=XMP),
    "avif": encode(noise(), "AVIF", exif=exif(), xmp=XMP, icc_profile=PROFILE),
    "heic": encode(noise((64, 64)), "HEIF", exif=exif(), xmp=XMP, icc_profile=PROFILE),
    "png-with-alpha": encode(Image.new("RGBA", (40, 40), (9, 9, 9, 9)), "PNG", exif=exif(), icc_profile=PROFILE),
}


def outputs(upload: str, format_name: str) -> list[bytes]:
    made = [each.data for each in render(UPLOADS[upload], SPECS, ENCODINGS, Limits()).renditions]
    return [data for number, data in enumerate(made) if ENCODINGS[number % len(ENCODINGS)].format == format_name]


def jpeg_markers(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Segments up to the entropy-coded data (ITU-T T.81, annex B); what is left behind their end is one, too."""
    at = 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], data[at + 4 : at + 2 + length]
        at += 2 + length
    yield 0, data[data.rindex(b"\xff\xd9") + 2 :]


def riff_chunks(data: bytes) -> Iterator[bytes]:
    assert int.from_bytes(data[4:8], "little") + 8 == len(data)
    at = 12
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4]
        at += 8 + size + size % 2


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every box of an ISO media file with its content, inner ones after their container (ISO/IEC 14496-12)."""
    skipped_before_children = {b"meta": 4, b"iprp": 0, b"ipco": 0, b"iinf": 6}
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        content = data[at + 8 : at + size]
        yield kind, content
        if kind in skipped_before_children:
            yield from boxes(content[skipped_before_children[kind] :])
        at += size


def test_the_uploads_do_carry_what_must_not_get_out() -> None:
    for name in ("jpeg", "png", "tiff", "webp", "gif", "avif", "heic"):
        assert SECRET in UPLOADS[name], name


@pytest.mark.parametrize("upload", UPLOADS)
def test_no_planted_byte_is_in_any_output_of(upload: str) -> None:
    coordinates = [struct.pack(f"{order}I", LATITUDE) for order in "<>"]
    for format_name in ("jpeg", "webp", "avif"):
        made = outputs(upload, format_name)
        assert len(made) == len(SPECS)
        for data in made:
            assert not any(planted in data for planted in (SECRET, SECRET[:19], b"xmpmeta", b"Exif", *coordinates))


@pytest.mark.parametrize("upload", UPLOADS)
def test_a_jpeg_holds_tables_and_a_bare_jfif_header_only(upload: str) -> None:
    for data in outputs(upload, "jpeg"):
        segments = list(jpeg_markers(data))
        # APP0, quantization and Huffman tables, frame header; no other APPn (E1 to EF), no comment (FE)
        assert {code for code, _ in segments} <= {0, 0xE0, 0xDB, 0xC0, 0xC2, 0xC4}
        (header,) = [content for code, content in segments if code == 0xE0]
        assert header == b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", "a resolution or a thumbnail"
        assert segments[-1] == (0, b""), "bytes behind the end"


@pytest.mark.parametrize("upload", UPLOADS)
def test_a_webp_holds_pixels_only(upload: str) -> None:
    for data in outputs(upload, "webp"):
        assert set(riff_chunks(data)) <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}


@pytest.mark.parametrize("upload", UPLOADS)
def test_an_avif_holds_coded_pictures_only(upload: str) -> None:
    for data in outputs(upload, "avif"):
        found = list(boxes(data))
        items = [content[8:12] for kind, content in found if kind == b"infe"]
        assert items
        assert set(items) == {b"av01"}
        assert {content[:4] for kind, content in found if kind == b"colr"} <= {b"nclx"}
        assert {kind for kind, _ in found} & {b"uuid", b"udta", b"free"} == set()
