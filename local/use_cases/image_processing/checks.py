"""Whether what came out is right, found out from the objects themselves rather than from what documents claim."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from PIL import Image

from lambdas.common.tables.pictures.layout import Manifest, Rendition
from lambdas.image_processing.contract import (
    CONTENT_TYPES,
    IMMUTABLE,
    MANIFEST,
    QUARANTINE_REASON,
    QUARANTINED_ORIGINAL,
    Reason,
)
from local.use_cases.image_processing.samples import Sample
from local.use_cases.image_processing.store import Store
from local.use_cases.outcome import UseCaseError

_METADATA = {"exif", "xmp", "XML:com.adobe.xmp", "icc_profile", "comment", "photoshop"}


@dataclass(frozen=True)
class Rendered:
    """A manifest, and the bytes of each of its renditions by key."""

    manifest: Manifest
    files: dict[str, bytes]


def check_ready(store: Store, sample: Sample, entry: Mapping[str, str]) -> Rendered:
    """The manifest tells of this upload, and every rendition is there and as the manifest says."""
    prefix = entry["manifest_key"].removesuffix(MANIFEST)
    manifest = msgspec.json.decode(store.get(store.renditions, entry["manifest_key"])["Body"].read(), type=Manifest)
    _expect((manifest.source.bucket, manifest.source.key) == (store.uploads, sample.key), "source of the manifest")
    _expect(manifest.sha256 == hashlib.sha256(sample.data).hexdigest(), "digest of the original")
    _expect(manifest.bytes == len(sample.data), "bytes of the original")
    _expect(
        (manifest.width, manifest.height) == sample.size, f"size {manifest.width}x{manifest.height} of the original"
    )
    combinations = {(each.name, each.format) for each in manifest.renditions}
    names, formats = {name for name, _ in combinations}, {format_name for _, format_name in combinations}
    _expect(len(names) * len(formats) == len(combinations) > 0, "every size in every format")
    _expect(all(each.key.startswith(prefix) for each in manifest.renditions), "renditions beside their manifest")
    keys = {each.key for each in manifest.renditions}
    offered = {part.split()[0] for sources in manifest.srcset.values() for part in sources.split(", ")}
    _expect(bool(offered) and offered <= keys, "srcset")
    _expect(manifest.recognition == "off", "recognition, which there is none of here")
    return Rendered(manifest, {each.key: _check_rendition(store, sample, each) for each in manifest.renditions})


def _check_rendition(store: Store, sample: Sample, rendition: Rendition) -> bytes:
    answer = store.get(store.renditions, rendition.key)
    data = answer["Body"].read()
    told = f"of {rendition.name} as {rendition.format}"
    _expect(answer["ContentType"] == rendition.content_type == CONTENT_TYPES[rendition.format], f"content type {told}")
    _expect(answer.get("CacheControl") == IMMUTABLE, f"cache header {told}")
    _expect(hashlib.sha256(data).hexdigest() == rendition.sha256, f"digest {told}")
    _expect(len(data) == rendition.bytes, f"bytes {told}")
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        _expect(picture.format is not None and picture.format.lower() == rendition.format, f"format {told}")
        _expect(picture.size == (rendition.width, rendition.height), f"size {told}")
        _expect(not dict(picture.getexif()) and not _METADATA & set(picture.info), f"metadata {told}")
        seen_through = sample.transparent and rendition.format != "jpeg"
        _expect(picture.has_transparency_data == seen_through, f"transparency {told}")
    width, height = sample.size or (0, 0)
    _expect(rendition.width <= width and rendition.height <= height, f"upscaling {told}")
    return data


def check_rejected(store: Store, sample: Sample, entry: Mapping[str, str]) -> Reason:
    """The original and the reason are in quarantine, and say what the catalog says."""
    kept = store.under(store.quarantine, store.picture_id(sample.key))
    objects = {key.rpartition("/")[2]: store.get(store.quarantine, key)["Body"].read() for key in kept}
    _expect(set(objects) == {QUARANTINED_ORIGINAL, QUARANTINE_REASON}, f"quarantine {sorted(objects)}")
    _expect(objects[QUARANTINED_ORIGINAL] == sample.data, "bytes of the quarantined original")
    reason = msgspec.json.decode(objects[QUARANTINE_REASON], type=Reason)
    _expect(reason.code == entry.get("reason_code") == sample.reason, f"reason {reason.code}")
    _expect(reason.source.key == sample.key, "key in the reason")
    return reason


def _expect(right: bool, what: str) -> None:  # noqa: FBT001
    if not right:
        raise UseCaseError(f"not as it should be: {what}")
