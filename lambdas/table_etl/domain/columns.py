"""The lake's columns, by the fields of a row: their types in DuckDB and in Glue, and which values they can hold.

| Field | Column |
|---|---|
| str, enum | string |
| int | bigint |
| Decimal | decimal(38, 9) |
| bool, bytes, date | boolean, binary (base64 when staged), date |
| datetime | timestamp, UTC |
| struct, list or set of any of these | struct, array |
| dict, Any | string: the value as DynamoDB JSON, which keeps every type |
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from lambdas.table_etl.contract import ReasonCode
from lambdas.table_etl.domain.marshalling import marshal
from lambdas.table_etl.domain.rejection import Rejected

PRECISION, SCALE = 38, 9
"""Of decimal columns; 38 is the most that Athena and Parquet have."""
_WHOLE = PRECISION - SCALE
_BIGINT = 2**63

Check = Callable[[Any], None]
"""Raises Rejected for a value that its column cannot hold."""


@dataclass(frozen=True)
class Column:
    """A column of a dataset's table."""

    name: str
    duckdb: str
    """Its type in DuckDB's SQL."""
    staged: str
    """The same of a staged value: times have an offset, binary is base64, open values are JSON."""
    glue: str
    """Its type in Glue, as Athena's DDL has it."""
    check: Check | None = None
    """None where every value of the field fits."""
    open: bool = False
    """Whether it holds values of any type, as DynamoDB JSON."""
    base64: bool = False
    """Whether a staged value has to be decoded."""

    @property
    def sortable(self) -> bool:
        """Whether rows can be in the order of its values."""
        return not self.open and "<" not in self.glue


@cache
def columns(row: type[msgspec.Struct]) -> tuple[Column, ...]:
    """Columns of a dataset, in the order of the row's fields.

    Raises:
        TypeError: a field is of a type that the lake has no column for.
    """
    hints = get_type_hints(row, include_extras=True)
    return tuple(_column(name, hints[name]) for name in row.__struct_fields__)


_PLAIN: dict[type, tuple[str, str, str]] = {
    str: ("VARCHAR", "VARCHAR", "string"),
    bool: ("BOOLEAN", "BOOLEAN", "boolean"),
    int: ("BIGINT", "BIGINT", "bigint"),
    date: ("DATE", "DATE", "date"),
    datetime: ("TIMESTAMP", "TIMESTAMPTZ", "timestamp"),
    bytes: ("BLOB", "VARCHAR", "binary"),
}


def _column(name: str, hint: Any) -> Column:
    kind = essence(hint)
    if kind is Any or kind is dict or get_origin(kind) is dict:
        return Column(name, "VARCHAR", "JSON", "string", open=True)
    if kind is int:
        return Column(name, *_PLAIN[int], _check_integer)
    if kind is Decimal:
        decimal = f"DECIMAL({PRECISION},{SCALE})"
        return Column(name, decimal, decimal, decimal.lower(), _check_decimal)
    if kind is datetime:
        return Column(name, *_PLAIN[datetime], _check_time)
    if kind in _PLAIN:
        return Column(name, *_PLAIN[kind], base64=kind is bytes)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Column(name, *_PLAIN[str])
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(name, kind)
    if get_origin(kind) in {list, set} or (get_origin(kind) is tuple and get_args(kind)[1:] == (...,)):
        return _list(name, _column(name, get_args(kind)[0]))
    raise TypeError(f"{name}: the lake has no column for {kind}; make it one of those that it has in a map step")


def essence(hint: Any) -> Any:
    """A type without its annotations, None and UNSET."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in {Union, types.UnionType}:
        left = [each for each in get_args(hint) if each not in {type(None), msgspec.UnsetType}]
        return essence(left[0]) if len(left) == 1 else hint
    return hint


def _struct(name: str, kind: type[msgspec.Struct]) -> Column:
    fields = columns(kind)
    _only_whole(name, fields)
    checks = [(field.name, field.check) for field in fields if field.check]

    def check(value: Any) -> None:
        for field, each in checks:
            each(getattr(value, field))

    duckdb = ", ".join(f'"{field.name}" {field.duckdb}' for field in fields)
    staged = ", ".join(f'"{field.name}" {field.staged}' for field in fields)
    glue = ",".join(f"{field.name}:{field.glue}" for field in fields)
    checked = _unless_absent(check) if checks else None
    return Column(name, f"STRUCT({duckdb})", f"STRUCT({staged})", f"struct<{glue}>", checked)


def _list(name: str, element: Column) -> Column:
    _only_whole(name, (element,))
    each = element.check

    def check(values: Any) -> None:
        for value in values:
            each(value)  # type: ignore[misc]  # only used where there is one

    checked = _unless_absent(check) if each else None
    return Column(name, f"{element.duckdb}[]", f"{element.staged}[]", f"array<{element.glue}>", checked)


def _only_whole(name: str, parts: tuple[Column, ...]) -> None:
    if any(part.open or part.base64 for part in parts):
        raise TypeError(f"{name}: values of any type, and binary ones, are columns of their own, not parts of others")


def _unless_absent(check: Check) -> Check:
    def checked(value: Any) -> None:
        if value is not None and value is not msgspec.UNSET:
            check(value)

    return checked


@_unless_absent
def _check_integer(value: int) -> None:
    if not -_BIGINT <= value < _BIGINT:
        raise Rejected(ReasonCode.BAD_NUMBER, f"{value} has more than 64 bits: make it a Decimal in a map step")


@_unless_absent
def _check_decimal(value: Decimal) -> None:
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or (value and value.adjusted() >= _WHOLE):
        raise Rejected(ReasonCode.BAD_NUMBER, f"{value} has more than {_WHOLE} digits before the decimal point")
    if exponent < -SCALE and any(digits[exponent + SCALE :]):
        raise Rejected(ReasonCode.BAD_NUMBER, f"{value} has more than {SCALE} decimal places: round it in a map step")


@_unless_absent
def _check_time(value: datetime) -> None:
    if value.utcoffset() is None:
        raise Rejected(
            ReasonCode.WRONG_SCHEMA,
            f"{value} is of no time zone: let the model take none such, as Annotated[datetime, Meta(tz=True)] does",
        )


@cache
def _checks(row: type[msgspec.Struct]) -> tuple[tuple[str, Check], ...]:
    return tuple((each.name, each.check) for each in columns(row) if each.check)


@cache
def _open_fields(row: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(each.name for each in columns(row) if each.open)


_ENCODER = msgspec.json.Encoder(order="deterministic")
"""Equal rows give equal bytes; the order of a set is not the same from process to process."""


def row_json(row: msgspec.Struct) -> bytes:
    """A row as lake and events have it: decimals are strings, binary is base64, open values are DynamoDB JSON.

    Raises:
        Rejected: a number does not fit its column.
        ValueError: an open value has no type in DynamoDB.
    """
    kind = type(row)
    for name, check in _checks(kind):
        check(getattr(row, name))
    opened = {
        name: marshal(value)
        for name in _open_fields(kind)
        if (value := getattr(row, name)) is not msgspec.UNSET and value is not None
    }
    if not opened:
        return _ENCODER.encode(row)
    fields = {name: getattr(row, name) for name in kind.__struct_fields__} | opened
    return _ENCODER.encode({name: value for name, value in fields.items() if value is not msgspec.UNSET})
