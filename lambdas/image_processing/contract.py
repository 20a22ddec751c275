"""What image processing promises: settings, metric names, object keys, documents.

The construct, the function, the tests and the tools read every name from here, and what other slices read, too, from
``lambdas/common/tables/pictures``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from lambdas.common.settings import Settings
from lambdas.common.tables.pictures.layout import RENDITIONS_PREFIX, Label, ReasonCode, Source

# --- settings -------------------------------------------------------------------------------------------------------


Positive = Annotated[int, msgspec.Meta(ge=1)]


class Encoding(msgspec.Struct, frozen=True, kw_only=True):
    """One output format of every rendition; quality as its encoder counts it, 1 to 100."""

    format: Literal["jpeg", "webp", "avif"]
    quality: Annotated[int, msgspec.Meta(ge=1, le=100)] = 80


Side = Annotated[int, msgspec.Meta(ge=1, le=16_383)]
"""Pixels; 16,383 is the most that WebP holds, the least of the formats."""


class RenditionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One output size in pixels. ``fit`` keeps the whole picture inside the box, ``cover`` fills it and crops."""

    name: str
    width: Side
    height: Side
    mode: Literal["fit", "cover"] = "fit"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What an upload may be, checked before a pixel is decoded. The defaults keep the peak under 60 % of 1769 MB."""

    max_bytes: Positive = 32 * 1024 * 1024
    max_pixels: Positive = 50_000_000
    max_frames: Positive = 1_000


@dataclass(frozen=True, kw_only=True)
class RenderSettings(Settings):
    """Environment of the Render function."""

    renditions_bucket_name: str
    quarantine_bucket_name: str
    catalog_table_name: str
    renditions: tuple[RenditionSpec, ...]
    encodings: tuple[Encoding, ...]
    limits: Limits
    max_memory_mb: int
    """What the process may hold while it decodes and scales an upload."""
    background: str
    """Colour behind transparent pixels in formats without alpha, ``#rrggbb``."""
    recognition: bool
    """Whether pictures are sent to Amazon Rekognition."""
    max_labels: int
    blocking_confidence: float
    """Moderation labels at or above this confidence (percent) block the picture."""


# --- metrics --------------------------------------------------------------------------------------------------------


class Metric(StrEnum):
    """Metrics of the Render function: counts of outcomes, and two that say their unit."""

    READY = "PicturesReady"
    REJECTED = "PicturesRejected"
    BLOCKED = "PicturesBlocked"
    DELETED = "PicturesDeleted"
    NO_EFFECT = "EventsWithoutEffect"
    """Duplicates, late events, and removals of versions that were not shown."""
    REJECTED_SHARE = "RejectedShare"
    """Percent: each upload writes 0 or 100, so that the average over a time is the share of rejected ones."""
    HANDLING_TIME = "HandlingTime"
    """Milliseconds."""


# --- objects --------------------------------------------------------------------------------------------------------

MANIFEST = "manifest.json"
QUARANTINED_ORIGINAL = "original"
QUARANTINE_REASON = "reason.json"

CONTENT_TYPES = {"jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
EXTENSIONS = {"jpeg": "jpg", "webp": "webp", "avif": "avif"}

IMMUTABLE = "public, max-age=31536000, immutable"
"""A key names one event and one object version and is never written with other bytes, so caches may keep it."""


def quarantine_prefix(picture_id: str, sequencer: str, version_id: str) -> str:
    """Where the quarantine bucket keeps what one event and object version brought.

    The version is part of it because two deliveries of a removal may find different versions visible.
    """
    return f"{_of_event(picture_id, sequencer)}{hashlib.sha256(version_id.encode()).hexdigest()[:16]}/"


def generation_prefix(picture_id: str, sequencer: str, version_id: str) -> str:
    """Where the renditions bucket holds the output of one event and object version."""
    return f"{RENDITIONS_PREFIX}{quarantine_prefix(picture_id, sequencer, version_id)}"


def event_prefix(picture_id: str, sequencer: str) -> str:
    """What every key begins with that an event writes to the renditions bucket."""
    return f"{RENDITIONS_PREFIX}{_of_event(picture_id, sequencer)}"


def _of_event(picture_id: str, sequencer: str) -> str:
    return f"{picture_id}/{sequencer}-"


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """Labels and moderation labels; ``state`` says why there are none: ``off``, or ``too_small`` for the service."""

    state: Literal["off", "too_small", "done"]
    labels: tuple[Label, ...] = ()
    moderation: tuple[Label, ...] = ()


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """``reason.json`` beside a quarantined original."""

    code: ReasonCode
    message: str
    source: Source
