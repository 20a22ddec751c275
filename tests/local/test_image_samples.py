"""The samples of image processing: what they are, and how they are sent."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageOps

from lambdas.common.tables.pictures.layout import ReasonCode, Status
from local.use_cases.image_processing import journeys
from local.use_cases.image_processing.gallery import Gallery
from local.use_cases.image_processing.journeys import example
from local.use_cases.image_processing.samples import Sample, samples
from local.use_cases.image_processing.store import Store

draws = pytest.mark.xdist_group("drawn samples")


@cache
def drawn() -> list[Sample]:
    """Takes seconds, so that all tests that need it share it and run in one worker."""
    return list(samples())


@draws
def test_samples_have_the_size_that_they_claim() -> None:
    pillow_heif.register_heif_opener()
    sizes = {}
    for sample in drawn():
        if sample.size:
            with Image.open(io.BytesIO(sample.data)) as picture:
                sizes[sample.key] = ImageOps.exif_transpose(picture).size
    assert sizes == {sample.key: sample.size for sample in drawn() if sample.size}
    assert len(sizes) > 8


@draws
def test_the_phone_photo_carries_what_must_be_removed() -> None:
    (data,) = [sample.data for sample in drawn() if sample.key.endswith("IMG_0042.JPG")]
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (4000, 3000)
        assert picture.getexif()[ExifTags.Base.Orientation] == 6
        assert picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)


@draws
def test_samples_come_to_every_end_that_needs_no_recognition() -> None:
    assert {sample.status for sample in drawn()} == set(Status) - {Status.BLOCKED}
    assert len({sample.key for sample in drawn()}) == len(drawn())
    assert any(sample.earlier for sample in drawn())


def test_what_never_comes_is_given_up_and_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(journeys, "_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(Store, "upload", lambda *_: "version")
    monkeypatch.setattr(Store, "entry", lambda *_: {})
    store = Store(None, None, "uploads", "renditions", "quarantine", "catalog")  # type: ignore[arg-type]
    sent = [Sample(title=name, key=name, data=b"", reason=ReasonCode.NOT_AN_IMAGE) for name in ("one", "two")]
    endings = journeys._travel([journeys._journey(store, Gallery(tmp_path), each) for each in sent], at_a_time=1)
    assert [each.sample for each in endings] == sent
    assert [each.problem.partition(":")[0] for each in endings] == ["one", "two"]
    assert all("waited 0 s for the catalog to tell of the upload" in each.problem for each in endings)


def test_the_example_uploads_a_picture_that_is_there() -> None:
    outputs = {"ImageProcessing": {"UploadsBucketName": "in-bucket", "RenditionsBucketName": "out-bucket"}}
    upload, look = example(outputs).splitlines()
    assert upload.startswith("aws s3 cp tests/pictures/")
    assert upload.endswith(" s3://in-bucket/")
    assert look == "aws s3 ls --recursive s3://out-bucket/"
