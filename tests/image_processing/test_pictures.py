"""What the function wrote, as other slices read it and as a website would serve it."""

from __future__ import annotations

from datetime import datetime

import pytest

from lambdas.common.tables.pictures.layout import ReasonCode, Status, picture_id
from lambdas.common.tables.pictures.reader import Picture, PicturesReader
from lambdas.image_processing import render
from tests.image_processing.conftest import Cloud, picture
from tests.image_processing.test_handler import AWKWARD_KEYS, Context, removed, upload


def find(cloud: Cloud, key: str) -> Picture:
    found = PicturesReader(cloud.dynamodb, "catalog", cloud.s3, "renditions").find("uploads", key)
    assert found is not None, key
    return found


@pytest.mark.parametrize("key", AWKWARD_KEYS.values(), ids=AWKWARD_KEYS)
def test_a_rendered_picture_is_read_with_its_manifest(cloud: Cloud, key: str) -> None:
    upload(cloud, key, picture())
    found = find(cloud, key)
    assert found.status is Status.READY
    assert datetime.fromisoformat(found.updated_at).tzinfo is not None
    assert found.manifest is not None
    assert (found.manifest.source.key, found.manifest.width) == (key, 64)


def test_a_bad_file_is_read_as_rejected_with_its_reason(cloud: Cloud) -> None:
    upload(cloud, "fake.jpg", b"<html>")
    found = find(cloud, "fake.jpg")
    assert (found.status, found.reason_code, found.manifest) == (Status.REJECTED, ReasonCode.NOT_AN_IMAGE, None)
    assert found.reason_message


def test_a_deleted_picture_is_read_as_deleted(cloud: Cloud) -> None:
    upload(cloud, "a.png", picture(), "01")
    cloud.s3.delete_object(Bucket="uploads", Key="a.png")
    render.handler(removed("a.png", "02"), Context())
    found = find(cloud, "a.png")
    assert (found.status, found.manifest) == (Status.DELETED, None)


def test_all_renditions_stand_under_the_path_that_a_website_serves(cloud: Cloud) -> None:
    upload(cloud, "a.png", picture())
    manifest = find(cloud, "a.png").manifest
    assert manifest is not None
    offered = [part.split()[0] for candidates in manifest.srcset.values() for part in candidates.split(", ")]
    keys = [*cloud.objects("renditions"), *offered]
    assert len(keys) == 5 + 2
    assert {key.split("/")[0] for key in keys} == {"renditions"}


def test_the_quarantine_has_a_folder_for_each_picture_at_its_root(cloud: Cloud) -> None:
    upload(cloud, "fake.jpg", b"<html>")
    assert {key.split("/")[0] for key in cloud.objects("quarantine")} == {picture_id("uploads", "fake.jpg")}
