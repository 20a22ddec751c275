"""A batch that is killed, or fails, at any one of its calls is loaded whole by the next delivery, and nothing twice."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from lambdas.common.side_by_side import Together
from tests.events import dynamodb as events
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.table_etl.sources import Table
from tests.table_etl.world import World, last_first, one_by_one

FAULTS = [fault for fault in Fault if fault is not Fault.NONE]


def batch() -> dict[str, Any]:
    """Orders of two customers: new, changed, deleted, and a bad one; in all targets, totals and quarantine."""
    table = Table()
    for number in range(1, 8):
        table.put("c-1", number, "placed", number)
    table.put("c-1", 2, "shipped", 9)
    table.delete("c-1", 3)
    table.put("c-2", 1, "wrong total", 1)
    table.put("c-2", 2, "cancelled", 5)
    return events.event(*(json.loads(record.text) for shard in table.shards.values() for record in shard.records))


def state(world: World) -> list[Any]:
    """Everything that a reader can see."""
    return [
        world.rows_of_the_read_model(),
        world.totals(),
        world.rows_of_the_lake(),
        world.rows_of_a_consumer(),
        world.quarantined(),
    ]


def calls_of(event: dict[str, Any]) -> int:
    world = World()
    world.invoke(event)
    return len(world.outside.calls)


@pytest.mark.parametrize("together", [one_by_one, last_first])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_any_call_the_next_delivery_ends_in_the_same_state(
    fault: Fault, together: Together
) -> None:
    event, whole = batch(), World()
    whole.invoke(event)
    for number in range(calls_of(event)):
        world = World(together=together)
        made = iter(range(10_000))
        world.outside.decide = lambda _, made=made, number=number: fault if next(made) == number else Fault.NONE  # type: ignore[misc]
        with suppress(Killed):
            world.invoke(event)
        world.outside.decide = lambda _: Fault.NONE
        assert world.totals() == world.summed(), f"after call {number}"
        assert world.invoke(event)["batchItemFailures"] == []
        assert state(world) == state(whole), f"after call {number}"


def test_a_batch_makes_calls_of_every_kind() -> None:
    """Or else nothing would be shown of those that are missing."""
    world = World()
    world.invoke(batch())
    kinds = {"BatchGetItem", "TransactWriteItems", "PutObject", "PutEvents"}
    assert set(world.outside.calls) == kinds
