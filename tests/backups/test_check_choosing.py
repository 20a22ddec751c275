"""Which backups are checked, when, and that none of them is deleted meanwhile."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.backups.contract import (
    CHECK_RUNS,
    SCHEDULED_TIME,
    Cadence,
    Policy,
    Retention,
    backups_partition,
    resource_name,
)
from lambdas.backups.contract.records import Backup, CheckResult, CheckRun, Kept, Kind, Work
from lambdas.backups.domain.slots import BadSlotError
from lambdas.backups.ports import Put
from lambdas.backups.workflow.retaining import Retainer
from tests.backups.check_world import MINUTE, SLOT, CheckWorld
from tests.backups.items import Item
from tests.support.schedule import Worker
from tests.support.schedules import SCHEDULES, under_schedules

ITEMS: list[Item] = [{"id": {"S": "1"}}]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def world() -> CheckWorld:
    return CheckWorld()


def chosen(world: CheckWorld) -> list[str]:
    """Tables of checks that are open or done."""
    return sorted(resource_name(check.backup.resource) for check in world.open() + world.done())


def test_each_table_is_checked_once_in_a_slot_however_often_it_fires(world: CheckWorld) -> None:
    world.back_up("orders", ITEMS)
    world.back_up("stock", ITEMS)

    for _ in range(3):
        world.minute(SLOT)
    world.run()
    world.minute(SLOT)

    assert chosen(world) == ["orders", "stock"]
    assert set(world.tables.restored.values()) == {1}


def test_choosing_that_goes_on_late_does_not_choose_what_has_been_checked(world: CheckWorld) -> None:
    world.back_up("orders", ITEMS)
    world.minute(SLOT)
    world.run()
    run = world.status.last(CHECK_RUNS, CheckRun)
    assert run
    world.status.write(Put(run.place, msgspec.structs.replace(run.record, complete=False), run.revision))

    world.run()

    assert chosen(world) == ["orders"]
    assert set(world.tables.restored.values()) == {1}


def test_the_next_slot_checks_again(world: CheckWorld) -> None:
    world.back_up("orders", ITEMS)
    world.minute(SLOT)
    world.run()
    world.now = SLOT + WEEK

    world.minute(SLOT + WEEK)
    world.run()

    assert [check.slot for check in world.done()] == ["20261122T0300Z", "20261129T0300Z"]


def test_the_newest_backup_is_checked(world: CheckWorld) -> None:
    world.back_up("orders", ITEMS, ago=2 * DAY)
    newest = world.back_up("orders", ITEMS, ago=HOUR)

    world.minute(SLOT)

    [check] = world.open()
    assert check.backup == newest


def test_a_table_that_has_lost_its_tag_is_not_checked(world: CheckWorld) -> None:
    world.back_up("left", ITEMS, ago=2 * DAY)
    world.back_up("orders", ITEMS, ago=DAY)

    world.minute(SLOT)

    assert chosen(world) == ["orders"]


def test_tables_of_a_policy_that_was_taken_away_long_ago_are_not_checked(world: CheckWorld) -> None:
    """Later such a check would fail, and raise an alarm, each week."""
    world.back_up("orders", ITEMS, ago=40 * DAY)
    world.minute(SLOT)
    world.run()
    assert chosen(world) == []


@pytest.mark.parametrize("kind", [Kind.BUCKET, Kind.VOLUME])
def test_only_tables_are_checked(world: CheckWorld, kind: Kind) -> None:
    backup = world.back_up("orders", ITEMS)
    world.record(msgspec.structs.replace(backup, kind=kind))

    world.minute(SLOT)

    assert chosen(world) == []


def test_a_backup_that_is_being_deleted_is_not_checked(world: CheckWorld) -> None:
    backup = world.back_up("orders", ITEMS)
    kept = world.status.last(backups_partition(backup.resource), Kept)
    assert kept
    world.status.write(Put(kept.place, Kept(backup=backup, deleting=True), kept.revision))

    world.minute(SLOT)

    assert chosen(world) == []


@pytest.mark.parametrize(("late", "tables"), [(4 * MINUTE, []), (5 * MINUTE, ["orders"]), (6 * DAY, ["orders"])])
def test_a_slot_whose_schedule_does_not_fire_is_caught_up(
    world: CheckWorld, late: timedelta, tables: list[str]
) -> None:
    world.back_up("orders", ITEMS)
    world.minute(SLOT - WEEK)
    world.run()
    world.now = SLOT
    world.record(world.back_up("orders", ITEMS))
    world.now = SLOT + late

    world.minute()

    assert [resource_name(check.backup.resource) for check in world.open()] == tables
    assert {check.slot for check in world.open()} <= {"20261122T0300Z"}


def test_a_schedule_that_does_not_know_its_time_means_the_slot_that_is_due(world: CheckWorld) -> None:
    world.back_up("orders", ITEMS)
    world.now = SLOT + 2 * MINUTE

    world.invoke(SCHEDULED_TIME)

    assert [check.slot for check in world.open()] == ["20261122T0300Z"]


@pytest.mark.parametrize("slot", ["soon", "2026-11-22T03:00:00", "2027-11-22T03:00:00Z"])
def test_an_event_without_a_time_that_makes_sense_is_refused(world: CheckWorld, slot: str) -> None:
    with pytest.raises(BadSlotError, match=slot):
        world.invoke(slot)


# --- retention ------------------------------------------------------------------------------------------------------


class Remover:
    """A route that deletes backups, and looks whether a check uses them."""

    def __init__(self, world: CheckWorld) -> None:
        self.world = world
        self.removed: list[str] = []

    def step(self, work: Work, more: object) -> Work:
        raise NotImplementedError

    def remove(self, run: str, resource: str) -> bool:
        self.removed.append(run)
        used = [f"{check.backup.policy}-{check.backup.slot}" for check in self.world.open()]
        assert run not in used, f"{run} of {resource} is deleted while it is checked"
        return True


def retention(world: CheckWorld, backup: Backup) -> tuple[Retainer, Work]:
    """Of a policy that keeps nothing but the last backup."""
    keep_one = Retention(daily=0, weekly=0, monthly=0)
    policy = Policy(name="daily", cadence=Cadence(every="day"), retention=keep_one, max_age_hours=26)
    work = Work(policy="daily", slot="20261123T0300Z", kind=Kind.TABLE, resource=backup.resource)
    return Retainer(world.status, {Kind.TABLE: Remover(world)}, {"daily": policy}, lambda: world.now), work


@settings(under_schedules, max_examples=SCHEDULES)
@given(st.lists(st.integers(0, 1), max_size=40))
def test_retention_and_a_check_that_begins_never_get_hold_of_the_same_backup(turns: list[int]) -> None:
    """The check takes the newest backup that it knows of; a newer one comes while it does, and retention with it."""
    world = CheckWorld()
    old = world.back_up("orders", ITEMS, ago=DAY)
    newer = msgspec.structs.replace(old, slot="20261122T0259Z")
    retainer, work = retention(world, newer)

    def retain() -> None:
        world.record(newer)
        retainer.step(work, lambda: True)

    workers = [Worker(lambda: world.invoke(SLOT)), Worker(retain)]
    for who in turns:
        if workers[who].running:
            workers[who].step()
    for worker in workers:
        worker.finish()
        assert worker.error is None
    world.run()
    assert len(world.results()) == 1


def test_a_backup_is_kept_as_long_as_it_is_checked(world: CheckWorld) -> None:
    old = world.back_up("orders", ITEMS, ago=DAY)
    world.minute(SLOT)
    world.record(msgspec.structs.replace(old, slot="20261122T0259Z"))
    retainer, work = retention(world, old)

    assert retainer.step(work, lambda: True) == 0
    world.run()
    assert world.results() == {"orders": CheckResult.EQUAL}
    assert retainer.step(work, lambda: True) == 1
