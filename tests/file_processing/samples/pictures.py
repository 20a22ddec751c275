"""A small picture in the formats that Pillow writes, and a few headers of others."""

from __future__ import annotations

import io
import struct

import pillow_heif
from PIL import Image

_FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "JPEG2000", "AVIF", "PPM", "DDS", "PCX"]
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>a, b</title><rect width="9"/></svg>'


def samples() -> dict[str, bytes]:
    """``image/…``."""
    picture = Image.new("RGB", (64, 48), "navy")
    made = {f"image/{name.lower()}": _saved(picture, name) for name in _FORMATS}
    heif = io.BytesIO()
    pillow_heif.from_pillow(picture).save(heif)
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [<!ENTITY a "b">]>\n'
    return made | {
        "image/heic": heif.getvalue(),
        "image/svg": _SVG.encode(),
        "image/svg with a comment": f'<?xml version="1.0"?>\n<!-- of <html> -->\n{_SVG}'.encode(),
        "image/svg in utf-16": f'<?xml version="1.0" encoding="utf-16"?>\n{_SVG}'.encode("utf-16"),
        "image/svg with entities": (doctype + _SVG).encode(),
        "image/photoshop": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 48, 64, 8, 3) + bytes(40),
        "image/radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 48 +X 64\n" + bytes(range(200)),
        "image/bits in text": b"P1\n# flag\n2 2\n01\n10\n",
        "image/bits in bytes": b"P4\n9 2\n\xff\x80\x00\x00",
        "image/greys in text": b"P2 2 1 # flag\n255\n0 128\n",
        "image/gimp": b"gimp xcf v011\0" + struct.pack(">III", 64, 48, 0) + bytes(40),
        "image/djvu": b"AT&TFORM\0\0\1\0DJVUINFO" + bytes(40),
    }


def _saved(picture: Image.Image, name: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, name)
    return file.getvalue()
