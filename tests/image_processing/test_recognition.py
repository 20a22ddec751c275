"""Recognition in the workflow: what is shown to the service, and what a moderation hit does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec
import pytest

from lambdas.common.tables.pictures.layout import Label, Manifest, Status
from lambdas.image_processing.contract import Metric, Recognition, RenditionSpec
from lambdas.image_processing.domain import recognition
from lambdas.image_processing.domain.renditions import Encoded, Rendered
from tests.image_processing import world as model
from tests.image_processing.world import World


@dataclass
class Seeing:
    """A recognizer that answers as told and remembers what the renditions bucket held when it was asked."""

    world: World
    confidence: float = 0.0
    asked: list[bytes] = field(default_factory=list)
    written_before: list[str] = field(default_factory=list)

    def look(self, jpeg: bytes) -> Recognition:
        self.asked.append(jpeg)
        self.written_before = list(self.world.renditions)
        labels = (Label(name="Cat", confidence=99),)
        return Recognition(state="done", labels=labels, moderation=(Label(name="Blood", confidence=self.confidence),))


def encoded(name: str, width: int, height: int, file_format: str = "jpeg", mode: str = "fit", size: int = 1) -> Encoded:
    spec = msgspec.convert({"name": name, "width": width, "height": height, "mode": mode}, RenditionSpec)
    return Encoded(spec, file_format, (width, height), bytes(size))


def large(data: bytes) -> Rendered:
    renditions = (encoded("big", 400, 300, "webp"), encoded("big", 400, 300), encoded("small", 100, 80))
    return replace(model.render(data), renditions=renditions)


def handle(confidence: float) -> tuple[World, Seeing, Metric]:
    world = World()
    seeing = Seeing(world, confidence)
    world.put("a.jpg", b"one")
    workflow = replace(world.workflow(), render=large, recognizer=seeing, blocking_confidence=80)
    return world, seeing, workflow.handle(world.events[0])


def test_recognition_sees_the_picture_before_anything_is_written() -> None:
    _, seeing, _ = handle(0)
    assert seeing.asked == [bytes(1)]
    assert seeing.written_before == []


def test_labels_stand_in_the_manifest() -> None:
    world, _, _ = handle(10)
    document = next(data for key, data in world.renditions.items() if key.endswith("manifest.json"))
    manifest = msgspec.json.decode(document, type=Manifest)
    assert manifest.recognition == "done"
    assert [each.name for each in manifest.labels] == ["Cat"]


@pytest.mark.parametrize(("confidence", "blocked"), [(79.9, False), (80.0, True), (99.0, True)])
def test_a_moderation_hit_blocks_the_picture_from_the_configured_confidence_on(
    confidence: float, *, blocked: bool
) -> None:
    world, _, outcome = handle(confidence)
    (entry,) = world.catalog.values()
    assert (outcome is Metric.BLOCKED, entry.status is Status.BLOCKED) == (blocked, blocked)
    assert (world.renditions == {}) is blocked


def test_a_picture_blocked_later_loses_its_renditions() -> None:
    world = World()
    world.put("a.jpg", b"one")
    world.workflow().handle(world.events[0])
    world.put("a.jpg", b"two")
    replace(world.workflow(), render=large, recognizer=Seeing(world, 95)).handle(world.events[1])
    assert world.renditions == {}


def test_without_a_recognizer_the_manifest_says_off() -> None:
    world = World()
    world.put("a.jpg", b"one")
    world.workflow().handle(world.events[0])
    assert any(b'"recognition":"off"' in data for data in world.renditions.values())


def test_a_picture_under_80_pixels_is_not_sent_and_says_too_small() -> None:
    world = World()
    seeing = Seeing(world)
    world.put("a.jpg", b"one")
    replace(world.workflow(), recognizer=seeing).handle(world.events[0])
    assert seeing.asked == []
    assert any(b'"recognition":"too_small"' in data for data in world.renditions.values())


@pytest.mark.parametrize(
    ("renditions", "chosen"),
    [
        ((encoded("s", 100, 100), encoded("l", 200, 200)), "l"),
        ((encoded("l", 200, 200, "webp"), encoded("s", 100, 100)), "s"),
        ((encoded("crop", 256, 256, mode="cover"), encoded("s", 100, 100)), "s"),
        ((encoded("heavy", 4000, 4000, size=5 * 1024 * 1024 + 1), encoded("s", 100, 100)), "s"),
        ((encoded("wide", 10_001, 100), encoded("s", 100, 100)), "s"),
        ((encoded("edge", 80, 80),), "edge"),
        ((encoded("small", 79, 500),), None),
        ((encoded("crop", 256, 256, mode="cover"),), None),
    ],
    ids=["largest", "JPEG alone", "never a crop", "5 MB", "10,000 pixels", "80 pixels", "79 pixels", "only a crop"],
)
def test_the_largest_whole_jpeg_that_the_service_takes_is_chosen(
    renditions: tuple[Encoded, ...], chosen: str | None
) -> None:
    candidate = recognition.candidate(renditions)
    assert (candidate.spec.name if candidate else None) == chosen
