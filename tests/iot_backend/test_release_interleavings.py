"""Buttons, a step and a voice at once: one decision after the other, and the alias is what the last one says.

Several functions run call by call, in any order, and some are killed; then AWS repeats what failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.iot_backend.adapters import releases, target
from lambdas.iot_backend.contract.releases import Outcome, Phase, Why
from lambdas.iot_backend.domain.releases import Alias, begun
from lambdas.iot_backend.workflow import releasing
from tests.iot_backend.releasing_world import World
from tests.support.schedule import Command, Worker
from tests.support.schedules import SCHEDULES, Patch, expect_to_find, under_schedules

DRIVERS = ("promote", "promote again", "promote twice", "roll back", "post", "step", "regular step", "read")
Schedule = tuple[list[str], list[tuple[int, Command]], bool, str]
"""Who is at work, whose next call comes when and whether it is the last, whether a canary is due, and the alarm."""

KEY = {"idempotency-key": "release-of-today"}
commands = st.sampled_from([*[Command.RUN] * 12, Command.KILL_BEFORE, Command.KILL_AFTER])
schedules = st.tuples(
    st.lists(st.sampled_from(DRIVERS), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), commands), max_size=60),
    st.booleans(),
    st.sampled_from(["OK", "OK", "ALARM", "INSUFFICIENT_DATA"]),
)


@dataclass(frozen=True)
class Run:
    """A world, and what everybody in it does once, and again if it fails."""

    world: World

    def works(self) -> dict[str, Callable[[], Any]]:
        world = self.world
        events = {
            "promote": world.pressed("SINGLE", "promote-1"),
            "promote twice": world.pressed("SINGLE", "promote-1"),
            "promote again": world.pressed("SINGLE", "promote-2"),
            "roll back": world.pressed("DOUBLE", "rollback-1"),
        }
        works: dict[str, Callable[[], Any]] = {name: partial(world.deliver, each) for name, each in events.items()}
        return works | {
            "step": lambda: world.advance({"release_id": "some", "step": 0}),
            "regular step": world.advance,
            "read": lambda: world.call("GET /releases"),
            "post": lambda: world.call("POST /releases", {"action": "promote"}, headers=KEY),
        }

    def go(self, names: list[str], order: list[tuple[int, Command]]) -> None:
        works = self.works()
        workers = [Worker(works[name]) for name in names]
        for at, command in order:
            worker = workers[at % len(workers)]
            if worker.running:
                worker.step(command)
        for worker in workers:
            worker.finish()
        for name, worker in zip(names, workers, strict=True):
            if worker.killed or worker.error:
                works[name]()


def check(schedule: Schedule) -> None:
    names, order, is_trying, alarm = schedule
    world = World()
    with world.wired():
        if is_trying:
            world.press("SINGLE", "prepared")
            world.now = world.release.due_at or world.now
        world.cloudwatch.state = alarm
        Run(world).go(names, order)
        assert_every_decision_was_carried_out(world)
        for _ in range(8):
            world.wait(301)
    assert_every_decision_was_carried_out(world)
    assert_one_decision_of_each_command(world)
    assert_one_release_at_a_time(world)
    assert set(world.scheduler.made.values()) <= {1}


def assert_every_decision_was_carried_out(world: World) -> None:
    """In their order, each once."""
    assert world.function.shapes == world.decided_shapes


def assert_one_decision_of_each_command(world: World) -> None:
    asked = [each for each in world.history if each.source != "schedule"]
    assert len(asked) == len(world.commands)


def assert_one_release_at_a_time(world: World) -> None:
    """Each canary ends before another one begins, and all of them end."""
    counted = Counter(each.outcome for each in world.history)
    assert counted[Outcome.CANARY] <= counted[Outcome.PROMOTED] + counted[Outcome.ROLLED_BACK]
    assert not world.decided_shapes[1:] or world.release.phase is Phase.STEADY
    assert all(each.why is not Why.ALIAS_MOVED for each in world.history), "nobody else moved the alias"


TWO_BUTTONS: Schedule = (["promote", "promote again"], [(0, Command.RUN), (1, Command.RUN)] * 30, False, "OK")


@example(TWO_BUTTONS)
@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_decisions_are_made_one_after_the_other_and_each_is_carried_out_once(schedule: Schedule) -> None:
    check(schedule)


LONG_AGO: Schedule = (
    ["post", "step", "roll back"],
    [*[(0, Command.RUN)] * 2, *[(1, Command.RUN)] * 30, *[(2, Command.RUN)] * 30],
    True,
    "OK",
)
"""The first one has read the alias when the others move it, and back."""


def test_an_alias_that_was_read_two_decisions_ago_is_not_taken_for_moved() -> None:
    check(LONG_AGO)
    expect_to_find([(releasing.Controller, "_look", looked_once)], st.just(LONG_AGO), check)


def test_of_two_buttons_at_once_one_begins_a_release_and_the_other_is_told() -> None:
    world = World()
    with world.wired():
        Run(world).go(*TWO_BUTTONS[:2])
    assert sorted(world.outcomes) == ["canary: asked", "refused: under_way"]


def anything(*_: Any) -> dict[str, Any]:
    """No condition at all."""
    return {}


def unfenced(self: target.LambdaAliases, wanted: Any) -> Any:
    """Moves the alias, whatever it has become."""
    now = self.alias()
    return MOVE(self, Alias(wanted.version, wanted.routing, now.revision))


def without_settling(self: releasing.Controller) -> Any:
    """Decides, though the last decision has not been carried out."""
    return self._look()


def looked_once(self: releasing.Controller) -> releasing.Stand:
    """Takes what seems to be moved for moved."""
    alias = self.aliases.alias()
    return releasing.Stand(self.releases.current() or begun(alias), alias)


MOVE = target.LambdaAliases.move
FAULTS: dict[str, list[Patch]] = {
    "decided upon whatever state": [(releases, "_as_read", anything)],
    "a command that is heard anew each time": [
        (releases.DynamoReleases, "decided", lambda *_: None),
        (releases, "_NEW", {}),
    ],
    "moved whatever the alias has become": [(target.LambdaAliases, "move", unfenced)],
    "decided before the last decision was carried out": [(releasing.Controller, "settle", without_settling)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
