"""Nothing is lost and nothing is left behind, however events are ordered, repeated, interleaved and killed."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.common.tables.pictures.layout import Manifest, Status, picture_id
from lambdas.image_processing.contract import Metric
from lambdas.image_processing.domain.events import ObjectEvent
from lambdas.image_processing.workflow import ConflictError
from tests.image_processing.world import BAD, BUCKET, World
from tests.support.schedule import Command, Worker

KEYS = ("a.jpg", "b.jpg")
CONTENTS = (b"one", b"two", BAD)


def assert_outputs_show_the_bucket(world: World) -> None:
    """Every picture's entry, renditions and quarantine are what the bucket now shows, and nothing else is there."""
    expected: set[str] = set()
    for key in world.versions:
        entry = world.catalog.get(picture_id(BUCKET, key))
        visible = world.visible(key)
        if visible is None:
            assert entry is None or entry.status is Status.DELETED, key
            continue
        assert entry is not None, key
        assert entry.version_id == visible.id, key
        assert not entry.stale, key
        if visible.data == BAD:
            assert entry.status is Status.REJECTED, key
            assert (BAD, visible.id) in [(data, reason.source.version_id) for data, reason in world.quarantine.values()]
            continue
        assert entry.status is Status.READY, key
        manifest_key = f"{entry.generation}manifest.json"
        manifest = msgspec.json.decode(world.renditions[manifest_key], type=Manifest)
        assert manifest.source.version_id == visible.id, key
        assert [world.renditions[each.key] for each in manifest.renditions] == [
            (visible.data or b"") + each.format.encode() for each in manifest.renditions
        ]
        expected |= {manifest_key, *(each.key for each in manifest.renditions)}
    assert set(world.renditions) == expected


def deliver(world: World, event: ObjectEvent) -> Worker:
    workflow = world.workflow()
    return Worker(lambda: workflow.handle(event))


def change(world: World, draw: st.DrawFn) -> None:
    key = draw(st.sampled_from(KEYS))
    kind = draw(st.sampled_from(["put", "put", "delete", "delete version"]))
    if kind == "put":
        world.put(key, draw(st.sampled_from(CONTENTS)))
    elif kind == "delete":
        world.delete(key)
    else:
        world.delete_version(key, draw(st.integers(0, 3)))


def step(world: World, undelivered: list[ObjectEvent], workers: dict[Worker, ObjectEvent], draw: st.DrawFn) -> None:
    """One of: a worker makes its next call or dies there, an event is delivered, or once more although it was."""
    choices = ["deliver"] * bool(undelivered) + ["again"] * bool(world.events) + ["work"] * (3 * bool(workers))
    action = draw(st.sampled_from(choices))
    if action == "work":
        worker = draw(st.sampled_from(list(workers)))
        worker.step(draw(st.sampled_from([Command.RUN] * 6 + [Command.KILL_BEFORE, Command.KILL_AFTER])))
        if not worker.running:
            event = workers.pop(worker)
            if worker.killed or worker.error:
                undelivered.append(event)  # Lambda retries, and what fails for good is redriven
    elif action == "deliver":
        event = undelivered.pop(draw(st.integers(0, len(undelivered) - 1)))
        workers[deliver(world, event)] = event
    else:
        event = draw(st.sampled_from(world.events))
        workers[deliver(world, event)] = event


@st.composite
def finished_worlds(draw: st.DrawFn) -> World:
    """A world after any schedule of changes and invocations, when every event has been handled at least once."""
    world, undelivered, workers = World(), [], {}  # type: tuple[World, list[ObjectEvent], dict[Worker, ObjectEvent]]
    for _ in range(draw(st.integers(1, 6))):
        before = len(world.events)
        change(world, draw)
        undelivered += world.events[before:]
        for _ in range(draw(st.integers(0, 12))):
            if undelivered or workers or world.events:
                step(world, undelivered, workers, draw)
    for worker, event in workers.items():
        worker.finish()
        if worker.error:
            undelivered.append(event)
    for event in undelivered:
        worker = deliver(world, event)
        worker.finish()
        assert worker.error is None
    return world


@settings(max_examples=500, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck))
@given(finished_worlds())
def test_any_schedule_ends_with_outputs_that_show_the_bucket(world: World) -> None:
    assert_outputs_show_the_bucket(world)


SCENARIOS = {
    "upload": [("put", b"one")],
    "replace": [("put", b"one"), ("put", b"two")],
    "replace by a bad file": [("put", b"one"), ("put", BAD)],
    "repair a bad file": [("put", BAD), ("put", b"one")],
    "delete": [("put", b"one"), ("delete", b"")],
    "undelete": [("put", b"one"), ("delete", b""), ("delete version", b"")],
    "remove the newest version": [("put", b"one"), ("put", b"two"), ("delete version", b"")],
}


@pytest.mark.parametrize("command", [Command.KILL_BEFORE, Command.KILL_AFTER], ids=["before", "after"])
@pytest.mark.parametrize("changes", SCENARIOS.values(), ids=SCENARIOS)
def test_a_kill_at_any_call_changes_nothing_after_the_retry(changes: list[tuple[str, bytes]], command: Command) -> None:
    killed, call = True, 0
    while killed:
        world = World()
        killed = run_with_kill(world, changes, call, command)
        assert_outputs_show_the_bucket(world)
        call += 1
    assert call > 3


def run_with_kill(world: World, changes: list[tuple[str, bytes]], call: int, command: Command) -> bool:
    """Makes the changes, handles each event, kills the call with this number; tells whether there was one."""
    made, killed = 0, False
    for kind, content in changes:
        if kind == "put":
            world.put("a.jpg", content)
        elif kind == "delete":
            world.delete("a.jpg")
        else:
            world.delete_version("a.jpg", -1)
        worker = deliver(world, world.events[-1])
        while worker.running:
            worker.step(command if made == call else Command.RUN)
            made += 1
        if worker.killed:
            killed = True
            deliver(world, world.events[-1]).finish()
    return killed


def handle_all(world: World) -> list[Metric]:
    """Handles every event in order, each once."""
    workflow = world.workflow()
    return [workflow.handle(event) for event in world.events]


def test_two_deliveries_of_a_removal_that_see_different_versions_do_not_mix_them() -> None:
    world = World()
    world.put("a.jpg", b"one")
    world.delete("a.jpg")
    handle_all(world)
    world.delete_version("a.jpg", -1)
    undelete = world.events[-1]
    first, second = deliver(world, undelete), deliver(world, undelete)
    for _ in range(2):
        first.step()  # reads the catalog, and sees version one
    world.put("a.jpg", b"two")
    for _ in range(2):
        second.step()  # reads the catalog, and sees version two
    first.finish()
    second.finish()
    world.delete_version("a.jpg", -1)
    handle_all(world)
    assert_outputs_show_the_bucket(world)
    assert not [data for data in world.renditions.values() if data.startswith(b"two")]


def test_expiry_of_old_versions_leaves_a_deleted_picture_as_it_was() -> None:
    world = World()
    world.put("a.jpg", b"one")
    world.delete("a.jpg")
    handle_all(world)
    (before,) = world.catalog.values()
    world.delete_version("a.jpg", 0)
    assert handle_all(world)[-1] is Metric.NO_EFFECT
    (after,) = world.catalog.values()
    assert replace(after, sequencer=before.sequencer) == before


def test_a_retry_that_finishes_the_deletions_counts_the_outcome() -> None:
    world = World()
    world.put("a.jpg", b"one")
    handle_all(world)
    world.put("a.jpg", BAD)
    killed = deliver(world, world.events[-1])
    while not any(entry.status is Status.REJECTED for entry in world.catalog.values()):
        killed.step()
    killed.step(Command.KILL_BEFORE)
    assert world.workflow().handle(world.events[-1]) is Metric.REJECTED
    assert world.workflow().handle(world.events[-1]) is Metric.NO_EFFECT


def test_a_folder_made_in_the_console_is_no_picture_and_no_failure() -> None:
    world = World()
    world.put("holidays/", b"")
    assert handle_all(world) == [Metric.NO_EFFECT]
    assert (world.quarantine, world.renditions) == ({}, {})


def test_a_folder_made_in_place_of_a_picture_removes_it() -> None:
    world = World()
    world.put("holidays/", b"one")
    world.put("holidays/", b"")
    assert handle_all(world) == [Metric.READY, Metric.DELETED]
    assert world.renditions == {}


def test_an_event_that_is_always_overtaken_is_left_to_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.put("a.jpg", b"one")
    workflow = world.workflow()
    monkeypatch.setattr(workflow.catalog, "commit", lambda *_: False)
    with pytest.raises(ConflictError, match=r"a\.jpg"):
        workflow.handle(world.events[0])
