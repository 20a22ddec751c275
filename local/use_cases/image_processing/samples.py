"""What is put into the uploads bucket, and what must come of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

from lambdas.common.tables.pictures.layout import ReasonCode, Status
from local.environment import ROOT
from local.use_cases.image_processing import drawings

PICTURES = ROOT / "tests" / "pictures"
"""Freely licensed photographs; their sources and licences stand beside them."""
_SUFFIXES = {".avif", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One object, from its upload to the end that it must come to."""

    title: str
    key: str
    data: bytes
    size: tuple[int, int] | None = None
    """Upright pixels of a good picture."""
    transparent: bool = False
    reason: ReasonCode | None = None
    """Why it must be rejected."""
    earlier: bytes | None = None
    """A version uploaded before ``data`` under the same key."""
    deleted: bool = False
    """Whether it is deleted again after it was rendered."""

    @property
    def status(self) -> Status:
        """The catalog's final word."""
        if self.deleted:
            return Status.DELETED
        return Status.REJECTED if self.reason else Status.READY


def samples() -> Iterator[Sample]:
    """Every sample, drawn anew."""
    yield from _photographs()
    yield from _drawn()
    yield from _changing()
    yield from _bad()


def _photographs() -> Iterator[Sample]:
    for path in sorted(PICTURES.glob("*")):
        if path.suffix.lower() in _SUFFIXES:
            data = path.read_bytes()
            with Image.open(io.BytesIO(data)) as picture:
                size = ImageOps.exif_transpose(picture).size
            yield Sample(title=f"Photograph {path.name}", key=f"photographs/{path.name}", data=data, size=size)


def _drawn() -> Iterator[Sample]:
    yield Sample(
        title="12 megapixels, held upright",
        key="camera/IMG_0042.JPG",
        data=drawings.phone_photo(),
        size=(3000, 4000),
    )
    yield Sample(
        title="PNG with alpha", key="badge.png", data=drawings.badge(1200), size=(1200, 1200), transparent=True
    )
    yield Sample(
        title="HEIC from a phone",
        key="camera/IMG_0043.HEIC",
        data=drawings.heic(1600, 1200, hue=0.30),
        size=(1600, 1200),
    )
    yield Sample(
        title="WebP", key="banner.webp", data=drawings.photo(2200, 900, hue=0.05, format_name="WEBP"), size=(2200, 900)
    )
    yield Sample(title="Animated GIF", key="loading.gif", data=drawings.animation(320), size=(320, 320))
    yield Sample(
        title="CMYK TIFF without a suffix",
        key="print/scan of page 3",
        data=drawings.print_scan(900, 700, hue=0.70),
        size=(900, 700),
    )
    yield Sample(
        title="A key with spaces, +, % and an emoji",
        key="holiday 🌻/sun + sea, 100% (1).jpg",
        data=drawings.photo(1400, 1000, hue=0.93),
        size=(1400, 1000),
    )
    yield Sample(
        title="Smaller than every rendition", key="tiny.jpg", data=drawings.photo(120, 90, hue=0.45), size=(120, 90)
    )


def _changing() -> Iterator[Sample]:
    first, second = (drawings.photo(1000, 750, hue=hue) for hue in (0.15, 0.65))
    yield Sample(title="Replaced by a later version", key="replaced.jpg", data=second, earlier=first, size=(1000, 750))
    yield Sample(title="Deleted after it was rendered", key="deleted.jpg", data=first, size=(1000, 750), deleted=True)


def _bad() -> Iterator[Sample]:
    page = b"<!DOCTYPE html><title>Not found</title><h1>404</h1>"
    yield Sample(title="A web page named .jpg", key="bad/product.jpg", data=page, reason=ReasonCode.NOT_AN_IMAGE)
    whole = drawings.photo(1000, 750, hue=0.25)
    yield Sample(
        title="An upload that broke off", key="bad/half.jpg", data=whole[: len(whole) // 2], reason=ReasonCode.TRUNCATED
    )
    yield Sample(
        title="A decompression bomb", key="bad/bomb.png", data=drawings.bomb(), reason=ReasonCode.TOO_MANY_PIXELS
    )
