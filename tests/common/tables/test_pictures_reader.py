"""The reader of what image processing made of an upload, also while the picture changes under its hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import pytest
from botocore.exceptions import ResponseStreamingError

from lambdas.common.failures import UnavailableError
from lambdas.common.tables.pictures.layout import Manifest, ReasonCode, Rendition, Source, Status, picture_id
from lambdas.common.tables.pictures.reader import Picture, PicturesReader
from tests.support.fake_aws import FakeDynamoDB, FakeS3, Fault, Outside

KEY = "u-1/holiday 🌻.png"
TIME = "2026-11-21T12:00:00.000Z"


def manifest_of(version: str) -> Manifest:
    rendition = Rendition(
        name="phone", format="webp", content_type="image/webp", key=f"renditions/p/{version}/phone.webp",
        width=480, height=360, bytes=9_000, sha256="ab",
    )  # fmt: skip
    return Manifest(
        width=4000, height=3000, bytes=5_000_000, sha256="cd", format="png", frames=1, dominant_color="#a0b0c0",
        perceptual_hash="00ff00ff00ff00ff", recognition="off", labels=(), moderation=(), notes=(),
        source=Source(bucket="uploads", key=KEY, version_id=version, sequencer="01"),
        renditions=(rendition,), srcset={"image/webp": f"{rendition.key} 480w"},
    )  # fmt: skip


@dataclass
class World:
    """The catalog and the renditions bucket, as image processing leaves them."""

    outside: Outside = field(default_factory=Outside)

    def __post_init__(self) -> None:
        self.dynamodb = FakeDynamoDB(self.outside, {"catalog": ["picture_id"]})
        self.s3 = FakeS3(self.outside)
        self.reader = PicturesReader(cast("Any", self.dynamodb), "catalog", cast("Any", self.s3), "renditions")

    def set(self, status: str, **attributes: str) -> None:
        """Puts the picture's item, and removes all that an earlier item named."""
        named = {"picture_id": picture_id("uploads", KEY), "status": status, "updated_at": TIME} | attributes
        item = {name: {"S": value} for name, value in named.items()} | {"frames": {"N": "1"}, "stale": {"SS": ["p/0"]}}
        self.dynamodb.tables["catalog"][named["picture_id"],] = item
        self.s3.buckets["renditions"].clear()

    def publish(self, version: str) -> None:
        """The picture is ready in this version and in no earlier one."""
        key = f"renditions/p/{version}/manifest.json"
        self.set("ready", manifest_key=key)
        self.s3.buckets["renditions"][key] = msgspec.json.encode(manifest_of(version))

    def before_each_manifest(self, *changes: Callable[[], None]) -> None:
        """What happens between the reading of the catalog and that of the manifest, each time something else."""
        coming = iter(changes)

        def decide(call: str) -> Fault:
            if call == "GetObject":
                next(coming, lambda: None)()
            return Fault.NONE

        self.outside.decide = decide


@pytest.fixture
def world() -> World:
    return World()


def test_a_picture_that_is_ready_comes_with_its_manifest(world: World) -> None:
    world.publish("v1")
    found = world.reader.find("uploads", KEY)
    assert found == Picture(status=Status.READY, updated_at=TIME, manifest=manifest_of("v1"))
    assert world.outside.calls == ["GetItem", "GetObject"]


def test_an_upload_that_was_not_handled_yet_is_not_found(world: World) -> None:
    world.publish("v1")
    assert world.reader.find("uploads", "u-1/other.png") is None
    assert world.reader.find("other-uploads", KEY) is None


def test_a_rejected_picture_says_why(world: World) -> None:
    world.set("rejected", reason_code="too_many_pixels", reason_message="60 megapixels; at most 50 are accepted")
    assert world.reader.find("uploads", KEY) == Picture(
        status=Status.REJECTED,
        updated_at=TIME,
        reason_code=ReasonCode.TOO_MANY_PIXELS,
        reason_message="60 megapixels; at most 50 are accepted",
    )


@pytest.mark.parametrize("status", [Status.BLOCKED, Status.DELETED])
def test_a_picture_without_renditions_costs_one_read(world: World, status: Status) -> None:
    world.set(status)
    assert world.reader.find("uploads", KEY) == Picture(status=status, updated_at=TIME)
    assert world.outside.calls == ["GetItem"]


def test_a_picture_replaced_while_it_is_read_is_found_as_replaced(world: World) -> None:
    world.publish("v1")
    world.before_each_manifest(lambda: world.publish("v2"), lambda: world.publish("v3"))
    found = world.reader.find("uploads", KEY)
    assert found is not None
    assert found.manifest == manifest_of("v3")


def test_a_picture_deleted_while_it_is_read_is_found_as_deleted(world: World) -> None:
    world.publish("v1")
    world.before_each_manifest(lambda: world.set("deleted"))
    assert world.reader.find("uploads", KEY) == Picture(status=Status.DELETED, updated_at=TIME)


def test_a_manifest_that_stays_away_is_an_outage_that_names_the_remedy(world: World) -> None:
    world.set("ready", manifest_key="renditions/p/v1/manifest.json")
    with pytest.raises(UnavailableError, match=r"holiday.*uploading the picture again"):
        world.reader.find("uploads", KEY)
    assert world.outside.calls == ["GetItem", "GetObject"] * 3


@pytest.mark.parametrize("failing", ["GetItem", "GetObject"])
@pytest.mark.parametrize(
    ("fault", "told"), [(Fault.THROTTLED, "ThrottlingException"), (Fault.NO_ANSWER, "Read timeout")]
)
def test_a_call_that_fails_is_an_outage_that_tells_the_cause(
    world: World, failing: str, fault: Fault, told: str
) -> None:
    world.publish("v1")
    world.outside.decide = lambda call: fault if call == failing else Fault.NONE
    with pytest.raises(UnavailableError, match=f"^read .*{told}"):
        world.reader.find("uploads", KEY)


def test_a_manifest_that_breaks_off_is_an_outage(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Torn:
        def read(self) -> bytes:
            raise ResponseStreamingError(error="connection reset")

    world.publish("v1")
    monkeypatch.setattr(world.s3, "get_object", lambda **_: {"Body": Torn()})
    with pytest.raises(UnavailableError, match="connection reset"):
        world.reader.find("uploads", KEY)
