"""A fault at any call of the writer: the next run ends with the same index, and readers see nothing in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import pytest

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.domain.segments import FEWEST
from tests.file_processing.searching import World, disk
from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Killed

FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
HOURS = 2 * 60 * 60


class Watched(Outside):
    """Lets somebody look after each call."""

    look: Callable[[], object] = staticmethod(lambda: None)

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        try:
            return super().call(name, effect)
        finally:
            look, self.look = self.look, lambda: None
            look()
            self.look = look


@pytest.fixture(params=[FEWEST - 1, 2], ids=["merging", "marking"])
def worlds(request: pytest.FixtureRequest) -> Iterator[Callable[[], World]]:
    """Makes worlds in which the next commit adds, replaces and removes, and sweeps; in one of them it merges all there
    is, in the other it marks documents as deleted."""
    with disk() as root:
        names = count()

        def make() -> World:
            folder = root / str(next(names))
            folder.mkdir()
            world = World(folder, Watched())
            for number in range(request.param):
                world.index(world.put(f"file{number}.txt", "all old"), world.put(f"more{number}.txt", "more"))
            world.wait(HOURS)
            world.outside.calls.clear()
            return world

        yield make


def change(world: World) -> list[str]:
    return [world.put("file0.txt", "all new"), world.remove("file1.txt"), world.put("file9.txt", "all new")]


def fail_at(world: World, number: int, fault: Fault) -> None:
    at = count()
    world.outside.decide = lambda _: fault if next(at) == number else Fault.NONE


def calls(world: World) -> int:
    world.index(*change(world))
    return len(world.outside.calls)


def after(names: list[str]) -> list[str]:
    """What is found when the change is in the index."""
    return sorted({*names, "file9.txt"} - {"file1.txt"})


def test_the_commits_under_test_do_all_that_a_commit_can(worlds: Callable[[], World]) -> None:
    world = worlds()
    before = world.manifest
    world.index(*change(world))
    now = world.manifest
    if len(before.segments) == FEWEST - 1:
        assert len(now.segments) == 1
        assert not before.keys & world.files, "nothing is left of what was merged"
    else:
        assert [bool(each.marks) for each in now.segments] == [True, True, False]


@pytest.mark.parametrize("same_process", [True, False])
@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_at_any_call_another_run_ends_with_the_same_index(
    worlds: Callable[[], World],
    fault: Fault,
    same_process: bool,  # noqa: FBT001
) -> None:
    for number in range(calls(worlds())):
        world = worlds()
        batch = change(world)
        fail_at(world, number, fault)
        with suppress(Killed, UnavailableError):
            world.index(*batch)
        if not same_process:
            world.restart_writer()
        world.index(*batch)
        assert sorted(world.names("all")) == sorted(name for name, text in world.texts().items() if "all" in text)
        assert sorted(world.names("new")) == ["file0.txt", "file9.txt"]


@pytest.mark.parametrize("fault", [Fault.NONE, *FAULTS])
def test_at_every_moment_a_reader_sees_a_batch_whole_or_not_at_all(worlds: Callable[[], World], fault: Fault) -> None:
    for number in range(calls(worlds())):
        world = worlds()
        old = sorted(world.names("all"))
        batch = change(world)
        seen: list[list[str]] = []
        fail_at(world, number, fault)

        def look(world: World = world, seen: list[list[str]] = seen) -> None:
            failing, world.outside.decide = world.outside.decide, lambda _: Fault.NONE
            seen.append(sorted(world.names("all")))
            world.outside.decide = failing

        world.outside.look = look  # type: ignore[attr-defined]
        with suppress(Killed, UnavailableError):
            world.index(*batch)
        world.restart_writer()
        world.index(*batch)
        flips = [names for before, names in zip([old, *seen], seen, strict=False) if names != before]
        assert flips == [after(old)], f"{fault.value} at call {number}"


def test_what_a_killed_writer_left_is_swept_after_an_hour_and_not_before(worlds: Callable[[], World]) -> None:
    world = worlds()
    world.index(world.put("file0.txt", "all swept"))
    before, batch = world.files, change(world)
    world.outside.decide = lambda name: Fault.KILL_AFTER if name == "PutObject" else Fault.NONE
    with pytest.raises(Killed):
        world.index(*batch)
    [left] = world.files - before
    world.outside.decide = lambda _: Fault.NONE
    world.restart_writer()
    world.index(*batch)
    assert left in world.files
    world.wait(HOURS)
    world.index(world.put("file0.txt", "all newer"))
    assert world.files == world.manifest.keys


def test_a_sweep_leaves_alone_what_another_writer_commits_meanwhile(worlds: Callable[[], World]) -> None:
    world = worlds()
    other = world.new_writer()

    def overtake(name: str) -> Fault:
        if name == "ListObjectsV2":
            world.outside.decide = lambda _: Fault.NONE
            world.wait(1)
            other.agree([world.put("other.txt", "other")])
        return Fault.NONE

    world.outside.decide = overtake
    world.index(*change(world))
    assert world.manifest.keys <= world.files
    assert world.names("other") == ["other.txt"]


def test_a_writer_that_is_always_overtaken_gives_up_and_loses_nothing(worlds: Callable[[], World]) -> None:
    world = worlds()
    other, others = world.new_writer(), count()

    def overtake(name: str) -> Fault:
        if name == "PutObject":
            world.outside.decide = lambda _: Fault.NONE
            other.agree([world.put("other.txt", f"other {next(others)}")])
            world.outside.decide = overtake
        return Fault.NONE

    world.outside.decide = overtake
    with pytest.raises(UnavailableError, match="other writers"):
        world.index(*change(world))
    world.outside.decide = lambda _: Fault.NONE
    old = sorted(world.names("all"))
    world.index(*change(world))
    assert sorted(world.names("all")) == after(old)
    assert world.names("other") == ["other.txt"]


def test_a_message_that_comes_again_costs_no_write(worlds: Callable[[], World]) -> None:
    world = worlds()
    batch = change(world)
    world.index(*batch)
    world.outside.calls.clear()
    outcome = world.index(*batch)
    assert (outcome.added, outcome.removed) == (0, 0)
    assert set(world.outside.calls) == {"GetObject", "GetItem"}
