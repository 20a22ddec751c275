"""Python values, structs among them, into DynamoDB's typed attributes; see `attributes` for the types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

from lambdas.table_etl.domain.digits import MAX_DIGITS, check_digits, normalized

_MOST_NAME = 64 * 1024 - 1
"""Bytes of an attribute's name, at any level."""
_MOST_LEVELS = 32
"""An attribute itself is on the first one."""


def marshal(value: Any) -> dict[str, Any]:
    """An attribute as boto3's client takes it: binary values are bytes. Structs become maps, times ISO strings.

    Raises:
        ValueError: DynamoDB cannot hold the value; says why.
    """
    return _marshal(value, 1)


def marshal_fields(row: msgspec.Struct) -> dict[str, dict[str, Any]]:
    """The fields of a struct as attributes of an item; without those that are unset.

    Raises:
        ValueError: as `marshal`.
    """
    return _fields(row, 1)


def _marshal(value: Any, level: int) -> dict[str, Any]:
    kind = type(value)
    encode = _ENCODERS.get(kind) or _learned(kind)
    return encode(value, level)


def _fields(row: msgspec.Struct, level: int) -> dict[str, dict[str, Any]]:
    return {
        name: {"S": value} if type(value) is str else _marshal(value, level)
        for name, value in msgspec.structs.asdict(row).items()
        if value is not msgspec.UNSET
    }


def _nested(level: int) -> int:
    if level >= _MOST_LEVELS:
        raise ValueError(f"DynamoDB nests values {_MOST_LEVELS} levels deep at the most")
    return level + 1


def _struct(value: msgspec.Struct, level: int) -> dict[str, Any]:
    return {"M": _fields(value, _nested(level))}


def _map(value: dict[Any, Any], level: int) -> dict[str, Any]:
    inside = _nested(level)
    for name in value:
        if type(name) is not str:
            raise ValueError(f"DynamoDB has maps by strings, not by {name!r}")
        if not name or (len(name) > _MOST_NAME // 4 and len(name.encode()) > _MOST_NAME):
            raise ValueError(f"DynamoDB has names of 1 to {_MOST_NAME} bytes, and not {name[:40]!r}")
    return {"M": {name: _marshal(element, inside) for name, element in value.items()}}


def _list(value: list[Any] | tuple[Any, ...], level: int) -> dict[str, Any]:
    inside = _nested(level)
    return {"L": [_marshal(element, inside) for element in value]}


def _integer(value: int, _: int) -> dict[str, str]:
    text = str(value)
    if len(text) > MAX_DIGITS:
        check_digits(Decimal(value))
    return {"N": text}


def _decimal(value: Decimal, _: int) -> dict[str, str]:
    text = str(value)
    # Most are short and plain, and need no look at their digits.
    if len(text) > MAX_DIGITS or "E" in text or not value.is_finite():
        # Zeros that say nothing might be counted against it.
        text = str(normalized(value))
    return {"N": text}


def _set(values: Any, _: int) -> dict[str, list[Any]]:
    marshalled = [_marshal(value, 1) for value in values]
    kinds = {kind for each in marshalled for kind in each}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        raise ValueError(
            f"a set in DynamoDB holds strings, or numbers, or binary values, and at least one; this one has "
            f"{', '.join(sorted(kinds)) or 'nothing'}"
        )
    (kind,) = kinds
    # Sorted, so that equal sets give equal bytes.
    return {f"{kind}S": sorted(each[kind] for each in marshalled)}


def _enum(value: Enum, level: int) -> dict[str, Any]:
    return _marshal(value.value, level)


def _time(value: date, _: int) -> dict[str, str]:
    return {"S": msgspec.to_builtins(value)}


Encode = Callable[[Any, int], dict[str, Any]]

_ENCODERS: dict[type, Encode] = {
    str: lambda value, _: {"S": value},
    int: _integer,
    Decimal: _decimal,
    bool: lambda value, _: {"BOOL": value},
    type(None): lambda *_: {"NULL": True},
    bytes: lambda value, _: {"B": value},
    dict: _map,
    list: _list,
    tuple: _list,
    set: _set,
    frozenset: _set,
    datetime: _time,
    date: _time,
}


def _learned(kind: type) -> Encode:
    """How values of one more type are encoded, remembered by type: structs and enums are the pipeline's own."""
    for base, encode in ((msgspec.Struct, _struct), (Enum, _enum)):
        if issubclass(kind, base):
            _ENCODERS[kind] = encode
            return encode
    raise ValueError(f"DynamoDB has no type for {kind.__name__}: turn it into one that it has in a map step")
