"""Every target is the fold of the source's changes, whatever fails, and what cannot be loaded is kept with its payload.

The real handler runs over fakes of AWS under the model of Lambda's event source mapping: batches are cut and cut again,
calls are killed before and after they take effect, throttled, done in part; other shards, the same batch, old batches
and files of historical data come in between.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.table_etl.contract import Form, StreamPosition
from lambdas.table_etl.pipelines.orders import PIPELINE
from tests.support.event_source import EventSource, Mapping, Script
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.support.schedules import SCHEDULES, scripts, under_schedules
from tests.table_etl.sources import CUSTOMERS, STATES, Table, shown
from tests.table_etl.world import Versions, World

FILTERS = tuple(json.dumps(pattern) for pattern in PIPELINE.source.patterns)


forms = st.sampled_from([Form.EXPORT, Form.JSON, Form.CSV])


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A few orders that are written, changed, deleted, spoilt and exported, in two customers' shards."""
    table = Table()
    for _ in range(draw(st.integers(1, 16))):
        customer, number = draw(st.sampled_from(CUSTOMERS)), draw(st.integers(1, 2))
        match draw(st.sampled_from(["put"] * 6 + ["delete", "delete", "export"])):
            case "put":
                table.put(customer, number, draw(st.sampled_from(STATES)), draw(st.integers(1, 3)))
            case "delete":
                table.delete(customer, number)
            case _:
                table.export(draw(forms))
        table.clock.advance(draw(st.sampled_from([0.0, 1.0, 45.0])))
    return table


mappings = st.builds(
    Mapping,
    batch_size=st.integers(1, 10),
    maximum_retry_attempts=st.sampled_from([0, 1, 3, 50]),
    maximum_record_age_in_seconds=st.sampled_from([None, None, 60]),
    bisect_batch_on_function_error=st.booleans(),
    filters=st.sampled_from([(), FILTERS]),
)
OTHER_SHARD, SAME_BATCH, OLD_BATCH, FILE = "other shard", "same batch", "old batch", "file"
"""Something else runs in between: another invocation, of the other shard, of this batch, or of one from long ago; or a
file is loaded."""
plans = st.lists(
    st.sampled_from(
        [Fault.NONE] * 6
        + [fault for fault in Fault if fault is not Fault.NONE]
        + [OTHER_SHARD, OTHER_SHARD, SAME_BATCH, OLD_BATCH, FILE, FILE]
    ),
    min_size=10,
    max_size=60,
)


@dataclass(frozen=True)
class Schedule:
    """Everything that chance decides."""

    table: Table
    mapping: Mapping
    plan: list[Any]
    timing: tuple[Script, Script]
    files: list[int]
    """Which export is loaded each time that one is."""


schedules = st.builds(
    Schedule,
    tables(),
    mappings,
    plans,
    st.tuples(scripts, scripts),
    st.lists(st.integers(0, 5), min_size=12, max_size=12),
)


class Run:
    """Two event sources and a backfill over one world; what the plan says happens at each call."""

    def __init__(self, world: World, schedule: Schedule) -> None:
        self.world = world
        self.table = schedule.table
        self.plan, self.files = iter(schedule.plan), iter(schedule.files)
        self.inside = False
        self.events: list[dict[str, Any]] = []
        self.versions: dict[str, str] = defaultdict(str)
        self.sources = [
            EventSource(shard, schedule.mapping, self.invoke, script)
            for shard, script in zip(schedule.table.shards.values(), schedule.timing, strict=True)
        ]
        world.outside.decide = self.decide

    def invoke(self, event: dict[str, Any]) -> object:
        self.events.append(event)
        try:
            return self.world.invoke(event)
        finally:
            self.look()

    def look(self) -> None:
        """What holds at any time: totals are what rows add up to, and no row goes back to an older version."""
        assert self.world.totals() == self.world.summed()
        for key, (version, _) in self.world.rows_of_the_read_model().items():
            assert version >= self.versions[key], f"{key} went back"
            self.versions[key] = version

    def decide(self, _: str) -> Fault:
        """The next fault; or first, something else runs from beginning to end."""
        if self.inside:
            return Fault.NONE
        what = next(self.plan, Fault.NONE)
        if isinstance(what, Fault):
            return what
        self.inside = True
        self.in_between(what)
        self.inside = False
        return Fault.NONE

    def in_between(self, what: str) -> None:
        if what == OTHER_SHARD and self.events:
            shard = self.events[-1]["Records"][0]["dynamodb"]["Keys"]["pk"]["S"].removeprefix("customer#")
            self.sources[shard == CUSTOMERS[0]].step()
        elif what == SAME_BATCH and self.events:
            self.world.invoke(self.events[-1])
        elif what == OLD_BATCH and self.events:
            self.world.invoke(self.events[0])
        elif what == FILE:
            self.backfill(next(self.files, 0))

    def backfill(self, number: int) -> None:
        """Loads one of the exports; a killed or failed one is loaded again later."""
        if self.table.exports:
            try:
                self.world.backfill(list(self.table.exports[number % len(self.table.exports)]))
            except (Killed, UnavailableError):
                self.look()

    def drain(self) -> dict[str, bytes]:
        """Runs both shards to their ends, with a file whenever there is one to be loaded; what was discarded."""
        for number in self.files:
            self.backfill(number)
            for source in self.sources:
                source.step()
        while sum(source.step() for source in self.sources):
            pass
        self.world.outside.decide = lambda _: Fault.NONE
        unexpected = [error for source in self.sources for error in source.errors if isinstance(error, Exception)]
        assert not unexpected, unexpected
        for number in range(len(self.table.exports)):
            self.backfill(number)
        return self.sources[0].discarded | {f"1/{key}": body for key, body in self.sources[1].discarded.items()}


def redrive(world: World, discarded: dict[str, bytes]) -> None:
    """As ``tools redrive`` does with the failure bucket."""
    for body in discarded.values():
        answer = world.invoke(json.loads(json.loads(body)["payload"]))
        assert answer["batchItemFailures"] == []


def assert_targets_are_the_fold(world: World, table: Table) -> None:
    """Read model, lake and a consumer of events show of each item its last good state; totals add up.

    What is not shown may have a later version at the source: filters pass over changes from hidden to hidden.
    """
    wanted = {key: (state.version, row) for key, state in table.fold() if (row := shown(state.item))}
    read_model, lake, consumer = world.rows_of_the_read_model(), world.rows_of_the_lake(), world.rows_of_a_consumer()
    assert {key: each for key, each in read_model.items() if each[1]} == wanted
    assert world.totals() == by_hand(table)
    assert lake == consumer
    assert _versions(lake) == _versions(read_model)


def _versions(rows: Versions) -> dict[str, tuple[str, bool]]:
    """Of each row, and whether it is there; JSON has other types than DynamoDB."""
    return {key: (version, row is not None) for key, (version, row) in rows.items()}


def by_hand(table: Table) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Totals of the shown orders, added up from the items themselves."""
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for _, state in table.fold():
        row = shown(state.item)
        if row and row["status"] != "cancelled":
            total = sums[f"customer#{row['customer_id']}#totals", f"{row['placed_at'][:10]}#EUR"]
            total["orders"] += 1
            total["revenue"] += row["total"]
    return {key: dict(each) for key, each in sums.items()}


def assert_what_is_bad_is_in_quarantine(world: World, table: Table) -> None:
    """Each with its payload, and nothing else."""
    lines = world.quarantined()
    assert {line.version for line in lines} == table.bad
    records = {
        record.sequence_number: json.loads(record.text) for each in table.shards.values() for record in each.records
    }
    rows = {row.version: row for rows in table.exports for row in rows}
    for line in lines:
        if isinstance(line.position, StreamPosition):
            assert json.loads(line.payload) == records[line.position.sequence_number]
        else:
            assert (line.payload, line.position) == (rows[line.version].payload, rows[line.version].position)


def check(schedule: Schedule) -> None:
    """Runs a schedule, redrives what was given up, and looks at what is left behind."""
    world = World()
    discarded = Run(world, schedule).drain()
    redrive(world, discarded)
    assert_targets_are_the_fold(world, schedule.table)
    assert_what_is_bad_is_in_quarantine(world, schedule.table)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_every_target_is_the_fold_of_the_changes(schedule: Schedule) -> None:
    check(schedule)
