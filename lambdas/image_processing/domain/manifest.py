"""The document that tells readers what a picture is and where its renditions stand."""

from __future__ import annotations

import hashlib

import msgspec

from lambdas.common.tables.pictures.layout import Manifest, Rendition, Source
from lambdas.image_processing.contract import CONTENT_TYPES, EXTENSIONS, Recognition
from lambdas.image_processing.domain.renditions import Encoded, Rendered


def describe(prefix: str, source: Source, rendered: Rendered, seen: Recognition) -> Manifest:
    """Manifest of an upload; ``renditions`` stand in the order of ``rendered.renditions``."""
    renditions = tuple(_describe_rendition(prefix, each) for each in rendered.renditions)
    return Manifest(
        **msgspec.structs.asdict(rendered.facts),
        source=source,
        recognition=seen.state,
        labels=seen.labels,
        moderation=seen.moderation,
        renditions=renditions,
        srcset=_srcset(rendered.renditions, renditions),
        notes=rendered.notes,
    )


def _describe_rendition(prefix: str, encoded: Encoded) -> Rendition:
    return Rendition(
        name=encoded.spec.name,
        format=encoded.format,
        content_type=CONTENT_TYPES[encoded.format],
        key=f"{prefix}{encoded.spec.name}.{EXTENSIONS[encoded.format]}",
        width=encoded.size[0],
        height=encoded.size[1],
        bytes=len(encoded.data),
        sha256=hashlib.sha256(encoded.data).hexdigest(),
    )


def _srcset(encoded: tuple[Encoded, ...], renditions: tuple[Rendition, ...]) -> dict[str, str]:
    """Candidates by content type, widest first. Crops show another picture and are left out; so are equal widths."""
    candidates: dict[str, dict[int, str]] = {}
    for each, rendition in zip(encoded, renditions, strict=True):
        if each.spec.mode == "fit":
            candidates.setdefault(rendition.content_type, {}).setdefault(rendition.width, rendition.key)
    return {
        content_type: ", ".join(f"{key} {width}w" for width, key in keys.items())
        for content_type, keys in candidates.items()
    }
