"""A restore check compares what a backup restores with its export, tells what it found, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from lambdas.backups.contract import RestoreFrom
from lambdas.backups.contract.records import CheckResult
from lambdas.backups.domain.digest import digest
from tests.backups.check_world import LEASE, MINUTE, SLOT, VAULT, CheckWorld, Context, checked, rows
from tests.backups.items import EVERY_TYPE, Item


@pytest.fixture(params=get_args(RestoreFrom))
def world(request: pytest.FixtureRequest) -> CheckWorld:
    return CheckWorld(request.param)


BINARY_KEYS: list[Item] = [{"id": {"B": bytes([0, 255, number])}} | EVERY_TYPE for number in range(8)]


@pytest.mark.parametrize("items", [rows(10), [], BINARY_KEYS], ids=len)
def test_a_backup_that_restores_as_it_was_is_equal(world: CheckWorld, items: list[Item]) -> None:
    world.back_up("orders", items)

    checked(world)

    [check] = world.done()
    assert (check.result, check.reason) == (CheckResult.EQUAL, "")
    assert check.scratch == check.export == digest(items)
    assert world.topic.messages == []


def test_the_live_table_moves_on_and_is_never_read(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.tables.live["orders"] = [{"id": {"S": "new"}}]

    checked(world)

    assert world.results() == {"orders": CheckResult.EQUAL}
    assert world.tables.live["orders"] == [{"id": {"S": "new"}}]


def test_the_scratch_table_costs_little_and_goes(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.minute(SLOT)

    [(name, table)] = world.tables.scratch.items()
    assert name.startswith("restore-check-20261122T0300Z-")
    assert table.options == {
        "BillingModeOverride": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexOverride": [],
        "LocalSecondaryIndexOverride": [],
    }

    world.run()
    assert world.tables.scratch == {}


def test_how_long_the_restore_took_is_recorded(world: CheckWorld) -> None:
    world.back_up("orders", rows(1))
    world.tables.looks = 5

    checked(world)

    [check] = world.done()
    assert check.restore_seconds == 5 * MINUTE.total_seconds()


def change_an_item(items: list[Item]) -> list[Item]:
    return [items[0] | {"n": {"N": "99"}}, *items[1:]]


def lose_an_item(items: list[Item]) -> list[Item]:
    return items[1:]


def double_an_item(items: list[Item]) -> list[Item]:
    return [*items, {"id": {"S": "0 once more"}}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_an_item, "both have 10 items, but not the same ones"),
        (lose_an_item, "the restored table has 9 items, and the export has 10"),
        (double_an_item, "the restored table has 11 items, and the export has 10"),
    ],
)
def test_any_difference_is_found_and_told(
    world: CheckWorld, change: Callable[[list[Item]], list[Item]], reason: str
) -> None:
    world.back_up("orders", rows(10))
    world.tables.spoil(change)

    checked(world)

    [check] = world.done()
    assert (check.result, check.reason) == (CheckResult.DIFFERENT, reason)
    [(subject, message)] = world.topic.messages
    assert subject == "Restore check 20261122T0300Z: orders differs from its export"
    assert reason in message
    assert world.alarms() == {("orders", CheckResult.DIFFERENT): 1}
    assert world.tables.scratch == {}


def test_a_damaged_export_is_a_difference_and_told_as_such(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    objects = world.s3.buckets[VAULT]
    data = min(key for key in objects if "/data/" in key)
    objects[data] = objects[data][:-1]

    checked(world)

    [check] = world.done()
    assert check.result is CheckResult.DIFFERENT
    assert f"{data} is damaged" in world.topic.messages[0][1]
    assert world.tables.scratch == {}


def test_a_missing_export_is_a_difference(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.s3.buckets[VAULT].clear()

    checked(world)

    assert world.results() == {"orders": CheckResult.DIFFERENT}
    assert "manifest-summary.json is missing" in world.topic.messages[0][1]


def test_a_table_that_is_not_seen_yet_is_not_restored_twice(world: CheckWorld) -> None:
    world.back_up("orders", rows(10))
    world.minute(SLOT)
    world.tables.stale = 3

    world.run()

    assert world.results() == {"orders": CheckResult.EQUAL}
    assert list(world.tables.restored.values()) == [1]
    assert world.now < SLOT + LEASE, "nobody waits for the end of a lease"


def test_a_long_check_goes_on_in_the_next_invocation(world: CheckWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three looks at the clock one finds too little time left."""
    looks = iter(range(10**6))
    world.back_up("orders", rows(20))
    monkeypatch.setattr(Context, "get_remaining_time_in_millis", lambda _: 61_000 if next(looks) % 3 else 59_000)

    checked(world)

    assert world.results() == {"orders": CheckResult.EQUAL}
    assert next(looks) > 12


def test_an_idle_minute_costs_two_reads(world: CheckWorld) -> None:
    checked(world)
    world.outside.calls.clear()

    world.minute()

    assert world.outside.calls == ["Query", "Query"]
