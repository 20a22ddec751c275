"""A check that cannot be made says why, tells it once, and ends; what can be waited for is waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from lambdas.backups.contract import RestoreFrom
from lambdas.backups.contract.records import CheckResult
from lambdas.backups.workflow.leases import MOST_FAILURES
from tests.backups.check_world import SLOT, CheckWorld, checked, rows
from tests.support.fake_aws import Fault


@pytest.fixture(params=get_args(RestoreFrom))
def world(request: pytest.FixtureRequest) -> CheckWorld:
    return CheckWorld(request.param)


def test_a_backup_that_is_gone_is_a_failed_check() -> None:
    world = CheckWorld("on_demand_backup")
    world.back_up("orders", rows(10))
    world.tables.backups.clear()

    checked(world)

    assert world.results() == {"orders": CheckResult.FAILED}
    [(subject, message)] = world.topic.messages
    assert subject.endswith("orders could not be checked")
    assert "the on-demand backup was deleted" in message
    assert world.alarms() == {("orders", CheckResult.FAILED): 1}


@pytest.mark.parametrize(
    ("lose", "reason"),
    [
        (lambda world: world.tables.forget_points_in_time(), "point-in-time recovery of the table is off"),
        (lambda world: world.tables.live.clear(), "the table was deleted, and its points in time with it"),
    ],
)
def test_a_point_in_time_that_is_gone_is_a_failed_check(lose: Callable[[CheckWorld], None], reason: str) -> None:
    world = CheckWorld("point_in_time")
    world.back_up("orders", rows(10))
    lose(world)

    checked(world)

    [check] = world.done()
    assert check.result is CheckResult.FAILED
    assert reason in check.reason


def test_a_limit_that_is_reached_is_waited_for(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.outside.decide = lambda name: Fault.THROTTLED if name.startswith("Restore") else Fault.NONE
    world.minute(SLOT)
    world.minutes(60)
    [check] = world.open()
    assert "ThrottlingException" in check.problem

    world.outside.decide = lambda _: Fault.NONE
    world.run()

    assert world.results() == {"orders": CheckResult.EQUAL}


def test_a_restore_that_finds_no_place_waits_for_one_however_long_it_takes(world: CheckWorld) -> None:
    for table in ("orders", "people"):
        world.back_up(table, rows(10))
    world.tables.at_once = 0
    world.minute(SLOT)
    world.minutes(1000)
    world.tables.at_once = 1

    world.run()

    assert world.results() == {"orders": CheckResult.EQUAL, "people": CheckResult.EQUAL}


def test_a_restore_that_is_refused_again_and_again_is_given_up_and_told(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.outside.decide = lambda name: Fault.THROTTLED if name.startswith("Restore") else Fault.NONE

    checked(world)

    [check] = world.done()
    assert check.result is CheckResult.FAILED
    assert check.reason.startswith(f"given up after {MOST_FAILURES} attempts: restore restore-check-")
    assert "ThrottlingException" in check.reason
    assert len(world.topic.messages) == 1


def test_a_restore_that_never_ends_is_told_and_named(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.tables.looks = 10**6

    world.minute(SLOT)
    world.run(48 * 60 + 10)

    [check] = world.done()
    assert (check.result, check.left) == (CheckResult.FAILED, True)
    assert "is CREATING after 2 days" in check.reason
    assert f"The table {check.scratch_table} is left" in world.topic.messages[0][1]


def test_a_scratch_table_that_cannot_be_deleted_is_told_and_named(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.outside.decide = lambda name: Fault.THROTTLED if name == "DeleteTable" else Fault.NONE

    checked(world)

    [check] = world.done()
    assert (check.result, check.left) == (CheckResult.FAILED, True)
    assert f"The table {check.scratch_table} is left" in world.topic.messages[0][1]


def test_a_scratch_table_that_somebody_deletes_is_a_failed_check(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))

    def interfere(name: str) -> Fault:
        if name == "Scan":
            world.tables.scratch.clear()
        return Fault.NONE

    world.outside.decide = interfere
    checked(world)

    [check] = world.done()
    assert check.result is CheckResult.FAILED
    assert "was deleted before it was read" in check.reason


def test_a_report_that_cannot_be_published_does_not_keep_the_alarm(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.tables.spoil(lambda items: items[1:])
    world.outside.decide = lambda name: Fault.THROTTLED if name == "Publish" else Fault.NONE

    checked(world)

    assert world.results() == {"orders": CheckResult.DIFFERENT}
    assert world.alarms() == {("orders", CheckResult.DIFFERENT): 1}
