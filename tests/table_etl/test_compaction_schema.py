"""What changes of a row's type, odd names, and rows of another type do to what is in the lake."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import UNSET, Raw, Struct, UnsetType

from lambdas.table_etl.contract import UNDATED, StagedRow, live_version
from lambdas.table_etl.ports import MergeError
from tests.table_etl.compacting import DAYS, Lake, Thing, flow, staged


class Part(Struct):
    sku: str
    price: Decimal


class Earlier(Struct):
    name: str
    left_out: str
    part: Part


class LaterPart(Struct):
    sku: str
    size: int | None = None


class Later(Struct):
    name: str
    part: LaterPart
    added: Decimal | None
    items: list[Part] | UnsetType = UNSET


def test_new_columns_are_null_in_old_rows_and_old_ones_disappear() -> None:
    lake = Lake([flow(Earlier, "things", "name")])
    lake.stage([staged("old", Earlier("b", "x", Part("s", Decimal(1))))], "a")
    lake.compact()
    lake.flows = [flow(Later, "things", "name")]
    lake.stage([staged("new", Later("a", LaterPart("t", 4), Decimal("1.5")))], "b")
    lake.compact()
    new, old = lake.listed(UNDATED)
    assert new | {"source_version": ""} == {
        "source_key": "new",
        "source_version": "",
        "name": "a",
        "part": {"sku": "t", "size": 4},
        "added": Decimal("1.5"),
        "items": None,
    }
    assert (old["part"], old["added"], old["items"]) == ({"sku": "s", "size": None}, None, None)
    assert "left_out" not in old


def test_rows_staged_by_an_older_pipeline_are_read_by_a_newer_one() -> None:
    lake = Lake([flow(Later, "things", "name")])
    lake.stage([staged("old", Earlier("b", "x", Part("s", Decimal(1))))], "a")
    assert lake.compact().errors == []
    assert lake.rows(UNDATED)["old"][1] == {
        "name": "b",
        "part": {"sku": "s", "size": None},
        "added": None,
        "items": None,
    }


class Odd(Struct):
    order: str
    select: int
    row: str
    key: str
    version: str


def test_names_that_sql_and_staging_know_are_only_names() -> None:
    lake = Lake([flow(Odd, "things", "order", "key")])
    odd = Odd("'", 1, "r", "k", "v")
    for name in ("'; DROP TABLE staged; --", "another"):
        lake.stage([staged(name, odd, day=DAYS[0])], f"it's {name}")
        assert lake.compact().errors == []
    expected = {"order": "'", "select": 1, "row": "r", "key": "k", "version": "v"}
    assert [row for _, row in lake.rows(DAYS[0]).values()] == [expected, expected]


@pytest.mark.parametrize("max_chunk_bytes", [1, 10**6])
def test_an_object_that_cannot_be_read_stops_no_other_one_and_stays(max_chunk_bytes: int) -> None:
    lake = Lake([flow(Thing, "things", "place")], max_chunk_bytes=max_chunk_bytes)
    lake.stage([staged("a", Thing(1, "x"))], "a")
    lake.stage([StagedRow("b", live_version("1"), UNDATED, Raw(b'{"place":"no number"}'))], "b")
    lake.stage([staged("c", Thing(1, "x"))], "c")
    outcome = lake.compact()
    [error] = outcome.errors
    assert isinstance(error, MergeError)
    assert "things" in str(error)
    assert "no number" in str(error)
    assert list(lake.rows(UNDATED)) == ["a", "c"]
    assert [key[-10:] for key in lake.staged] == ["b.jsonl.gz"]
    assert (outcome.merged, outcome.left) == (2, 1)
