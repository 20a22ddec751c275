"""Two invocations at a time, killed anywhere, in any order: each table is checked once, and no scratch table is left.

The real handler runs over fakes of AWS. Invocations overlap and are killed, leases end, calls are throttled or their
answers lost, looks at tables are stale, while the live tables are written to. An invocation that has lasted as long as
Lambda lets it is killed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.backups.contract import RestoreFrom
from lambdas.backups.contract.records import CheckResult
from lambdas.common.failures import UnavailableError
from tests.backups.check_world import MINUTE, SLOT, TIMEOUT, VAULT, CheckWorld
from tests.backups.items import Item
from tests.support.fake_aws import Fault
from tests.support.schedule import Command, Worker
from tests.support.schedules import SCHEDULES, under_schedules

EXPECTED = {"equal": CheckResult.EQUAL, "different": CheckResult.DIFFERENT}


@dataclass(frozen=True)
class Act:
    """What happens next."""

    who: int = 0
    command: Command = Command.RUN
    calls: int = 1
    fault: Fault = Fault.NONE
    """Of the call."""
    passes: timedelta = timedelta()
    """Before it."""
    stale: int = 0
    """Looks at tables that do not see what is there."""


acts = st.one_of(
    st.builds(Act, who=st.integers(0, 1), calls=st.sampled_from([1, 2, 3, 5, 8, 80])),
    st.builds(Act, who=st.integers(0, 1), command=st.sampled_from([Command.KILL_BEFORE, Command.KILL_AFTER])),
    st.builds(Act, who=st.integers(0, 1), fault=st.sampled_from([Fault.THROTTLED, Fault.NO_ANSWER])),
    st.builds(Act, who=st.integers(0, 1), passes=st.sampled_from([MINUTE, TIMEOUT, 2 * TIMEOUT])),
    st.builds(Act, who=st.integers(0, 1), stale=st.just(1)),
)
stories = st.tuples(st.sampled_from(get_args(RestoreFrom)), st.lists(acts, max_size=40))
Story = tuple[RestoreFrom, list[Act]]


class Lambda:
    """Runs invocations of the slot and of minutes, one behind the other, and ends those that last too long."""

    def __init__(self, world: CheckWorld, slot: datetime) -> None:
        self.world, self.slot = world, slot
        self.worker: Worker | None = None
        self.began = world.now

    def step(self, command: Command) -> None:
        """Another call, of a new invocation if need be."""
        if self.worker is None or not self.worker.running:
            self.worker, self.began = Worker(partial(self.world.invoke, self.slot)), self.world.now
        elif self.world.now - self.began >= TIMEOUT:
            command = Command.KILL_BEFORE
        if self.worker.running:
            self.worker.step(command)
        self.check()

    def kill(self) -> None:
        if self.worker and self.worker.running:
            self.worker.step(Command.KILL_BEFORE)

    def check(self) -> None:
        if self.worker and self.worker.error and not isinstance(self.worker.error, UnavailableError):
            raise self.worker.error


def prepared(restore_from: RestoreFrom) -> CheckWorld:
    """Two tables, of which one has a damaged export."""
    world = CheckWorld(restore_from)
    items: list[Item] = [{"id": {"S": str(number)}} for number in range(4)]
    for table in EXPECTED:
        world.back_up(table, items)
    objects = world.s3.buckets[VAULT]
    objects[min(key for key in objects if key.startswith("tables/different/") and "/data/" in key)] += b"\0"
    return world


def check(story: Story) -> None:
    """Plays a story, then lets minutes pass until all is done."""
    restore_from, script = story
    world = prepared(restore_from)
    lambdas = [Lambda(world, SLOT), Lambda(world, SLOT)]
    for number, act in enumerate(script):
        world.tables.live["equal"].append({"id": {"S": f"later {number}"}})
        world.now += act.passes
        world.tables.stale += act.stale
        for _ in range(act.calls):
            once = iter([act.fault])
            world.outside.decide = lambda _, once=once: next(once, Fault.NONE)  # type: ignore[misc]
            lambdas[act.who].step(act.command)
    world.outside.decide = lambda _: Fault.NONE
    for each in lambdas:
        each.kill()
    world.minute(SLOT)
    world.run()
    seen: Any = {"open": world.open(), "scratch": world.tables.scratch, "results": world.results()}
    assert seen == {"open": [], "scratch": {}, "results": EXPECTED}
    assert set(world.tables.restored.values()) == {1}
    assert set(world.alarms()) == set(EXPECTED.items())
    assert {subject.split()[3] for subject, _ in world.topic.messages} == {"different"}


@settings(under_schedules, max_examples=SCHEDULES)
@given(stories)
def test_each_table_is_checked_once_and_nothing_is_left(story: Story) -> None:
    check(story)


def test_an_invocation_that_is_late_to_restore_leaves_no_table() -> None:
    """It waits before the call as long as Lambda lets it, while others would have done the rest of the check."""
    whole = prepared("on_demand_backup")
    whole.minute(SLOT)
    world = prepared("on_demand_backup")
    late = Lambda(world, SLOT)
    for _ in range(whole.outside.calls.index("RestoreTableFromBackup")):
        late.step(Command.RUN)
    assert world.outside.calls[-1] == "DescribeTable"

    for _ in range(14):
        world.minute()
    assert late.worker
    late.worker.finish()
    world.run()

    assert world.tables.scratch == {}
    assert world.results() == EXPECTED
