"""The lake's columns follow from the fields of a row, and hold every value that is let through."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.table_etl.contract import ReasonCode
from lambdas.table_etl.domain.columns import columns, row_json
from lambdas.table_etl.domain.pipeline import Flow, Pipeline, Total
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.domain.steps import validate


class Size(StrEnum):
    SMALL = "small"


class Plain(Enum):
    A = "a"


class Part(msgspec.Struct):
    sku: str
    price: Decimal
    count: int | None = None


def of(hint: Any) -> type[msgspec.Struct]:
    """A row with one field of this type."""
    return msgspec.defstruct("Row", [("field", hint)])


DECIMAL = ("DECIMAL(38,9)", "decimal(38,9)")
PART = (
    'STRUCT("sku" VARCHAR, "price" DECIMAL(38,9), "count" BIGINT)',
    "struct<sku:string,price:decimal(38,9),count:bigint>",
)
TYPES = [
    (str, "VARCHAR", "string"),
    (Size, "VARCHAR", "string"),
    (Plain, "VARCHAR", "string"),
    (int, "BIGINT", "bigint"),
    (Decimal, *DECIMAL),
    (bool, "BOOLEAN", "boolean"),
    (bytes, "BLOB", "binary"),
    (date, "DATE", "date"),
    (datetime, "TIMESTAMP", "timestamp"),
    (int | None, "BIGINT", "bigint"),
    (str | msgspec.UnsetType, "VARCHAR", "string"),
    (Decimal | None | msgspec.UnsetType, *DECIMAL),
    (Annotated[int, msgspec.Meta(ge=1)] | None, "BIGINT", "bigint"),
    (Annotated[int | None, msgspec.Meta()], "BIGINT", "bigint"),
    (Part, *PART),
    (list[Part], f"{PART[0]}[]", f"array<{PART[1]}>"),
    (list[Decimal], f"{DECIMAL[0]}[]", f"array<{DECIMAL[1]}>"),
    (set[str], "VARCHAR[]", "array<string>"),
    (tuple[int, ...], "BIGINT[]", "array<bigint>"),
    (list[list[date]], "DATE[][]", "array<array<date>>"),
    (dict[str, int], "VARCHAR", "string"),
    (dict, "VARCHAR", "string"),
    (Any, "VARCHAR", "string"),
]


@pytest.mark.parametrize(("hint", "duckdb", "glue"), TYPES, ids=str)
def test_types_of_columns(hint: Any, duckdb: str, glue: str) -> None:
    [column] = columns(of(hint))
    assert (column.name, column.duckdb, column.glue) == ("field", duckdb, glue)


def test_columns_are_in_the_order_of_the_fields() -> None:
    assert [each.name for each in columns(Part)] == ["sku", "price", "count"]


@pytest.mark.parametrize(
    "hint",
    [
        float,
        complex,
        object,
        int | str,
        list,
        set,
        tuple[int, str],
        tuple[()],
        frozenset[str],
        list[float],
        list[Any],
        list[dict[str, int]],
        set[bytes],
        list[int | str],
    ],
    ids=str,
)
def test_a_field_that_the_lake_has_no_column_for_is_refused_by_its_name_and_with_what_to_do(hint: Any) -> None:
    with pytest.raises(
        TypeError, match=r"field: (the lake has no column .* in a map step|.* are columns of their own)"
    ):
        columns(of(hint))


def test_a_flow_with_such_a_field_is_refused_before_anything_runs() -> None:
    row = of(float)
    with pytest.raises(TypeError, match="no column"):
        Flow(name="rows", steps=validate(row, version=1), row=row)


BIG = 2**63
FITS: list[tuple[Any, Any]] = [
    (int, BIG - 1),
    (int, -BIG),
    (Decimal, Decimal("9" * 29 + "." + "9" * 9)),
    (Decimal, Decimal("-" + "9" * 29 + "." + "9" * 9)),
    (Decimal, Decimal("1E-9")),
    (Decimal, Decimal("1E+28")),
    (Decimal, Decimal("1.5000000000000000000")),
    (Decimal, Decimal("0E+50")),
    (Decimal, Decimal("0E-50")),
    (datetime, datetime(2026, 1, 1, tzinfo=UTC)),
]
TOO_MUCH: list[tuple[Any, Any, ReasonCode]] = [
    (int, BIG, ReasonCode.BAD_NUMBER),
    (int, -BIG - 1, ReasonCode.BAD_NUMBER),
    (int, 10**37, ReasonCode.BAD_NUMBER),
    (Decimal, Decimal(10**29), ReasonCode.BAD_NUMBER),
    (Decimal, Decimal(-(10**29)), ReasonCode.BAD_NUMBER),
    (Decimal, Decimal("1E+29"), ReasonCode.BAD_NUMBER),
    (Decimal, Decimal("1E-10"), ReasonCode.BAD_NUMBER),
    (Decimal, Decimal("0.1234567891"), ReasonCode.BAD_NUMBER),
    (Decimal, Decimal("1E-130"), ReasonCode.BAD_NUMBER),
    (Decimal, Decimal("NaN"), ReasonCode.BAD_NUMBER),
    (Decimal, Decimal("-Infinity"), ReasonCode.BAD_NUMBER),
    (datetime, datetime(2026, 1, 1), ReasonCode.WRONG_SCHEMA),  # noqa: DTZ001
]
PLACES = ("alone", "optional", "in a list", "in a set", "in a struct", "in structs in a list")


def row_of(place: str, hint: Any, value: Any) -> msgspec.Struct:
    """A row that holds a value in some place."""
    part = of(hint)
    kinds = {
        "alone": (hint, value),
        "optional": (hint | None, value),
        "in a list": (list[hint | None], [None, value]),
        "in a set": (set[hint] | msgspec.UnsetType, [value]),
        "in a struct": (part, part(value)),
        "in structs in a list": (list[part], [part(value)]),  # type: ignore[valid-type]
    }
    kind, held = kinds[place]
    return of(kind)(held)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("hint", "value"), FITS, ids=lambda each: str(each)[:20])
def test_what_just_fits_is_let_through(place: str, hint: Any, value: Any) -> None:
    assert row_json(row_of(place, hint, value))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("hint", "value", "reason"), TOO_MUCH, ids=lambda each: str(each)[:20])
def test_what_does_not_fit_is_rejected(place: str, hint: Any, value: Any, reason: ReasonCode) -> None:
    with pytest.raises(Rejected) as caught:
        row_json(row_of(place, hint, value))
    assert caught.value.code is reason


@settings(max_examples=500, deadline=None, print_blob=True)
@given(
    st.decimals(allow_nan=False, allow_infinity=False) | st.decimals(places=9, allow_nan=False, allow_infinity=False)
)
def test_a_decimal_is_let_through_if_and_only_if_its_column_holds_it_exactly(value: Decimal) -> None:
    numerator, denominator = value.as_integer_ratio()
    scaled, rest = divmod(numerator * 10**9, denominator)
    fits = rest == 0 and abs(scaled) < 10**38
    try:
        row_json(of(Decimal)(value))
    except Rejected:
        assert not fits
    else:
        assert fits


class Mixed(msgspec.Struct):
    name: str | msgspec.UnsetType
    anything: Any
    by_name: dict[str, Any] | msgspec.UnsetType | None
    raw: bytes = b"\xff"


def test_open_fields_are_dynamodb_json_and_absent_ones_stay_absent() -> None:
    row = Mixed(msgspec.UNSET, {1, 2}, {"b": b"\xff", "n": Decimal("1.50"), "none": None})
    assert json.loads(row_json(row)) == {
        "anything": {"NS": ["1", "2"]},
        "by_name": {"M": {"b": {"B": "/w=="}, "n": {"N": "1.50"}, "none": {"NULL": True}}},
        "raw": "/w==",
    }
    assert json.loads(row_json(Mixed("x", None, msgspec.UNSET))) == {"name": "x", "anything": None, "raw": "/w=="}


class Row(msgspec.Struct):
    id: str


STEPS = validate(Row, version=1)


@pytest.mark.parametrize("name", ["", "Orders", "1st", "a-b", "a.b", "a b", "a\n", "ä", "a/b"])
def test_a_name_that_no_table_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a table"):
        Flow(name=name, steps=STEPS, row=Row)


@pytest.mark.parametrize(
    "field", ["partition", "sort", "totals", "view", "view_sort", "dataset", "source_version", "source_key", "day"]
)
def test_a_field_that_the_targets_have_themselves_is_refused(field: str) -> None:
    row = msgspec.defstruct("Taken", [(field, str)])
    with pytest.raises(ValueError, match=f"fields {field} of their own"):
        Flow(name="rows", steps=validate(row, version=1), row=row)


def test_an_amount_that_totals_have_themselves_is_refused() -> None:
    total: Total[Row] = Total(partition=lambda row: row.id, sort=lambda row: row.id, amounts={"sort": lambda _: 1})
    with pytest.raises(ValueError, match="rename the amounts"):
        Flow(name="rows", steps=STEPS, row=Row, totals=(total,))


@pytest.mark.parametrize("amount", ["1E-10", "0.1234567891", "1E+15", "-1E+15", "NaN", "sNaN", "Infinity"])
def test_an_amount_that_totals_could_not_hold_exactly_is_rejected(amount: str) -> None:
    total: Total[Row] = Total(
        partition=lambda row: row.id, sort=lambda row: row.id, amounts={"worth": lambda _: Decimal(amount)}
    )
    with pytest.raises(Rejected, match="worth") as caught:
        Flow(name="rows", steps=STEPS, row=Row, totals=(total,)).placed(Row("a"))
    assert caught.value.code is ReasonCode.BAD_NUMBER


@pytest.mark.parametrize(("keys", "names"), [((), ["a"]), (("a", "b", "c"), ["a"]), (("a",), []), (("a",), ["a", "a"])])
def test_a_pipeline_without_keys_or_with_flows_of_one_name_is_refused(keys: tuple[str, ...], names: list[str]) -> None:
    with pytest.raises(ValueError, match="one or two key attributes"):
        Pipeline(keys=keys, flows=tuple(Flow(name=name, steps=STEPS, row=Row) for name in names))
