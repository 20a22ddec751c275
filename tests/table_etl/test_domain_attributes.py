"""Values keep their types exactly, from DynamoDB's JSON to Python and back; what is no value of DynamoDB is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Context, Decimal, Rounded
from enum import StrEnum
from typing import Any

import msgspec
import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given, reject, settings

from lambdas.table_etl.domain.attributes import key_text, unmarshal
from lambdas.table_etl.domain.digits import number_text
from lambdas.table_etl.domain.marshalling import marshal, marshal_fields
from tests.table_etl.builders import carried, content, export_row, image, live, order
from tests.table_etl.values import ATTRIBUTES, NUMBERS, VALUES, nested, same

EXAMPLES = settings(max_examples=300, deadline=None, print_blob=True)


@EXAMPLES
@given(VALUES)
def test_any_value_comes_back_as_it_went(value: Any) -> None:
    assert same(unmarshal({"a": carried(marshal(value))})["a"], value)


@pytest.mark.parametrize("kind", [dict, list])
def test_values_nest_as_deep_as_dynamodb_allows_and_no_deeper(kind: type) -> None:
    deepest = nested(kind, 31, "leaf")
    assert unmarshal({"a": carried(marshal(deepest))}) == {"a": deepest}
    with pytest.raises(ValueError, match="32 levels"):
        marshal(nested(kind, 32, "leaf"))


def test_structs_count_as_levels_too() -> None:
    assert marshal_fields(Holder(held=nested(list, 31, 1)))
    with pytest.raises(ValueError, match="32 levels"):
        marshal_fields(Holder(held=Holder(held=nested(list, 31, 1))))


class Holder(msgspec.Struct):
    held: Any


def for_boto3(value: Any) -> Any:
    """A value as boto3's resources have it: numbers are decimals, binary is wrapped."""
    match value:
        case bool() | None | str():
            return value
        case int() | Decimal():
            return Decimal(value)
        case bytes():
            return Binary(value)
        case set():
            return {for_boto3(each) for each in value}
        case list():
            return [for_boto3(each) for each in value]
    return {name: for_boto3(each) for name, each in value.items()}


def plain(typed: Any) -> Any:
    """DynamoDB JSON with sets in order and numbers in one spelling."""
    match typed:
        case {"N": text}:
            return {"N": number_text(Decimal(text))}
        case {"NS": texts}:
            return {"NS": sorted(number_text(Decimal(text)) for text in texts)}
        case {"SS": values} | {"BS": values}:
            return {next(iter(typed)): sorted(values)}
        case {"M": fields}:
            return {"M": {name: plain(each) for name, each in fields.items()}}
        case {"L": elements}:
            return {"L": [plain(each) for each in elements]}
    return typed


@EXAMPLES
@given(VALUES)
def test_it_writes_what_boto3_writes(value: Any) -> None:
    try:
        theirs = TypeSerializer().serialize(for_boto3(value))
    except Rounded:
        reject()  # boto3 counts zeros at the end, which DynamoDB does not
    assert plain(marshal(value)) == plain(theirs)


@EXAMPLES
@given(VALUES)
def test_it_reads_what_boto3_reads(value: Any) -> None:
    typed: Any = marshal(value)
    try:
        theirs = TypeDeserializer().deserialize(typed)
    except Rounded:
        reject()
    assert for_boto3(unmarshal({"a": carried(typed)})["a"]) == theirs


@EXAMPLES
@given(ATTRIBUTES)
def test_any_attributes_of_an_order_reach_the_read_model_as_they_are(attributes: dict[str, Any]) -> None:
    for change in (live(order(attributes=attributes)), export_row(order(attributes=attributes))):
        reached = content(change).attributes["attributes"]
        assert same(unmarshal({"a": carried(reached)})["a"], attributes)


@EXAMPLES
@given(ATTRIBUTES)
def test_any_attributes_of_an_order_reach_the_lake_as_dynamodb_json(attributes: dict[str, Any]) -> None:
    row = json.loads(content(live(order(attributes=attributes))).json)
    assert plain(row["attributes"]) == plain(image({"a": attributes})["a"])


class Colour(StrEnum):
    RED = "red"


def test_what_rows_have_beside_dynamodbs_types_is_turned_into_them() -> None:
    row = {"colour": Colour.RED, "day": date(2026, 1, 2), "at": datetime(2026, 1, 2, 3, tzinfo=UTC), "pair": (1, "a")}
    assert marshal(row) == {
        "M": {
            "colour": {"S": "red"},
            "day": {"S": "2026-01-02"},
            "at": {"S": "2026-01-02T03:00:00Z"},
            "pair": {"L": [{"N": "1"}, {"S": "a"}]},
        }
    }


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "float"),
        (object(), "object"),
        (set(), "nothing"),
        ({1, "a"}, "N, S"),
        ({True}, "BOOL"),
        ({1: "a"}, "maps by strings"),
        (Decimal("NaN"), "NaN"),
        (Decimal("-Infinity"), "Infinity"),
        (10**126, "beyond"),
        (Decimal("1E-131"), "beyond"),
        (int("1" * 39), "39 digits"),
        (Decimal("0." + "3" * 39), "39 digits"),
    ],
)
def test_what_dynamodb_cannot_hold_is_refused_with_the_reason(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        marshal({"deep": [value]})


@pytest.mark.parametrize(
    "value",
    [10**125, -(10**125), int("9" * 38), Decimal("9" * 38 + "E+88"), Decimal("1E-130"), Decimal("1." + "0" * 60), 0],
    ids=str,
)
def test_what_just_fits_is_kept(value: int | Decimal) -> None:
    assert unmarshal({"a": marshal(value)}) == {"a": value}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (Decimal("5.00"), "5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.50"), "-0.5"),
        (Decimal("-0.0"), "0"),
        (Decimal("1E-7"), "0.0000001"),
        (12345678901234567890123456789012345678, "12345678901234567890123456789012345678"),
    ],
)
def test_numbers_are_written_as_dynamodb_writes_them(value: int | Decimal, text: str) -> None:
    assert number_text(value) == text


@EXAMPLES
@given(NUMBERS, NUMBERS)
def test_numbers_name_the_same_item_if_and_only_if_they_are_equal(one: int | Decimal, other: int | Decimal) -> None:
    spelled = Context(prec=38).normalize(Decimal(one))
    assert key_text((one,)) == key_text((spelled,))
    assert (key_text((one,)) == key_text((other,))) == (one == other)


def test_keys_of_different_types_never_name_the_same_item() -> None:
    keys = [("5",), (5,), (b"5",), ("5", "a"), ("5,a",), ('5","a',), ('{"N":"5"}',)]
    assert len({key_text(key) for key in keys}) == len(keys)


@pytest.mark.parametrize("value", [True, None, [], {"a": 1}, 1.5, Decimal("1E+999999")], ids=repr)
def test_what_is_no_key_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever it says
        key_text(("customer", value))
