"""A check that is killed, or fails, at any one of its calls ends as if it had not been, and leaves no table behind."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from lambdas.backups.contract import RestoreFrom
from lambdas.backups.contract.records import CheckResult
from tests.backups.check_world import SLOT, VAULT, CheckWorld
from tests.backups.items import Item
from tests.support.fake_aws import Fault

FAULTS = [fault for fault in Fault if fault not in {Fault.NONE, Fault.PARTIAL}]
ITEMS: list[Item] = [{"id": {"S": str(number)}} for number in range(5)]
EXPECTED = {"equal": CheckResult.EQUAL, "damaged": CheckResult.DIFFERENT, "gone": CheckResult.FAILED}


def prepared(restore_from: RestoreFrom) -> CheckWorld:
    """Three tables, of which one has a damaged export, and one is gone with all that could be restored."""
    world = CheckWorld(restore_from)
    for table in EXPECTED:
        world.back_up(table, ITEMS)
    objects = world.s3.buckets[VAULT]
    damaged = min(key for key in objects if key.startswith("tables/damaged/") and "/data/" in key)
    objects[damaged] += b"\0"
    del world.tables.live["gone"]
    del world.tables.backups[next(arn for arn in world.tables.backups if "gone" in arn)]
    return world


def run(world: CheckWorld) -> None:
    world.minute(SLOT)
    world.run()


def state(world: CheckWorld) -> Any:
    """Everything that is left when all is done; times apart, since a kill takes time."""
    checks = [(check.slot, check.backup, check.scratch, check.export, check.result) for check in world.done()]
    return checks, world.tables.scratch, set(world.tables.restored.values())


@pytest.mark.parametrize("restore_from", get_args(RestoreFrom))
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_any_call_the_end_is_the_same(fault: Fault, restore_from: RestoreFrom) -> None:
    whole = prepared(restore_from)
    run(whole)
    assert whole.results() == EXPECTED
    for number in range(len(whole.outside.calls)):
        world = prepared(restore_from)
        made = iter(range(10**6))
        world.outside.decide = lambda _, made=made, number=number: fault if next(made) == number else Fault.NONE  # type: ignore[misc]
        run(world)
        assert world.open() == []
        assert state(world) == state(whole), f"after call {number}"
        assert set(world.alarms()) == set(EXPECTED.items()), f"after call {number}"
        assert len({subject for subject, _ in world.topic.messages}) == 2, f"after call {number}"


def test_a_check_makes_calls_of_every_kind() -> None:
    """Or else nothing would be shown of those that are missing."""
    world = prepared("on_demand_backup")
    run(world)
    made = {"GetItem", "Query", "TransactWriteItems", "DescribeTable", "RestoreTableFromBackup", "Scan", "GetObject"}
    assert set(world.outside.calls) == made | {"DeleteTable", "Publish"}
