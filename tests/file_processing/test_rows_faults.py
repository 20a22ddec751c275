"""Tables with known faults: the faults are found, all of them and nothing else, and no row is lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.processing import Rejected
from lambdas.file_processing.domain.rows.specs import shipped
from tests.file_processing.tables import Result, parquet_of, result_of, rows_of

SPECS = {each.name: each for each in shipped()}
NAMES = ("id", "customer", "product", "quantity", "price", "currency", "gift", "deliver_on", "ordered_at")
GOOD = st.tuples(
    st.integers(1, 10**12).map(str),
    st.from_regex(r"C-[0-9]{4,10}", fullmatch=True),
    st.text(st.sampled_from('tea ,"\n;é'), min_size=1, max_size=9),
    st.integers(1, 1000).map(str),
    st.decimals(0, 1000, places=2).map(str),
    st.sampled_from(["", "CHF", "EUR"]),
    st.sampled_from(["", "true", "FALSE"]),
    st.dates().map(str) | st.just(""),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
)
FAULTS: dict[str, list[str]] = {
    "id": ["", "0", "-5", "x", "1.0"],
    "customer": ["", "C-1", "c-1234", "C-1234 "],
    "product": ["", "x" * 81],
    "quantity": ["", "0", "1001", "2.5", "٢"],
    "price": ["", "-0.01", "1,5", "NaN"],
    "currency": ["eur", "X"],
    "gift": ["yes", "0"],
    "deliver_on": ["2026-02-30", "26.11.2026"],
    "ordered_at": ["", "2026-11-26", "now"],
}


@dataclass(frozen=True)
class Table:
    """Rows, and which of their cells are bad."""

    rows: list[list[str]]
    faults: set[tuple[int, str]]


@st.composite
def tables(draw: Callable[..., Any]) -> Table:
    """Good rows into some of whose cells faults are put."""
    rows = [list(row) for row in draw(st.lists(GOOD, max_size=60))]
    faults = set()
    for row in range(len(rows)):
        for name in draw(st.sets(st.sampled_from(NAMES), max_size=3)) if draw(st.booleans()) else ():
            rows[row][NAMES.index(name)] = draw(st.sampled_from(FAULTS[name]))
            faults.add((row + 1, name))
    return Table(rows, faults)


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def put_together(good: list[Any], found: Result, read: Callable[[str], Any]) -> list[Any]:
    """The file's rows, out of the valid ones and the quarantined ones."""
    bad = {each["row"]: read(each["raw"]) for each in found.bad}
    left = iter(good)
    rows = [bad[row] if row in bad else next(left) for row in range(1, found.facts["rows"] + 1)]
    assert list(left) == []
    return rows


@settings(deadline=None, max_examples=80)
@given(tables(), st.sampled_from(",;\t"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_csv(table: Table, delimiter: str, encoding: str) -> None:
    data = written([list(NAMES), *table.rows], delimiter).encode(encoding)
    found = result_of("csv", data, SPECS["orders"])
    assert {(row, column) for row, column, _ in found.problems} == table.faults
    again = put_together(
        found.cells, found, lambda raw: next(csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter))
    )
    assert again == table.rows


READINGS = st.fixed_dictionaries(
    {
        "sensor": st.from_regex(r"[a-z]{2,10}-[0-9]{1,6}", fullmatch=True),
        "at": st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
        "value": st.integers(-273, 10_000) | st.floats(-273, 10_000),
    },
    optional={
        "battery": st.integers(0, 100),
        "position": st.fixed_dictionaries({"latitude": st.floats(-90, 90), "longitude": st.floats(-180, 180)}),
        "tags": st.lists(st.text(max_size=5), max_size=3),
    },
)
WRONG: dict[str, list[Any]] = {
    "sensor": ["X", 5, None],
    "at": ["2026-11-26", "2026-02-30T00:00:00Z", 0],
    "value": ["1", None, 10_001, -300.5],
    "battery": [101, -1, 0.5, "full"],
    "unit": ["F", 1],
    "extra": [1],
}


@st.composite
def readings(draw: Callable[..., Any]) -> tuple[list[dict[str, Any]], set[tuple[int, str]]]:
    rows = draw(st.lists(READINGS, max_size=30))
    faults = set()
    for row in range(len(rows)):
        for name in draw(st.sets(st.sampled_from(sorted(WRONG)), max_size=2)) if draw(st.booleans()) else ():
            rows[row][name] = draw(st.sampled_from(WRONG[name]))
            faults.add((row + 1, name))
    return rows, faults


@settings(deadline=None, max_examples=80)
@given(readings(), st.sampled_from([None, 1]))
def test_json(table: tuple[list[dict[str, Any]], set[tuple[int, str]]], indent: int | None) -> None:
    rows, faults = table
    found = result_of("json", json.dumps(rows, indent=indent).encode(), SPECS["readings"])
    assert {(row, column) for row, column, _ in found.problems} == faults
    assert put_together([json.loads(line) for line in found.lines], found, json.loads) == rows


@settings(deadline=None, max_examples=50)
@given(readings())
def test_json_lines(table: tuple[list[dict[str, Any]], set[tuple[int, str]]]) -> None:
    rows, faults = table
    lines = [json.dumps(row).encode() for row in rows] + [b"{}"]
    found = result_of("json_lines", b"\n".join(lines), SPECS["readings"])
    assert {(row, column) for row, column, _ in found.problems if row <= len(rows)} == faults
    assert put_together(found.lines, found, str.encode) == lines


ORDER = st.tuples(st.integers(-3, 9), st.sampled_from(["C-1234", "C-1", ""]), st.decimals(-1, 3, places=2))
ORDERS = """
SELECT a::BIGINT AS id, nullif(b, '') AS customer, 'tea' AS product, 1 AS quantity, c::DECIMAL(9, 2) AS price,
TIMESTAMP '2026-11-26 10:00:00' AS ordered_at FROM (VALUES {}) AS given(a, b, c)
"""


@settings(deadline=None, max_examples=30)
@given(st.lists(ORDER, min_size=1))
def test_parquet(rows: list[tuple[int, str, Decimal]]) -> None:
    values = ", ".join(f"({order}, '{customer}', {price})" for order, customer, price in rows)
    found = result_of("parquet", parquet_of(ORDERS.format(values)), SPECS["orders"])
    faults = {(at, "id") for at, row in enumerate(rows, 1) if row[0] < 1}
    faults |= {(at, "customer") for at, row in enumerate(rows, 1) if row[1] != "C-1234"}
    faults |= {(at, "price") for at, row in enumerate(rows, 1) if row[2] < 0}
    assert {(row, column) for row, column, _ in found.problems} == faults
    good = [(row[0], row[1], row[4]) for row in rows_of(found.valid)]
    assert put_together(good, found, order_of) == rows


def order_of(raw: str) -> tuple[int, str, Decimal]:
    row = json.loads(raw, parse_float=Decimal)
    return row["id"], row["customer"] or "", row["price"]


PIECES = st.sampled_from([*'{}[]",:;\\\r\n\t 1a', '"a":', "\0", "é", "null", "1e5"]).map(str.encode) | st.binary(
    max_size=3
)
BYTES = st.lists(PIECES, max_size=60).map(b"".join)


@settings(deadline=None, max_examples=300)
@given(BYTES, st.sampled_from(["csv", "json", "json_lines"]), st.sampled_from([None, *shipped()]), st.integers(1, 40))
def test_any_bytes_have_rows_or_a_verdict(data: bytes, kind: str, named: Any, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("text", "records"):
            patch.setattr(f"lambdas.file_processing.domain.rows.{module}.BLOCK", block)
        with suppress(Rejected):
            first = result_of(kind, data, named, max_row_bytes=20)
            assert result_of(kind, data, named, max_row_bytes=20) == first


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_damage_to_parquet_has_a_verdict_or_leaves_rows(data: st.DataObject) -> None:
    whole = bytearray(parquet_of("SELECT i AS id, 'C-' || i AS customer FROM range(50) AS numbers(i)"))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Rejected):
        result_of("parquet", bytes(whole), data.draw(st.sampled_from([None, SPECS["orders"]])))
