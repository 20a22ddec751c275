"""What image processing promises: settings, catalog layout, object keys, documents, metric names.

The construct, the function, the tests and the tools read every name from here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from lambdas.common.settings import Settings

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


# --- vocabulary -----------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """Where a picture stands in the catalog."""

    READY = "ready"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    DELETED = "deleted"


class ReasonCode(StrEnum):
    """Why an upload was rejected; stands in ``reason.json`` and in the catalog."""

    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_MUCH_MEMORY = "too_much_memory"


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


# --- catalog table --------------------------------------------------------------------------------------------------

PICTURE_ID = "picture_id"
"""Partition key: hex SHA-256 of bucket and key, so that any key of up to 1,024 bytes fits."""

STATUS_INDEX = "by-status-and-time"
STATUS_DAY = "status_day"
"""Partition key of `STATUS_INDEX`: ``ready#2026-11-21``; a day each, so that no partition grows without bound."""
UPDATED_AT = "updated_at"
"""Sort key of `STATUS_INDEX`: when the object changed in S3, ISO 8601 in UTC."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalog's indexes answer; the construct projects these attributes.

    DynamoDB changes no projection in place: a field more means new indexes under new names, one per deployment.
    """

    picture_id: str
    bucket: str
    object_key: str
    status: str
    updated_at: str
    manifest_key: str | None = None
    perceptual_hash: str | None = None


HASH_BANDS = 4
"""A 64-bit hash is indexed in 4 bands of 16 bits: of two hashes that differ in at most 3 bits, one band is equal."""


def hash_band_attribute(band: int) -> str:
    """Attribute that holds one band of the perceptual hash, and partition key of its index."""
    return f"hash_band_{band}"


def hash_band_index(band: int) -> str:
    """Index over one band of the perceptual hash."""
    return f"by-hash-band-{band}"


INDEXES = {STATUS_INDEX: STATUS_DAY} | {hash_band_index(band): hash_band_attribute(band) for band in range(HASH_BANDS)}
"""Partition key of each index; every one is sorted by `UPDATED_AT` and projects `LISTED`."""

LISTED = tuple(name for name in Listed.__struct_fields__ if name not in {PICTURE_ID, UPDATED_AT})
"""Attributes that the indexes carry beside keys."""


# --- objects --------------------------------------------------------------------------------------------------------

MANIFEST = "manifest.json"
QUARANTINED_ORIGINAL = "original"
QUARANTINE_REASON = "reason.json"

CONTENT_TYPES = {"jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif"}
EXTENSIONS = {"jpeg": "jpg", "webp": "webp", "avif": "avif"}

IMMUTABLE = "public, max-age=31536000, immutable"
"""A key names one event and one object version and is never written with other bytes, so caches may keep it."""


def event_prefix(picture_id: str, sequencer: str) -> str:
    """What every key begins with that an event writes, in the renditions and in the quarantine bucket."""
    return f"{picture_id}/{sequencer}-"


def generation_prefix(picture_id: str, sequencer: str, version_id: str) -> str:
    """Where the output of one event and object version stands.

    The version is part of it because two deliveries of a removal may find different versions visible.
    """
    return f"{event_prefix(picture_id, sequencer)}{hashlib.sha256(version_id.encode()).hexdigest()[:16]}/"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The object version that a document tells about."""

    bucket: str
    key: str
    version_id: str
    sequencer: str


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """One encoded rendition; ``key`` in the renditions bucket, ``bytes`` is its size."""

    name: str
    format: str
    content_type: str
    key: str
    width: int
    height: int
    bytes: int
    sha256: str


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What Amazon Rekognition saw; confidence in percent."""

    name: str
    confidence: float


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """Labels and moderation labels; ``state`` says why there are none: ``off``, or ``too_small`` for the service."""

    state: Literal["off", "too_small", "done"]
    labels: tuple[Label, ...] = ()
    moderation: tuple[Label, ...] = ()


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an upload: size as shown (EXIF orientation applied), bytes and digest as uploaded."""

    width: int
    height: int
    bytes: int
    sha256: str
    format: str
    frames: int
    dominant_color: str
    """``#rrggbb``"""
    perceptual_hash: str
    """64 bits as 16 hex digits."""


class Manifest(Facts, frozen=True, kw_only=True):
    """``manifest.json``: the upload and where its renditions stand."""

    source: Source
    recognition: Literal["off", "too_small", "done"]
    labels: tuple[Label, ...]
    moderation: tuple[Label, ...]
    renditions: tuple[Rendition, ...]
    srcset: dict[str, str]
    """Ready ``srcset`` attribute by content type; keys are relative to the renditions bucket's address."""
    notes: tuple[str, ...]
    """What was not as expected and what was done about it, such as the first of several frames used."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """``reason.json`` beside a quarantined original."""

    code: ReasonCode
    message: str
    source: Source
