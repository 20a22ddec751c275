"""History and live changes of the same items come to the same targets, whatever comes when."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.events import dynamodb as events
from tests.support.schedules import under_schedules
from tests.table_etl.sources import CUSTOMERS, STATES, Table
from tests.table_etl.test_exactness import forms
from tests.table_etl.world import World

Deliveries = list[Any]
"""Events of the stream, in order within a shard, and files."""


@st.composite
def histories(draw: st.DrawFn) -> Table:
    """A table that changes, and is exported between any two changes, with the stream on from the beginning."""
    table = Table()
    for _ in range(draw(st.integers(1, 12))):
        customer, number = draw(st.sampled_from(CUSTOMERS)), draw(st.integers(1, 2))
        if draw(st.integers(0, 3)):
            table.put(customer, number, draw(st.sampled_from(STATES)), draw(st.integers(1, 3)))
        else:
            table.delete(customer, number)
        if draw(st.booleans()):
            table.export(draw(forms))
        table.clock.advance(1.0)
    return table


def live(table: Table) -> Deliveries:
    """Each change in an event of its own."""
    return [events.event(json.loads(record.text)) for shard in table.shards.values() for record in shard.records]


def targets(deliveries: Deliveries) -> list[Any]:
    """What is in all targets when everything has come."""
    world = World()
    for each in deliveries:
        if isinstance(each, dict):
            assert world.invoke(each)["batchItemFailures"] == []
        else:
            world.backfill(list(each))
    return [
        world.rows_of_the_read_model(),
        world.totals(),
        world.rows_of_the_lake(),
        world.rows_of_a_consumer(),
    ]


@under_schedules
@given(histories(), st.randoms(use_true_random=False))
def test_a_backfill_while_the_stream_is_on_changes_nothing_in_whatever_order_it_comes(
    table: Table, random: Random
) -> None:
    """Of the stream's events, too, the order does not matter in the end: late ones are older versions."""
    alone = targets(live(table))
    interleaved = [*live(table), *table.exports, *table.exports]
    random.shuffle(interleaved)
    files_first = [*table.exports, *live(table)]
    files_last = [*live(table), *table.exports]
    for deliveries in (files_first, files_last, interleaved):
        assert targets(deliveries) == alone
