"""What no target could hold is rejected alone; what is let through fits, whatever it looks like."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from lambdas.common.calls import Patience
from lambdas.common.tables.read_model import layout
from lambdas.table_etl.adapters.outlet import EventBridgeOutlet
from lambdas.table_etl.adapters.read_model import DynamoReadModel
from lambdas.table_etl.contract import Limits, ReasonCode
from lambdas.table_etl.domain.marshalling import marshal
from lambdas.table_etl.domain.pipeline import MOST_TOTALS, Flow, Pipeline, Total
from lambdas.table_etl.domain.steps import validate
from lambdas.table_etl.domain.transform import Loaded
from tests.support.fake_aws import FakeDynamoDB, FakeEvents, Outside
from tests.table_etl.builders import json_row, order, rejected, returned, run
from tests.table_etl.world import last_first

DAY = date(2026, 11, 25)


class Thing(msgspec.Struct):
    id: str
    schema_version: int
    tree: list[list[list[int]]] = []
    amount: Decimal = Decimal(1)


class Row(msgspec.Struct):
    id: str
    tree: list[list[list[int]]]
    amount: Decimal


def things(*totals: Total[Row]) -> Pipeline:
    steps = validate(Thing, version=1).map(lambda thing: Row(thing.id, thing.tree, thing.amount))
    return Pipeline(keys=("id",), flows=(Flow(name="things", steps=steps, row=Row, totals=totals),))


def thing(name: str, elements: int = 0) -> Any:
    """An item of about six bytes of JSON for each element, which has eleven in DynamoDB."""
    return json_row({"id": name, "schema_version": 1, "tree": [[[1]]] * elements})


def long_total(number: int, *, shared: bool = False) -> Total[Row]:
    return Total(
        partition=lambda row: f"{number}{'' if shared else row.id}".ljust(2048, "x"),
        sort=lambda _: "s" * 1024,
        amounts={"n": lambda row: row.amount},
    )


def load(*loaded: Loaded) -> Any:
    """Into a read model that refuses what DynamoDB refuses."""
    dynamodb: Any = FakeDynamoDB(Outside(), {"read-model": (layout.PARTITION, layout.SORT)})
    DynamoReadModel(dynamodb, "read-model", Patience(lambda _: None), last_first).load(loaded, DAY)
    return dynamodb


# --- sizes ----------------------------------------------------------------------------------------------------------

MANY = Limits().max_row_bytes // 6 - 50
"""Elements of the largest row."""


def test_the_largest_row_fits_into_an_item_though_dynamodb_counts_twice_as_much() -> None:
    done = run(thing("a", MANY), pipeline=things())
    assert len(load(*done.loaded).items("read-model")) == 1


def test_a_row_that_no_item_could_hold_with_its_totals_is_rejected_alone() -> None:
    totals = map(long_total, range(MOST_TOTALS))
    done = run(thing("a", MANY), thing("b", 1), pipeline=things(*totals))
    assert [each.reason for each in done.rejected] == [ReasonCode.TOO_BIG]
    assert "leave fields out" in done.rejected[0].message
    load(*done.loaded)
    assert [each.key for each in done.loaded] == ['["b"]']


def test_rows_that_are_larger_in_dynamodb_than_as_json_share_no_transaction_that_is_too_large() -> None:
    done = run(*(thing(f"{at}", MANY) for at in range(15)), pipeline=things())
    assert len(load(*done.loaded).items("read-model")) == 15


def test_rows_with_long_totals_share_no_transaction_that_is_too_large() -> None:
    """What a row adds to totals stands in its item, so sixty rows of the same totals hold them sixty times."""
    totals = [long_total(at, shared=True) for at in range(MOST_TOTALS)]
    done = run(*(thing(f"{at}") for at in range(60)), pipeline=things(*totals))
    assert len(load(*done.loaded).items("read-model")) == 60 + MOST_TOTALS


# --- keys -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "item",
    [
        order(pk="customer#" + "x" * 300_000, status="draft"),
        order(pk="customer#" + "x" * 300_000, test=True),
        order(pk="customer#" + "é" * 1020),
        returned(sk="return#2026-11-26T09:30:00.000Z#" + "x" * 1000, test=True),
    ],
)
def test_a_key_that_no_table_could_hold_is_rejected_even_of_what_is_filtered_out(item: dict[str, Any]) -> None:
    line = rejected(json_row(item))
    assert line.reason is ReasonCode.BAD_KEY
    assert len(line.message) < 1000


def test_the_longest_keys_are_taken() -> None:
    sort = "return#2026-11-26T09:30:00.000Z#"
    longest = [returned(pk="customer#" + "é" * 1019, sk=sort + "x" * (1024 - len(sort)), test=True)]
    assert len(run(*map(json_row, longest)).loaded) == 1


def test_the_largest_row_of_the_longest_key_fits_into_an_event() -> None:
    """A control character takes seven bytes where JSON stands in JSON."""

    class Keyed(msgspec.Struct):
        pk: str
        sk: str
        schema_version: int

    class Note(msgspec.Struct):
        note: str

    room = Limits().max_row_bytes - len(json.dumps({"note": ""}, separators=(",", ":")))
    steps = validate(Keyed, version=1).map(lambda _: Note("x" * room))
    pipeline = Pipeline(keys=("pk", "sk"), flows=(Flow(name="notes", steps=steps, row=Note),))
    done = run(json_row({"pk": "\x01" * 2048, "sk": "\x01" * 1024, "schema_version": 1}), pipeline=pipeline)
    events: Any = FakeEvents(Outside())
    EventBridgeOutlet(events, "bus", "test", Patience(lambda _: None), last_first).load(done.loaded, DAY)
    assert len(events.events) == 1


def test_no_row_may_be_larger_than_targets_take() -> None:
    with pytest.raises(msgspec.ValidationError, match="<= 200000"):
        msgspec.convert({"max_row_bytes": 200_001}, Limits)


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "x" * 65_536, "é" * 32_768], ids=["empty", "long", "long in UTF-8"])
def test_a_name_that_no_attribute_could_have_is_rejected(name: str) -> None:
    """Out of a table none comes, but out of a file."""
    line = rejected(json_row(order(attributes={"box": {name: 1}})))
    assert line.reason is ReasonCode.WRONG_SCHEMA
    assert "name" in line.message


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Decimal("0E+200"), "0"),
        (Decimal("-0E-300"), "0"),
        (Decimal("1." + "0" * 60), "1"),
        (Decimal("-1E-130"), "-1E-130"),
    ],
)
def test_numbers_that_only_look_large_are_written_short(number: Decimal, text: str) -> None:
    assert marshal(number) == {"N": text}


def test_an_amount_that_is_no_exact_number_is_an_error_of_the_pipeline_not_of_the_target() -> None:
    inexact: Any = lambda row: float(row.amount)  # noqa: E731
    total = Total[Row](partition=lambda row: row.id, sort=lambda row: row.id, amounts={"share": inexact})
    line = rejected(thing("a"), things(total))
    assert (line.reason, "share" in line.message) == (ReasonCode.STEP_ERROR, True)
