"""Schedules that fire twice or not at all, two invocations at once, kills and faults: each slot ends in one backup.

Hypothesis chooses what happens in which order; then the schedule of every minute goes on until nothing is open.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.backups.contract import Retention, slot_id
from lambdas.backups.contract.records import RunState, WorkState
from lambdas.common.failures import UnavailableError
from tests.backups.checking_backups import assert_whole
from tests.backups.world import DAILY, DAY, MINUTE, START, TAGGED_ARNS, World
from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Command, Worker, scheduled
from tests.support.schedules import SCHEDULES, under_schedules

POLICY = msgspec.structs.replace(DAILY, retention=Retention(daily=2, weekly=0, monthly=0))
DAYS = 3
LANES = 2
TIMEOUT = timedelta(minutes=5)
"""Of the function; its lease is longer."""


class Stepped(Outside):
    """Every call waits for the schedule, which may know what it is."""

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        threading.current_thread().waits_with = name  # type: ignore[attr-defined]
        return scheduled(lambda: super(Stepped, self).call(name, effect))


class Invocation(Worker):
    """One that tells with which call it waits."""

    def waits_with(self) -> str:
        return str(vars(self._thread)["waits_with"])


@dataclass(frozen=True)
class Fire:
    """The schedule of the policy fires, or that of every minute."""

    lane: int
    policy: bool


@dataclass(frozen=True)
class Go:
    """An invocation makes some calls."""

    lane: int
    calls: int
    then: Command


@dataclass(frozen=True)
class GoUntil:
    """An invocation goes on until it is about to make this call."""

    lane: int
    call: str


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    minutes: int


@dataclass(frozen=True)
class Write:
    """An object is written, or deleted."""

    key: str
    content: str | None


@dataclass(frozen=True)
class FailExports:
    """Exports that begin from now on fail, or no longer."""

    fail: bool


Step = Fire | Go | GoUntil | Wait | Write | FailExports


@dataclass(frozen=True)
class Schedule:
    """What happens on each of some days, and what becomes of calls."""

    days: Sequence[Sequence[Step]]
    faults: Mapping[tuple[str, int], Fault]
    """Of the first call of this name, the second one, and so on."""


EFFECTS = [
    "CreateBackup",
    "CreateSnapshot",
    "ExportTableToPointInTime",
    "CopyObject",
    "PutObject",
    "DeleteObjects",
    "DeleteBackup",
    "DeleteSnapshot",
    "Publish",
    "TransactWriteItems",
]
lanes = st.integers(0, LANES - 1)
steps = st.one_of(
    st.builds(Fire, lanes, st.booleans()),
    st.builds(Go, lanes, st.integers(1, 60), st.sampled_from([*[Command.RUN] * 4, *Command])),
    st.builds(GoUntil, lanes, st.sampled_from(EFFECTS)),
    st.builds(Wait, st.integers(1, 7)),
    st.builds(Write, st.sampled_from("abcd"), st.sampled_from([None, "new", "newer"])),
    st.builds(FailExports, st.booleans()),
)
schedules = st.builds(
    Schedule,
    st.lists(st.lists(steps, min_size=2, max_size=14), min_size=DAYS, max_size=DAYS),
    st.dictionaries(st.tuples(st.sampled_from(EFFECTS), st.integers(0, 5)), st.sampled_from(Fault), max_size=6),
)


@dataclass
class Run:
    """A world in which a schedule happens."""

    schedule: Schedule
    world: World = field(default_factory=lambda: World(outside=Stepped(), policies=(POLICY,)))
    workers: dict[int, tuple[Invocation, datetime]] = field(default_factory=dict)
    all_workers: list[Invocation] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)
    """Calls by name."""

    def run(self) -> World:
        """All of it, then until nothing is open."""
        self.world.outside.decide = self._decide
        for day, happening in enumerate(self.schedule.days):
            slot = START + day * DAY
            self.world.now = max(self.world.now, slot)
            for step in happening:
                self._happen(step, slot)
            self._wait(TIMEOUT)
            self.world.until_quiet(slot)
            self.world.dynamodb.export_failure = ""
        return self.world

    def _decide(self, name: str) -> Fault:
        self.made[name] += 1
        return self.schedule.faults.get((name, self.made[name] - 1), Fault.NONE)

    def _happen(self, step: Step, slot: datetime) -> None:
        match step:
            case Fire(lane=lane, policy=policy):
                self._fire(lane, slot if policy else None)
            case Go(lane=lane, calls=calls, then=then):
                for number in range(calls, 0, -1):
                    if worker := self._worker(lane):
                        worker.step(then if number == 1 else Command.RUN)
            case GoUntil(lane=lane, call=call):
                while (worker := self._worker(lane)) and worker.waits_with() != call:
                    worker.step()
            case Wait(minutes=minutes):
                self._wait(minutes * MINUTE)
            case Write(key=key, content=content):
                self.world.write(key, content.encode() if content else None)
            case FailExports(fail=fail):
                self.world.dynamodb.export_failure = "no room" if fail else ""

    def _fire(self, lane: int, slot: datetime | None) -> None:
        """Unless the invocation before is at work."""
        if not self._worker(lane):
            self.all_workers.append(Invocation(lambda: self.world.invoke(slot)))
            self.workers[lane] = self.all_workers[-1], self.world.now

    def _worker(self, lane: int) -> Invocation | None:
        worker, _ = self.workers.get(lane, (None, None))
        return worker if worker and worker.running else None

    def _wait(self, time: timedelta) -> None:
        """Lambda ends an invocation whose time is over."""
        self.world.now += time
        for lane, (_, started) in self.workers.items():
            while self.world.now - started >= TIMEOUT and (worker := self._worker(lane)):
                worker.step(Command.KILL_BEFORE)


def assert_one_run_of_each_slot(world: World) -> None:
    """With work on each resource; what failed is told."""
    slots = {slot_id(START + day * DAY) for day in range(DAYS)}
    runs = {slot: run for slot, run in world.runs().items() if slot in slots}
    assert set(runs) == slots
    assert {run.state for run in runs.values()} == {RunState.DONE}
    worked = {(work.slot, work.resource) for work in world.work()}
    assert worked == {(slot, resource) for slot in slots for resource in TAGGED_ARNS}
    assert all(work.reason for work in world.work() if work.state is WorkState.FAILED)


def assert_the_last_good_ones_are_kept(world: World) -> None:
    """As many as the policy says, and no others."""
    good, kept = defaultdict(set), defaultdict(set)
    for work in world.work():
        if work.state is WorkState.GOOD:
            good[work.resource].add(work.slot)
    for each in world.kept():
        kept[each.backup.resource].add(each.backup.slot)
    assert kept == {resource: set(sorted(slots)[-POLICY.retention.daily :]) for resource, slots in good.items()}


def assert_exports_are_made_once(world: World) -> None:
    names = [(made.table, made.key.rpartition("/AWSDynamoDB/")[0]) for made in world.dynamodb.exports.values()]
    assert len(set(names)) == len(names)


def check(schedule: Schedule) -> None:
    """Runs a schedule, and looks at what came of it."""
    found = Run(schedule)
    world = found.run()
    assert {type(worker.error) for worker in found.all_workers} <= {type(None), UnavailableError}
    assert_whole(world)
    assert_one_run_of_each_slot(world)
    assert_the_last_good_ones_are_kept(world)
    assert_exports_are_made_once(world)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_each_slot_ends_in_one_backup_of_each_resource(schedule: Schedule) -> None:
    check(schedule)
