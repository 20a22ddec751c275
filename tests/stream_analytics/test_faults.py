"""The schedules bite: each of these deliberate faults in the function is found by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from lambdas.common import calls
from lambdas.common.tables.metrics import layout
from lambdas.stream_analytics.adapters import ledger, objects
from lambdas.stream_analytics.adapters.ledger import DynamoLedger
from lambdas.stream_analytics.contract import ENTRY, ORDER_ID, Position
from lambdas.stream_analytics.domain.records import Record
from lambdas.stream_analytics.ports import CheckpointMovedError, Commit
from lambdas.stream_analytics.workflow.counting import Counting
from lambdas.stream_analytics.workflow.handling import Workflow
from tests.stream_analytics.test_exactness import check, schedules
from tests.support.fake_aws import FakeDynamoDB
from tests.support.schedules import Patch, expect_to_find

COMMIT, WRITES = DynamoLedger.commit, DynamoLedger._writes
ITEM_KEY, ABSENT = layout.item_key, ledger._absent
KEEP, RUN, HANDLE = Workflow._keep, Counting.run, Workflow.handle
TRANSACT = FakeDynamoDB.transact_write_items


def without_condition(self: DynamoLedger, commit: Commit) -> Iterator[Any]:
    """The checkpoint moves, wherever it stands."""
    for write in WRITES(self, commit):
        if write["Put"]["Item"].get("position"):
            write["Put"].pop("ConditionExpression")
        yield write


def in_two_parts(counters_first: bool) -> Callable[..., Any]:  # noqa: FBT001
    """Checkpoint and counters in transactions of their own."""

    def transact(self: FakeDynamoDB, *, TransactItems: Any) -> Any:  # noqa: N803
        parts = [TransactItems[2:], TransactItems[:2]]
        for part in parts if counters_first else reversed(parts):
            if part:
                TRANSACT(self, TransactItems=part)

    return transact


def up_to_the_end_of_the_batch(self: DynamoLedger, commit: Commit) -> None:
    """The first transaction moves the checkpoint behind everything that its record holds."""
    COMMIT(self, replace(commit, last=replace_index(commit.last, 999_999)))


def replace_index(position: Position, index: int) -> Position:
    return Position(position.sequence_number, index)


def whole_records(self: DynamoLedger, commit: Commit) -> None:
    """The checkpoint forgets how far into a record it is."""
    COMMIT(self, replace(commit, last=replace_index(commit.last, 0)))


def keep_afterwards(self: Counting) -> None:
    """Archive, quarantine and index follow the counters."""
    RUN(self)
    KEEP(WORKFLOWS[-1], self.analysis)


WORKFLOWS: list[Workflow] = []


def remember(self: Workflow, _: Any) -> None:
    WORKFLOWS.append(self)


def swallowed(self: Workflow, batch: Any) -> Any:
    """A failing call is no reason to tell the event source."""
    return replace(HANDLE(self, batch), failed=None)


def last_record(self: Workflow, batch: Any) -> Any:
    """The last record is named, not the first that failed."""
    outcome = HANDLE(self, batch)
    return replace(outcome, failed=outcome.failed and batch.records[-1].sequence_number)


def once_only(self: calls.Patience, what: str, rest: Any, call: Callable[[Any], Any]) -> None:  # noqa: ARG001
    """What DynamoDB left unprocessed is forgotten."""
    with calls.aws_call(what):
        call(rest)


def moved_is_done(self: DynamoLedger, commit: Commit) -> None:
    """A failed condition is taken for success."""
    with suppress(CheckpointMovedError):
        COMMIT(self, commit)


def nothing(*_: Any, **__: Any) -> Any:
    return {}


def any_shard(metric: str, dimension: str, start: int, _: str) -> Any:
    """All shards write one item."""
    return ITEM_KEY(metric, dimension, start, "all")


def unconditional(without: str) -> Callable[[str], Any]:
    """One kind of item may be there already."""
    return lambda name: {} if name == without else ABSENT(name)


def none_rejected(self: DynamoLedger, commit: Commit) -> None:
    COMMIT(self, replace(commit, rejected=[]))


def by_position_alone(first: Any, _: bytes) -> str:
    return f"{first.shard_id}-{first.sequence_number}-{first.index}"


FAULTS: dict[str, list[Patch]] = {
    "no checkpoint": [
        (DynamoLedger, "checkpoint", lambda *_: None),
        (DynamoLedger, "_writes", without_condition),
    ],
    "checkpoint without condition": [(DynamoLedger, "_writes", without_condition)],
    "checkpoint after counters": [(FakeDynamoDB, "transact_write_items", in_two_parts(counters_first=True))],
    "checkpoint before counters": [(FakeDynamoDB, "transact_write_items", in_two_parts(counters_first=False))],
    "checkpoint by record": [(DynamoLedger, "commit", up_to_the_end_of_the_batch)],
    "checkpoint without index": [(DynamoLedger, "commit", whole_records)],
    "sequence numbers compared as they come": [(Record, "padded", property(lambda self: self.sequence_number))],
    "archive and quarantine after counters": [(Workflow, "_keep", remember), (Counting, "run", keep_afterwards)],
    "failures swallowed": [(Workflow, "handle", swallowed)],
    "last record reported": [(Workflow, "handle", last_record)],
    "unprocessed items forgotten": [(calls.Patience, "until_done", once_only)],
    "moved checkpoint taken for success": [(DynamoLedger, "commit", moved_is_done)],
    "counters overwritten": [
        (DynamoLedger, "tally", nothing),
        (ledger, "_absent", unconditional(layout.METRIC)),
    ],
    "one item for all shards": [(layout, "item_key", any_shard)],
    "redriven events not marked": [
        (DynamoLedger, "counted_again", lambda *_: ()),
        (ledger, "_absent", unconditional(ENTRY)),
    ],
    "orders stored unconditionally": [(ledger, "_absent", unconditional(ORDER_ID)), (DynamoLedger, "stored", nothing)],
    "rejections not remembered": [(DynamoLedger, "commit", none_rejected)],
    "objects named by position alone": [(objects, "_name", by_position_alone)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
