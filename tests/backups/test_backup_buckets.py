"""Copies and manifests of buckets, whose objects change meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from tests.backups.checking_backups import assert_whole, lines
from tests.backups.world import DAY, MINUTE, PHOTOS, START, World
from tests.support.fake_aws import Decide, Fault


def test_a_deleted_object_is_not_in_the_next_manifest() -> None:
    world = World()
    world.day(START)
    world.write("b", None)
    world.write("a", b"a 2")
    world.day(START + DAY)
    found = lines(world, world.backup(PHOTOS))
    assert {line.key: world.vault()[line.copy] for line in found} == {"a": b"a 2", "c": b"c 1"}


def test_an_object_is_copied_once_for_all_runs() -> None:
    world = World()
    world.day(START)
    world.outside.calls.clear()
    world.day(START + DAY)
    assert "CopyObject" not in world.outside.calls


def test_an_object_that_is_deleted_for_good_after_it_was_listed_is_left_out() -> None:
    world = World()
    world.outside.decide = before_the_first("CopyObject", lambda: world.s3.buckets["photos"].objects.pop("a"))
    world.day(START)
    assert [line.key for line in lines(world, world.backup(PHOTOS))] == ["b", "c"]
    assert_whole(world)


def before_the_first(name: str, do: Callable[[], object]) -> Decide:
    """Does something before the first call of this name."""
    at = count()

    def decide(call: str) -> Fault:
        if call == name and next(at) == 0:
            do()
        return Fault.NONE

    return decide


def test_an_object_without_versions_that_changes_after_it_was_listed_is_copied_as_it_is_then() -> None:
    world = unversioned()
    world.outside.decide = before_the_first("CopyObject", lambda: world.write("a", b"changed"))
    world.day(START)
    found = lines(world, world.backup(PHOTOS))
    assert {line.key: (line.size, world.vault()[line.copy]) for line in found} == {
        "a": (7, b"changed"),
        "b": (3, b"b 1"),
    }
    assert world.last_work(PHOTOS).finished == START, "at the first attempt"


def unversioned() -> World:
    world = World()
    world.s3.buckets["photos"].versioned = False
    world.s3.buckets["photos"].objects.clear()
    world.write("a", b"a 1")
    world.write("b", b"b 1")
    return world


@pytest.mark.parametrize(("content", "later"), [(b"a 2", MINUTE), (b"a 2", 0 * MINUTE), (b"a 1", MINUTE)])
def test_an_object_without_versions_that_is_written_again_has_another_copy(content: bytes, later: timedelta) -> None:
    """With the same content, too: what else belongs to it may be new."""
    world = unversioned()
    world.day(START)
    first = lines(world, world.backup(PHOTOS))
    world.now = START + later
    world.write("a", content)
    world.day(START + DAY)
    second = lines(world, world.backup(PHOTOS))
    assert [world.vault()[line.copy] for line in second] == [content, b"b 1"]
    assert [old.copy == new.copy for old, new in zip(first, second, strict=True)] == [False, True]
    assert_whole(world)


@pytest.mark.parametrize("answer", ["InvalidObjectState", "ObjectNotInActiveTierError"])
def test_archived_objects_are_passed_over_and_told_of(answer: str) -> None:
    world = World()
    world.s3.buckets["photos"].objects["b"][-1].archived = answer
    world.day(START)
    assert [line.key for line in lines(world, world.backup(PHOTOS))] == ["a", "c"]
    assert (
        "good bucket photos: 6 bytes, objects: 2, archived objects that could not be read: 1"
        in (world.sns.published[0][1])
    )


def test_an_empty_bucket_has_a_manifest_too() -> None:
    world = World()
    world.s3.buckets["photos"].objects.clear()
    world.day(START)
    assert lines(world, world.backup(PHOTOS)) == []
