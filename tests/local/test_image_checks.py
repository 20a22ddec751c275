"""Whether the demo's own checks of image processing notice what is wrong."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws
from PIL import ExifTags, Image

from lambdas.common.tables.pictures.layout import Manifest, ReasonCode, Rendition, Source
from lambdas.image_processing.contract import (
    IMMUTABLE,
    MANIFEST,
    QUARANTINE_REASON,
    QUARANTINED_ORIGINAL,
    Reason,
    generation_prefix,
    quarantine_prefix,
)
from local.use_cases.image_processing import journeys
from local.use_cases.image_processing.checks import check_ready, check_rejected
from local.use_cases.image_processing.gallery import Gallery
from local.use_cases.image_processing.samples import Sample
from local.use_cases.image_processing.store import Store
from local.use_cases.outcome import UseCaseError

KEY = "holiday 🌻/a + b.png"
SIZE = (40, 30)


def encoded(format_name: str, size: tuple[int, int] = SIZE, mode: str = "RGB", **options: Any) -> bytes:
    data = io.BytesIO()
    Image.new(mode, size, "#00808080" if mode == "RGBA" else "#008080").save(data, format_name, **options)
    return data.getvalue()


GOOD = Sample(title="good", key=KEY, data=encoded("PNG"), size=SIZE)
BAD = Sample(title="bad", key=KEY, data=b"<html>", reason=ReasonCode.NOT_AN_IMAGE)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        for bucket in ("uploads", "renditions", "quarantine"):
            s3.create_bucket(Bucket=bucket)
        dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        yield Store(s3, dynamodb, "uploads", "renditions", "quarantine", "catalog")


class Written:
    """What a flawless run leaves of `GOOD`; tests spoil one thing each."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.prefix = generation_prefix(store.picture_id(KEY), "0" * 32, "1")
        self.files = {f"{self.prefix}phone.jpg": encoded("JPEG"), f"{self.prefix}phone.webp": encoded("WEBP")}
        self.cache = IMMUTABLE
        self.types = {"jpg": "image/jpeg", "webp": "image/webp"}
        self.manifest: dict[str, Any] = {}

    def write(self) -> dict[str, str]:
        """Puts everything into the bucket; returns the catalog's entry."""
        for key, data in self.files.items():
            content_type = self.types[key.rpartition(".")[2]]
            self.store.s3.put_object(
                Bucket="renditions", Key=key, Body=data, ContentType=content_type, CacheControl=self.cache
            )
        manifest = msgspec.structs.replace(self._manifest(), **self.manifest)
        self.store.s3.put_object(Bucket="renditions", Key=self.prefix + MANIFEST, Body=msgspec.json.encode(manifest))
        return {"manifest_key": self.prefix + MANIFEST}

    def _manifest(self) -> Manifest:
        renditions = tuple(self._rendition(key, data) for key, data in self.files.items())
        return Manifest(
            source=Source(bucket="uploads", key=KEY, version_id="1", sequencer="0" * 32),
            width=SIZE[0],
            height=SIZE[1],
            bytes=len(GOOD.data),
            sha256=hashlib.sha256(GOOD.data).hexdigest(),
            format="png",
            frames=1,
            dominant_color="#008080",
            perceptual_hash="0" * 16,
            recognition="off",
            labels=(),
            moderation=(),
            renditions=renditions,
            srcset={each.content_type: f"{each.key} {each.width}w" for each in renditions},
            notes=(),
        )

    def _rendition(self, key: str, data: bytes) -> Rendition:
        suffix = key.rpartition(".")[2]
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
        return Rendition(
            name="phone",
            format={"jpg": "jpeg"}.get(suffix, suffix),
            content_type={"jpg": "image/jpeg"}.get(suffix, f"image/{suffix}"),
            key=key,
            width=width,
            height=height,
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
        )

    def replace_jpeg(self, data: bytes) -> None:
        self.files[f"{self.prefix}phone.jpg"] = data


@pytest.fixture
def written(store: Store) -> Written:
    return Written(store)


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "camera"
    return encoded("JPEG", exif=exif)


SPOILT: dict[str, tuple[Callable[[Written], object], str]] = {
    "size": (lambda w: w.manifest.update(width=41), "size 41x30 of the original"),
    "digest": (lambda w: w.manifest.update(sha256="0"), "digest of the original"),
    "bytes": (lambda w: w.manifest.update(bytes=1), "bytes of the original"),
    "source": (
        lambda w: w.manifest.update(source=Source(bucket="uploads", key="other", version_id="1", sequencer="0")),
        "source of the manifest",
    ),
    "no renditions": (lambda w: w.files.clear(), "every size in every format"),
    "no srcset": (lambda w: w.manifest.update(srcset={}), "srcset"),
    "strange srcset": (lambda w: w.manifest.update(srcset={"image/jpeg": "elsewhere.jpg 40w"}), "srcset"),
    "recognition": (lambda w: w.manifest.update(recognition="done"), "recognition"),
    "content type": (lambda w: w.types.update(jpg="image/png"), "content type of phone as jpeg"),
    "cache header": (lambda w: setattr(w, "cache", "no-store"), "cache header of phone as jpeg"),
    "EXIF": (lambda w: w.replace_jpeg(with_exif()), "metadata of phone as jpeg"),
    "comment": (lambda w: w.replace_jpeg(encoded("JPEG", comment=b"hello")), "metadata of phone as jpeg"),
    "upscaled": (lambda w: w.replace_jpeg(encoded("JPEG", (80, 60))), "upscaling of phone as jpeg"),
    "other format": (lambda w: w.replace_jpeg(encoded("PNG")), "format of phone as jpeg"),
    "alpha from nowhere": (
        lambda w: w.files.update({f"{w.prefix}phone.webp": encoded("WEBP", mode="RGBA")}),
        "transparency of phone as webp",
    ),
}


def test_a_flawless_run_passes(store: Store, written: Written) -> None:
    assert set(check_ready(store, GOOD, written.write()).files) == set(written.files)


@pytest.mark.parametrize("flaw", SPOILT)
def test_a_flaw_is_noticed(store: Store, written: Written, flaw: str) -> None:
    spoil, told = SPOILT[flaw]
    spoil(written)
    with pytest.raises(UseCaseError, match=told):
        check_ready(store, GOOD, written.write())


def test_other_bytes_than_the_manifest_tells_are_noticed(store: Store, written: Written) -> None:
    entry = written.write()
    store.s3.put_object(
        Bucket="renditions",
        Key=f"{written.prefix}phone.jpg",
        Body=encoded("JPEG", quality=5),
        ContentType="image/jpeg",
        CacheControl=IMMUTABLE,
    )
    with pytest.raises(UseCaseError, match="digest of phone as jpeg"):
        check_ready(store, GOOD, entry)


def test_a_rendition_that_should_be_gone_is_noticed(
    store: Store, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journeys, "_PATIENCE_SECONDS", 0)
    written.write()
    with pytest.raises(UseCaseError, match="0 objects in renditions"):
        list(journeys._nothing_else(store, GOOD, set()))


def test_the_page_shows_files_that_are_there_and_named_after_the_picture(
    store: Store, written: Written, tmp_path: Path
) -> None:
    card = Gallery(tmp_path).ready(GOOD, check_ready(store, GOOD, written.write()), seconds=1)
    stem = store.picture_id(KEY)[:12]
    assert [each.file for each in card.figures] == [
        f"{tmp_path.name}/{stem}-{name}" for name in ("original.png", "phone.webp")
    ]
    assert all((tmp_path.parent / each.file).is_file() for each in card.figures)


def quarantine(store: Store, *, original: bytes = BAD.data, code: ReasonCode = ReasonCode.NOT_AN_IMAGE) -> None:
    source = Source(bucket="uploads", key=KEY, version_id="1", sequencer="0" * 32)
    reason = msgspec.json.encode(Reason(code=code, message="why", source=source))
    prefix = quarantine_prefix(store.picture_id(KEY), source.sequencer, source.version_id)
    store.s3.put_object(Bucket="quarantine", Key=prefix + QUARANTINED_ORIGINAL, Body=original)
    store.s3.put_object(Bucket="quarantine", Key=prefix + QUARANTINE_REASON, Body=reason)


def test_a_quarantined_upload_passes(store: Store) -> None:
    quarantine(store)
    assert check_rejected(store, BAD, {"reason_code": "not_an_image"}).message == "why"


def test_an_empty_quarantine_is_noticed(store: Store) -> None:
    with pytest.raises(UseCaseError, match=r"quarantine \[\]"):
        check_rejected(store, BAD, {"reason_code": "not_an_image"})


def test_a_changed_original_in_quarantine_is_noticed(store: Store) -> None:
    quarantine(store, original=b"other")
    with pytest.raises(UseCaseError, match="bytes of the quarantined original"):
        check_rejected(store, BAD, {"reason_code": "not_an_image"})


@pytest.mark.parametrize(("code", "in_catalog"), [("truncated", "not_an_image"), ("not_an_image", "truncated")])
def test_a_wrong_reason_is_noticed(store: Store, code: str, in_catalog: str) -> None:
    quarantine(store, code=ReasonCode(code))
    with pytest.raises(UseCaseError, match=f"reason {code}"):
        check_rejected(store, BAD, {"reason_code": in_catalog})
