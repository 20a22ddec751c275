"""The schedules bite: each of these deliberate faults is found by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from lambdas.common import calls
from lambdas.common.failures import UnavailableError
from lambdas.common.tables.read_model import layout
from lambdas.table_etl import load
from lambdas.table_etl.adapters import lake, outlet, read_model
from lambdas.table_etl.adapters.read_model import DynamoReadModel
from lambdas.table_etl.contract import NEVER
from lambdas.table_etl.domain import changes, deliveries, transform
from lambdas.table_etl.domain.deliveries import Batch
from lambdas.table_etl.domain.read_model import Present, Transaction
from lambdas.table_etl.domain.transform import Loaded, Transformer
from lambdas.table_etl.workflow.loading import Loader
from tests.support.fake_aws import FakeDynamoDB
from tests.support.schedules import Patch, expect_to_find
from tests.table_etl import sources
from tests.table_etl.test_exactness import check, schedules

WRITE, PARSE, RUN, LOAD = DynamoReadModel._write, deliveries.parse, Transformer.run, Loader.load
TRANSACT, ITEM_OF = FakeDynamoDB.transact_write_items, read_model.item_of


def in_parts(totals_first: bool) -> Callable[..., Any]:  # noqa: FBT001
    """Rows and totals in transactions of their own."""

    def transact(self: FakeDynamoDB, *, TransactItems: Any) -> Any:  # noqa: N803
        rows = [each for each in TransactItems if "Put" in each]
        totals = [each for each in TransactItems if "Update" in each]
        for part in (totals, rows) if totals_first else (rows, totals):
            if part:
                TRANSACT(self, TransactItems=part)

    return transact


def conflict_is_done(self: DynamoReadModel, transaction: Transaction) -> list[Loaded]:
    """A failed condition is taken for success."""
    WRITE(self, transaction)
    return []


def contributions_forgotten(item: Any) -> Any:
    """What the row before has added stays in the totals."""
    return Present(item[layout.SOURCE_VERSION]["S"], ())


def deletions_without_a_trace(loaded: Loaded) -> Any:
    """A deleted row forgets its version."""
    item = ITEM_OF(loaded)
    return item if loaded.content else item | {layout.SOURCE_VERSION: {"S": "0#"}}


def any_version(rows: Sequence[Loaded], _: Any) -> list[Loaded]:
    """Whatever comes replaces what is there."""
    return list(rows)


def first_of_each(loaded: Sequence[Loaded]) -> list[Loaded]:
    """Of several versions in a batch the oldest."""
    return list({each.key: each for each in reversed(list(loaded))}.values())


def swallowed(event: Any, _: Any) -> dict[str, Any]:
    """A failing call is no reason to tell the event source."""
    batch = PARSE(event)
    with suppress(UnavailableError):
        load.runtime().loader.load(batch.changes, batch.day)
    return {"batchItemFailures": []}


def last_record(event: Any) -> Any:
    """The last record is named, not the first."""
    batch = PARSE(event)
    return Batch(batch.changes, event["Records"][-1]["dynamodb"]["SequenceNumber"], batch.created)


def once_only(self: calls.Patience, what: str, rest: Any, call: Callable[[Any], Any]) -> None:  # noqa: ARG001
    """What was left undone is forgotten."""
    with calls.aws_call(what):
        call(rest)


def without(what: str) -> Callable[..., Any]:
    """Rejected changes, or deletions, go nowhere."""

    def run(self: Transformer, changed: Any) -> Any:
        done = RUN(self, changed)
        if what == "deletions":
            done.loaded = [each for each in done.loaded if each.content]
        else:
            done.rejected = []
        return done

    return run


def stop_at_the_first_rejected(self: Loader, changed: Any, arrived: Any) -> Any:
    """One bad change stops the others."""
    good: list[Any] = []
    for change in changed:
        good.append(change)
        if RUN(self.transformer, [change]).rejected:
            break
    return LOAD(self, good, arrived)


def only_the_first_target(self: Loader, changed: Any, arrived: Any) -> Any:
    return LOAD(Loader(self.transformer, self.targets[:1], self.quarantine), changed, arrived)


def nothing_requested(_: Iterator[Any]) -> Iterator[Any]:
    yield from ()


def beyond_live(_: Any, __: str = "", row: int = 0) -> str:
    """History is newer than every change."""
    return f"2#{row}"


FAULTS: dict[str, list[Patch]] = {
    "rows written whatever is there": [
        (read_model, "newer", any_version),
        (read_model, "_unchanged", lambda _: {}),
    ],
    "rows written without a condition": [(read_model, "_unchanged", lambda _: {})],
    "older rows written under a condition": [(read_model, "newer", any_version)],
    "rows before totals": [(FakeDynamoDB, "transact_write_items", in_parts(totals_first=False))],
    "totals before rows": [(FakeDynamoDB, "transact_write_items", in_parts(totals_first=True))],
    "conflict taken for success": [(DynamoReadModel, "_write", conflict_is_done)],
    "old contributions forgotten": [(read_model, "_present", contributions_forgotten)],
    "deletions without a trace": [(read_model, "item_of", deletions_without_a_trace)],
    "deletions ignored": [(Transformer, "run", without("deletions"))],
    "first version of a batch": [(read_model, "latest", first_of_each), (lake, "latest", first_of_each)],
    "sequence numbers as they come": [
        (changes, "live_version", lambda number: f"1#{number}"),
        (sources, "live_version", lambda number: f"1#{number}"),
    ],
    "history newer than live": [(sources, "history_version", beyond_live)],
    "failures swallowed": [(load, "handler", swallowed)],
    "last record reported": [(load, "parse", last_record)],
    "unprocessed items forgotten": [(calls.Patience, "until_done", once_only)],
    "rejected changes dropped": [(Transformer, "run", without("rejected"))],
    "bad change stops the rest": [(Loader, "load", stop_at_the_first_rejected)],
    "one target only": [(Loader, "load", only_the_first_target)],
    "events not sent": [(outlet, "_requests", nothing_requested)],
    "never a version": [(transform, "key_text", lambda _: NEVER)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
