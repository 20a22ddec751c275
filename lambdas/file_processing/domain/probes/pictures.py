"""Pictures: whatever image processing takes, and the others that people keep."""

from __future__ import annotations

import re

from lambdas.file_processing.domain.probes.markup import root_of
from lambdas.file_processing.domain.probes.signatures import described
from lambdas.file_processing.domain.probes.text import text_of
from lambdas.file_processing.domain.processing import Head

_COMMENTS = rb"\s*(?:#[^\n]*\n\s*)*"
_SIZE = rb"\s" + _COMMENTS + rb"\d{1,6}\s+\d{1,6}\s"
"""Of the portable formats: width and height."""
_SIGNATURES = {
    re.compile(pattern, re.DOTALL): media_type
    for pattern, media_type in {
        rb"\x89PNG\r\n\x1a\n": "image/png",
        rb"\xff\xd8\xff": "image/jpeg",
        rb"GIF8[79]a": "image/gif",
        rb"RIFF....WEBP": "image/webp",
        rb"....ftyp(?:avif|avis)": "image/avif",
        rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)": "image/heic",
        rb"II\*\x00|MM\x00\*|II\+\x00\x08\x00|MM\x00\+\x00\x08": "image/tiff",
        # The size of the second header is one of those that the format has had.
        rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00": "image/bmp",
        rb"\x00\x00[\x01\x02]\x00[^\x00]\x00.{3}\x00": "image/vnd.microsoft.icon",
        rb"\x00\x00\x00\x0cjP  \r\n\x87\n": "image/jp2",
        rb"\xff\x4f\xff\x51\x00": "image/j2c",
        rb"\x00\x00\x00\x0cJXL \r\n\x87\n|\xff\x0a[\x00-\x7f]": "image/jxl",
        rb"8BPS\x00[\x01\x02]\x00{6}": "image/vnd.adobe.photoshop",
        rb"\x76\x2f\x31\x01": "image/x-exr",
        rb"#\?(?:RADIANCE|RGBE)\n": "image/vnd.radiance",
        rb"DDS \x7c\x00\x00\x00": "image/vnd.ms-dds",
        rb"qoif....(?:....)[\x03\x04][\x00\x01]": "image/qoi",
        rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]": "image/x-pcx",
        # Behind the size stand bits, or the greatest value; those in bytes may be anything.
        rb"P1" + _SIZE + _COMMENTS + rb"[01]|P4" + _SIZE: "image/x-portable-anymap",
        rb"P[2356]" + _SIZE + _COMMENTS + rb"\d{1,5}\s": "image/x-portable-anymap",
    }.items()
}
_MIN_SIGNATURE_BYTES = 6


def is_image(head: Head) -> bool:
    """Whether it is a picture."""
    return _picture(head) is not None


def image_type(head: Head) -> str:
    """Its media type."""
    return _picture(head) or "application/octet-stream"


def _picture(head: Head) -> str | None:
    for signature, media_type in _SIGNATURES.items():
        if signature.match(head.data):
            return media_type
    if text_of(head) is not None:
        return "image/svg+xml" if root_of(head) == "svg" else None
    rare = described(head, _MIN_SIGNATURE_BYTES)
    return rare if rare and rare.startswith("image/") else None
