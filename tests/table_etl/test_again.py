"""What is loaded again, after something was put right, or because an invocation did not get to its end."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec

from lambdas.table_etl.contract import Form, Quarantined, ReasonCode, Redrive
from lambdas.table_etl.domain.steps import Steps
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.pipelines.orders import ORDERS, PIPELINE
from tests.events import dynamodb as events
from tests.table_etl.sources import Table
from tests.table_etl.world import LIMITS, World


def batch(table: Table) -> dict[str, Any]:
    return events.event(*(json.loads(record.text) for shard in table.shards.values() for record in shard.records))


def redriven(lines: list[Quarantined]) -> dict[str, Any]:
    event: dict[str, Any] = msgspec.to_builtins(Redrive(redrive=lines))
    return event


def test_orders_of_an_old_schema_version_are_loaded_once_the_pipeline_has_the_upgrade() -> None:
    table, world = Table(), World()
    table.put("c-1", 1, "version 1", 3)
    validate = replace(ORDERS.steps.validate, upgrades={2: ORDERS.steps.validate.upgrades[2]})
    orders = replace(ORDERS, steps=Steps(validate, ORDERS.steps.rest))
    complete = world.loader
    world.loader = replace(complete, transformer=Transformer(replace(PIPELINE, flows=(orders,)), LIMITS))
    world.invoke(batch(table))
    assert [line.reason for line in world.quarantined()] == [ReasonCode.UNKNOWN_SCHEMA_VERSION]
    assert world.rows_of_the_read_model() == {}

    world.loader = complete
    assert world.invoke(redriven(world.quarantined())) == {"quarantined": None}
    [(version, row)] = world.rows_of_the_read_model().values()
    assert (row["order_id"], row["currency"]) == ("o-1", "EUR")
    assert {version} == {state.version for states in table.states.values() for state in states}


def test_a_redriven_change_does_not_replace_what_came_after_it() -> None:
    table, world = Table(), World()
    table.put("c-1", 1, "too big", 3)
    world.invoke(batch(table))
    lines = world.quarantined()
    table.put("c-1", 1, "shipped", 2)
    world.invoke(batch(table))
    world.loader = replace(
        world.loader, transformer=Transformer(PIPELINE, msgspec.structs.replace(LIMITS, max_row_bytes=9_000))
    )
    assert world.invoke(redriven(lines)) == {"quarantined": None}
    assert [row["status"] for _, row in world.rows_of_the_read_model().values()] == ["shipped"]


def test_rows_of_a_file_that_are_loaded_already_are_read_and_not_written_again() -> None:
    table, world = Table(), World()
    for number in range(1, 6):
        table.put("c-1", number, "placed", number)
    table.export(Form.EXPORT)
    world.backfill(list(table.exports[0]))
    world.outside.calls.clear()
    world.backfill(list(table.exports[0]))
    assert "TransactWriteItems" not in world.outside.calls
    assert "BatchGetItem" in world.outside.calls
