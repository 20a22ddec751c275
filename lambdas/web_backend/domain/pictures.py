"""What a user is told of a picture."""

from __future__ import annotations

from lambdas.common.tables.pictures.layout import Manifest, Status
from lambdas.common.tables.pictures.reader import Picture
from lambdas.web_backend.contract.models import Image, ImageStatus

SHOWN_BY_ALL = "image/jpeg"
"""Type of renditions that every browser shows."""


def image(image_id: str, picture: Picture) -> Image | None:
    """None of a picture that was deleted."""
    match picture:
        case Picture(status=Status.READY, manifest=Manifest() as manifest):
            return _ready(image_id, manifest)
        case Picture(status=Status.DELETED):
            return None
    return Image(image_id=image_id, status=ImageStatus(picture.status.value), reason=picture.reason_message)


def _ready(image_id: str, manifest: Manifest) -> Image:
    candidates = {kind: _candidates(each) for kind, each in manifest.srcset.items()}
    return Image(
        image_id=image_id,
        status=ImageStatus.READY,
        width=manifest.width,
        height=manifest.height,
        dominant_color=manifest.dominant_color,
        src=max(candidates.get(SHOWN_BY_ALL, []), default=(0, None))[1],
        srcset={kind: ", ".join(f"{path} {width}w" for width, path in each) for kind, each in candidates.items()},
    )


def _candidates(srcset: str) -> list[tuple[int, str]]:
    """Width and path of each, which the manifest has as ``key 640w, key 320w``."""
    pairs = (each.split(" ") for each in srcset.split(", "))
    return [(int(width.removesuffix("w")), f"/{key}") for key, width in pairs]
