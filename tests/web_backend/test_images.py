"""What a user is told of a picture, from its announcement to its deletion."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lambdas.common.tables.pictures.layout import Manifest, Source, picture_id
from tests.web_backend.client import Client, Response
from tests.web_backend.conftest import Cloud

SRCSET = {
    "image/avif": "renditions/p/v/wide.avif 1920w, renditions/p/v/phone.avif 480w",
    "image/jpeg": "renditions/p/v/phone.jpg 480w, renditions/p/v/wide.jpg 1920w",
}


def process(cloud: Cloud, user_id: str | None, upload_id: str, status: str, **attributes: str) -> None:
    """What image processing leaves in its catalog."""
    key = picture_id("uploads", f"users/{user_id}/{upload_id}")
    item = {"picture_id": key, "status": status, "updated_at": "2026-11-21T12:00:00.000Z"} | attributes
    cloud.dynamodb.put_item(TableName="catalog", Item={name: {"S": value} for name, value in item.items()})


def make_ready(cloud: Cloud, user_id: str | None, upload_id: str, srcset: dict[str, str]) -> None:
    manifest = Manifest(
        width=4000, height=3000, bytes=5_000_000, sha256="cd", format="png", frames=1, dominant_color="#a0b0c0",
        perceptual_hash="00ff00ff00ff00ff", recognition="off", labels=(), moderation=(), notes=(), renditions=(),
        source=Source(bucket="uploads", key="k", version_id="v", sequencer="01"), srcset=srcset,
    )  # fmt: skip
    cloud.s3.create_bucket(Bucket="renditions")
    cloud.s3.put_object(Bucket="renditions", Key="renditions/p/v/manifest.json", Body=msgspec.json.encode(manifest))
    process(cloud, user_id, upload_id, "ready", manifest_key="renditions/p/v/manifest.json")


@pytest.fixture
def upload_id(ann: Client) -> str:
    found: str = ann("POST /uploads", {"content_type": "image/png"}).json["upload_id"]
    return found


def image(client: Client, image_id: str) -> Response:
    return client("GET /images/{image_id}", image_id=image_id)


def test_what_was_announced_is_pending_until_it_is_processed(ann: Client, upload_id: str) -> None:
    found = image(ann, upload_id)
    assert (found.status, found.json["image_id"], found.json["status"]) == (200, upload_id, "pending")


def test_what_is_ready_can_be_shown_from_the_website_s_own_paths(ann: Client, cloud: Cloud, upload_id: str) -> None:
    make_ready(cloud, ann.user_id, upload_id, SRCSET)
    found = image(ann, upload_id).json
    assert found == {
        "image_id": upload_id,
        "status": "ready",
        "reason": None,
        "width": 4000,
        "height": 3000,
        "dominant_color": "#a0b0c0",
        "src": "/renditions/p/v/wide.jpg",
        "srcset": {
            "image/avif": "/renditions/p/v/wide.avif 1920w, /renditions/p/v/phone.avif 480w",
            "image/jpeg": "/renditions/p/v/phone.jpg 480w, /renditions/p/v/wide.jpg 1920w",
        },
    }


def test_without_a_jpeg_there_is_no_source_that_all_browsers_show(ann: Client, cloud: Cloud, upload_id: str) -> None:
    make_ready(cloud, ann.user_id, upload_id, {"image/avif": SRCSET["image/avif"]})
    assert image(ann, upload_id).json["src"] is None


def test_what_was_rejected_says_why(ann: Client, cloud: Cloud, upload_id: str) -> None:
    why = {"reason_code": "not_an_image", "reason_message": "this is no picture"}
    process(cloud, ann.user_id, upload_id, "rejected", **why)
    found = image(ann, upload_id).json
    assert (found["status"], found["reason"], found["src"]) == ("rejected", "this is no picture", None)


def test_what_is_blocked_is_not_shown(ann: Client, cloud: Cloud, upload_id: str) -> None:
    process(cloud, ann.user_id, upload_id, "blocked")
    found = image(ann, upload_id).json
    assert (found["status"], found["src"], found["srcset"]) == ("blocked", None, {})


def test_what_was_deleted_is_gone_though_it_was_announced(ann: Client, cloud: Cloud, upload_id: str) -> None:
    process(cloud, ann.user_id, upload_id, "deleted")
    assert image(ann, upload_id).status == 404


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_another_one_s_image_cannot_be_told_from_one_that_is_not_there(
    ann: Client, bob: Client, cloud: Cloud, upload_id: str, status: str
) -> None:
    if status == "rejected":
        process(cloud, ann.user_id, upload_id, status)
    theirs, nobodys = image(bob, upload_id), image(bob, "01940000-0000-7000-8000-000000000000")
    assert (theirs.status, theirs.body) == (404, nobodys.body)


def test_an_announcement_that_has_expired_is_none_though_it_is_still_there(
    ann: Client, cloud: Cloud, upload_id: str
) -> None:
    [entry] = cloud.entries("upload#")
    past: Any = {**entry, "expires_at": {"N": "1700000000"}}
    cloud.dynamodb.put_item(TableName="items", Item=past)
    assert image(ann, upload_id).status == 404
