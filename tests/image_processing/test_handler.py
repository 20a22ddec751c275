"""The function as Lambda calls it: real S3 events in, real adapters on an in-memory AWS, pictures out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from lambdas.common.tables.pictures.layout import RENDITIONS_PREFIX, Manifest, ReasonCode, picture_id
from lambdas.image_processing import render
from lambdas.image_processing.contract import Metric, Reason
from lambdas.image_processing.domain.events import MalformedEventError
from tests.events import s3
from tests.image_processing.conftest import Cloud, picture
from tests.support.aws import CutOffError

AWKWARD_KEYS = {
    "space": "holiday pictures/red flower.jpg",
    "plus": "a+b=c.png",
    "percent": "100%25 sure%2F.jpg",
    "unicode": "фото/été/写真.jpg",
    "emoji": "🏝️🐠.heic",
    "dots": "../../etc/./passwd..jpg",
    "quotes": "\"'<script>&amp;.jpg",
    "newline": "line\nbreak\ttab.jpg",
    "no suffix": "README",
    "1,024 bytes": "é" * 512,
    "trailing slash": "folder/",
}


@dataclass(frozen=True)
class Context:
    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


def created(key: str, version_id: str, sequencer: str = "0055AED6DCD90281E5") -> dict[str, Any]:
    event = s3.record("ObjectCreated:Put", "uploads", key, sequencer=sequencer, version_id=version_id)
    return s3.notification(event)


def removed(key: str, sequencer: str, name: str = "ObjectRemoved:DeleteMarkerCreated") -> dict[str, Any]:
    return s3.notification(s3.record(name, "uploads", key, sequencer=sequencer, version_id="marker"))


def upload(cloud: Cloud, key: str, data: bytes, sequencer: str = "0055AED6DCD90281E5") -> None:
    render.handler(created(key, cloud.put(key, data), sequencer), Context())


@pytest.mark.parametrize("key", AWKWARD_KEYS.values(), ids=AWKWARD_KEYS)
def test_any_key_is_rendered_and_found_again(cloud: Cloud, key: str) -> None:
    upload(cloud, key, picture())
    item = cloud.item(picture_id("uploads", key))
    assert (item["status"], item["object_key"]) == ("ready", key)
    manifest = msgspec.json.decode(cloud.objects("renditions")[item["manifest_key"]], type=Manifest)
    assert manifest.source.key == key
    assert all(len(each.key.encode()) < 1024 for each in manifest.renditions)


def test_renditions_are_served_with_type_and_immutable_caching(cloud: Cloud) -> None:
    upload(cloud, "a.png", picture())
    heads = {key: cloud.s3.head_object(Bucket="renditions", Key=key) for key in cloud.objects("renditions")}
    types = {key.rsplit("/", 1)[1]: head["ContentType"] for key, head in heads.items()}
    assert types == {
        "phone.jpg": "image/jpeg",
        "phone.webp": "image/webp",
        "thumbnail.jpg": "image/jpeg",
        "thumbnail.webp": "image/webp",
        "manifest.json": "application/json",
    }
    assert {head["CacheControl"] for head in heads.values()} == {"public, max-age=31536000, immutable"}


def test_the_manifest_tells_the_truth_about_every_rendition(cloud: Cloud) -> None:
    upload(cloud, "a.png", picture(size=(96, 60)))
    objects = cloud.objects("renditions")
    manifest = msgspec.json.decode(next(data for key, data in objects.items() if "manifest" in key), type=Manifest)
    assert (manifest.width, manifest.height, manifest.format, manifest.frames) == (96, 60, "png", 1)
    for each in manifest.renditions:
        image = Image.open(io.BytesIO(objects[each.key]))
        assert (image.format or "").lower() == each.format
        assert image.size == (each.width, each.height)
        assert len(objects[each.key]) == each.bytes
    phone = {each.format: each.key for each in manifest.renditions if each.name == "phone"}
    assert manifest.srcset == {"image/jpeg": f"{phone['jpeg']} 48w", "image/webp": f"{phone['webp']} 48w"}


def test_a_later_version_replaces_the_renditions(cloud: Cloud) -> None:
    upload(cloud, "a.png", picture("red"), "01")
    first = set(cloud.objects("renditions"))
    upload(cloud, "a.png", picture("blue"), "02")
    second = set(cloud.objects("renditions"))
    assert len(second) == len(first)
    assert not first & second


def test_a_late_event_of_an_earlier_version_changes_nothing(cloud: Cloud) -> None:
    old = created("a.png", cloud.put("a.png", picture("red")), "01")
    upload(cloud, "a.png", picture("blue"), "02")
    before = cloud.objects("renditions"), cloud.item(picture_id("uploads", "a.png"))
    render.handler(old, Context())
    assert (cloud.objects("renditions"), cloud.item(picture_id("uploads", "a.png"))) == before


@pytest.mark.parametrize(
    "name", ["ObjectRemoved:DeleteMarkerCreated", "LifecycleExpiration:DeleteMarkerCreated"], ids=["user", "lifecycle"]
)
def test_deletion_removes_the_renditions_and_marks_the_item(cloud: Cloud, name: str) -> None:
    upload(cloud, "a.png", picture(), "01")
    cloud.s3.delete_object(Bucket="uploads", Key="a.png")
    render.handler(removed("a.png", "02", name), Context())
    assert cloud.objects("renditions") == {}
    assert cloud.item(picture_id("uploads", "a.png"))["status"] == "deleted"


def test_expiry_of_a_replaced_version_keeps_the_renditions(cloud: Cloud) -> None:
    old = cloud.put("a.png", picture("red"))
    upload(cloud, "a.png", picture("blue"), "02")
    before = cloud.objects("renditions")
    cloud.s3.delete_object(Bucket="uploads", Key="a.png", VersionId=old)
    render.handler(removed("a.png", "03", "LifecycleExpiration:Delete"), Context())
    assert cloud.objects("renditions") == before


def test_a_bad_file_goes_to_quarantine_whole_with_its_reason(cloud: Cloud) -> None:
    page = b"<html><body>no picture</body></html>"
    version = cloud.put("fake.jpg", page)
    render.handler(created("fake.jpg", version), Context())
    kept = {key.rsplit("/", 1)[1]: data for key, data in cloud.objects("quarantine").items()}
    reason = msgspec.json.decode(kept["reason.json"], type=Reason)
    assert kept["original"] == page
    assert reason.code is ReasonCode.NOT_AN_IMAGE
    assert (reason.source.bucket, reason.source.key, reason.source.version_id) == ("uploads", "fake.jpg", version)
    item = cloud.item(picture_id("uploads", "fake.jpg"))
    assert (item["status"], item["reason_code"]) == ("rejected", "not_an_image")
    assert cloud.objects("renditions") == {}


def test_a_rejected_page_is_never_served_as_a_page(cloud: Cloud) -> None:
    version = cloud.s3.put_object(
        Bucket="uploads", Key="x", Body=b"<script>", ContentType="text/html", Tagging="owner=eve"
    )["VersionId"]
    render.handler(created("x", version), Context())
    key = next(key for key in cloud.objects("quarantine") if key.endswith("original"))
    assert cloud.s3.head_object(Bucket="quarantine", Key=key)["ContentType"] == "application/octet-stream"


def test_an_upload_over_the_byte_limit_is_refused_unread(cloud: Cloud) -> None:
    upload(cloud, "big.png", picture() + bytes(1_000_000))
    assert cloud.item(picture_id("uploads", "big.png"))["reason_code"] == "too_many_bytes"
    assert any(len(data) > 1_000_000 for data in cloud.objects("quarantine").values())


def test_errors_of_aws_are_raised_so_that_the_event_is_retried(cloud: Cloud) -> None:
    event = created("a.png", cloud.put("a.png", picture()))
    cloud.s3.delete_bucket(Bucket="renditions")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        render.handler(event, Context())


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"},
        s3.notification(s3.record("ObjectTagging:Put", "uploads", "a", sequencer="01", version_id="v")),
        s3.notification(s3.record("ObjectCreated:Put", "uploads", "a", sequencer="01")),
        s3.notification(s3.record("ObjectCreated:Put", "uploads", "a", sequencer="not hex", version_id="v")),
    ],
    ids=["empty", "no records", "test event", "other event", "unversioned", "bad sequencer"],
)
def test_an_event_that_cannot_be_ordered_is_raised_with_a_remedy(cloud: Cloud, event: dict[str, Any]) -> None:
    with pytest.raises(MalformedEventError):
        render.handler(event, Context())
    assert cloud.objects("renditions") == {}


def renditions_of(cloud: Cloud, key: str) -> dict[str, bytes]:
    """Renditions by name; the manifest tells the key, which differs from test to test."""
    objects = cloud.objects("renditions", RENDITIONS_PREFIX + picture_id("uploads", key))
    return {name.rpartition("/")[2]: data for name, data in objects.items() if not name.endswith("manifest.json")}


SCENARIOS = {
    "upload": (None, picture("green")),
    "bad file": (None, b"nothing"),
    "replacement": (picture("red"), picture("blue")),
}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(("first", "data"), SCENARIOS.values(), ids=SCENARIOS)
def test_a_cut_at_any_aws_call_is_healed_by_the_retry(
    cloud: Cloud, first: bytes | None, data: bytes, *, before: bool
) -> None:
    expected = None
    for number in range(40):
        key = f"{number}.png"
        if first:
            upload(cloud, key, first, "01")
        event = created(key, cloud.put(key, data), "02")
        with cloud.calls.cut_off(number, before=before):
            try:
                render.handler(event, Context())
            except CutOffError:
                ended = False
            else:
                ended = True
        render.handler(event, Context())
        mine = renditions_of(cloud, key)
        expected = mine if expected is None else expected
        assert mine == expected
        assert "stale" not in cloud.item(picture_id("uploads", key))
        if ended:
            assert number >= 5
            return
    pytest.fail("the function makes more calls than this test cuts off")


@pytest.fixture
def cold(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[[], Cloud]:
    """Starts a function anew inside the test: its logger keeps the standard output that it finds at its start."""

    def start() -> Cloud:
        monkeypatch.setenv("SERVICE", request.node.name)
        runtime = render.runtime.__wrapped__()
        monkeypatch.setattr(render, "runtime", lambda: runtime)
        return cloud

    return start


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_log_lines_carry_request_id_and_key_and_metrics_the_outcome(
    cold: Callable[[], Cloud], capsys: pytest.CaptureFixture[str]
) -> None:
    upload(cold(), "a b.png", picture())
    lines = printed(capsys)
    handled = next(line for line in lines if line.get("message") == "handled")
    assert (handled["request_id"], handled["key"]) == (Context().aws_request_id, "a b.png")
    metrics = next(line for line in lines if "_aws" in line)
    assert metrics[Metric.READY] == [1.0]
    assert metrics["service"] == handled["service"]


def test_a_warm_function_keeps_no_key_of_the_event_before(
    cold: Callable[[], Cloud], capsys: pytest.CaptureFixture[str]
) -> None:
    upload(cold(), "first.png", picture())
    printed(capsys)
    with pytest.raises(MalformedEventError):
        render.handler({}, Context("second"))
    line = printed(capsys)[0]
    assert line["request_id"] == "second"
    assert "key" not in line
