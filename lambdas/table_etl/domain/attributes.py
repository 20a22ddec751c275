"""DynamoDB's typed attributes, as streams and exports write them in JSON, and Python values, without loss either way.

| DynamoDB | Python | | DynamoDB | Python |
|---|---|---|---|---|
| S | str | | M | dict, or a struct |
| N | int where it is one, else Decimal | | L | list |
| B | bytes | | SS, NS, BS | set |
| BOOL | bool | | NULL | None |

"Supported data types and naming rules in Amazon DynamoDB" (Developer Guide) has the limits: 38 digits, exponents from
-130 to 125, no empty sets, 32 levels.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from lambdas.common.tables.read_model import layout
from lambdas.table_etl.domain.digits import NumberError, number_text

Item = dict[str, Any]
"""An item by attribute name, in Python values."""

_MOST_KEY = (layout.MAX_PARTITION_BYTES, layout.MAX_SORT_BYTES)
"""Bytes of a partition key, and of a sort key."""


def unmarshal(image: Mapping[str, Any]) -> Item:
    """An item out of a stream's image or an export's line, in which binary values are base64.

    Raises:
        ValueError: an attribute is of no type that DynamoDB has, or its value of another.
    """
    try:
        return {name: _value(typed) for name, typed in image.items()}
    except (TypeError, AttributeError, ArithmeticError, RecursionError, Base64Error) as error:
        raise ValueError(f"no DynamoDB JSON: {error!r}") from error


def _value(typed: Mapping[str, Any]) -> Any:
    """The value of one attribute; strings first, as most of them are."""
    if len(typed) == 1:
        ((kind, value),) = typed.items()
        if kind == "S" and type(value) is str:
            return value
        if decode := _DECODERS.get(kind):
            return decode(value)
    raise ValueError(f"an attribute is tagged with one of S, N, B, BOOL, NULL, M, L, SS, NS, BS, not {list(typed)}")


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"a string is wanted, not {value!r}")
    return value


def _number(text: str) -> int | Decimal:
    if text.isdecimal() or (text[:1] == "-" and text[1:].isdecimal()):
        return int(text)
    number = Decimal(text)
    if not number.is_finite():
        raise NumberError(f"{text} is no number that DynamoDB has")
    return number


def _binary(text: str) -> bytes:
    return b64decode(text, validate=True)


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError(f"true or false is wanted, not {value!r}")
    return value


def _null(value: Any) -> None:
    if value is not True:
        raise TypeError(f"NULL is true, not {value!r}")


def _elements(values: Any) -> list[Any]:
    if type(values) is not list:
        raise TypeError(f"a list is wanted, not {values!r}")
    return values


def _members(values: Any) -> list[Any]:
    if not _elements(values):
        raise ValueError("a set has at least one element")
    return _elements(values)


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": _flag,
    "NULL": _null,
    "M": lambda fields: {name: _value(typed) for name, typed in fields.items()},
    "L": lambda elements: [_value(typed) for typed in _elements(elements)],
    "SS": lambda texts: {_text(text) for text in _members(texts)},
    "NS": lambda texts: {_number(text) for text in _members(texts)},
    "BS": lambda texts: {_binary(text) for text in _members(texts)},
}


def key_text(values: tuple[Any, ...]) -> str:
    """What identifies a source item by the values of its keys, as JSON: ``["customer#c-1","profile"]``.

    Raises:
        ValueError: a value is of no type that a key has, or longer than one; files may hold such.
    """
    plain = all(type(value) is str for value in values)
    text = _JSON.encode(values if plain else [_key_value(value) for value in values])
    if len(text) > min(_MOST_KEY):
        for value, most in zip(values, _MOST_KEY, strict=False):
            size = len(value.encode()) if isinstance(value, str) else len(value) if isinstance(value, bytes) else 0
            if size > most:
                raise ValueError(f"a key has {size} bytes, and DynamoDB holds {most}: {value[:40]!r}...")
    return text.decode()


_JSON = msgspec.json.Encoder()


def _key_value(value: Any) -> Any:
    match value:
        case bool():
            pass
        case str():
            return value
        case int() | Decimal():
            return {"N": number_text(value)}
        case bytes():
            return {"B": value}
    raise ValueError(f"a key is a string, a number or binary, not {value!r}")
