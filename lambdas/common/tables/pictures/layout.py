"""What image processing makes of uploads: the catalog, the manifests, and where the renditions stand."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Literal

import msgspec

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


# --- catalog table --------------------------------------------------------------------------------------------------

PICTURE_ID = "picture_id"
"""Partition key: hex SHA-256 of bucket and key, so that any key of up to 1,024 bytes fits."""

STATUS = "status"
MANIFEST_KEY = "manifest_key"
"""Of the manifest in the renditions bucket; pictures that are ready have one."""
REASON_CODE = "reason_code"
REASON_MESSAGE = "reason_message"
"""Pictures that were rejected have both. One that was blocked has neither: its status says why."""

STATUS_INDEX = "by-status-and-time"
STATUS_DAY = "status_day"
"""Partition key of `STATUS_INDEX`: ``ready#2026-11-21``; a day each, so that no partition grows without bound."""
UPDATED_AT = "updated_at"
"""Sort key of `STATUS_INDEX`: when the object changed in S3, ISO 8601 in UTC."""


def picture_id(bucket: str, key: str) -> str:
    """Identity of an object across its versions: hex SHA-256 over bucket and key; NUL stands in neither."""
    return hashlib.sha256(f"{bucket}\0{key}".encode()).hexdigest()


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


# --- renditions bucket ----------------------------------------------------------------------------------------------

RENDITIONS_PREFIX = "renditions/"
"""Every key of the renditions bucket begins with it, so that a website can serve the bucket under this path as it is,
without rewriting paths."""


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
