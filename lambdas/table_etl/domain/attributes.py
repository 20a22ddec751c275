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
from datetime import date, datetime
from decimal import Context, Decimal
from enum import Enum
from typing import Any

import msgspec

Item = dict[str, Any]
"""An item by attribute name, in Python values."""

_MAX_DIGITS = 38
_LEAST, _GREATEST = -130, 125
"""Exponents of the first digit."""
_EXACT = Context(prec=_MAX_DIGITS)
_MOST_NAME = 64 * 1024 - 1
"""Bytes of an attribute's name, at any level."""
_MOST_KEY = (2048, 1024)
"""Bytes of a partition key, and of a sort key."""
_MOST_LEVELS = 32
"""An attribute itself is on the first one."""


class NumberError(ValueError):
    """A number that DynamoDB does not have."""


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
    if len(text) > _MAX_DIGITS:
        _check_digits(Decimal(value))
    return {"N": text}


def _decimal(value: Decimal, _: int) -> dict[str, str]:
    text = str(value)
    # Most are short and plain, and need no look at their digits.
    if len(text) > _MAX_DIGITS or "E" in text or not value.is_finite():
        _check_digits(value)
        # Zeros that say nothing might be counted against it.
        text = str(_EXACT.normalize(value) or Decimal(0))
    return {"N": text}


def _check_digits(value: Decimal) -> None:
    digits, exponent = value.as_tuple()[1:]
    if not isinstance(exponent, int):
        raise NumberError(f"{value} is no number that DynamoDB has")
    significant = len(digits)
    if significant > _MAX_DIGITS:
        significant = len("".join(map(str, digits)).strip("0"))
    if significant > _MAX_DIGITS:
        raise NumberError(f"a number has {significant} digits, and DynamoDB holds {_MAX_DIGITS}: {str(value)[:60]}")
    if value and not _LEAST <= value.adjusted() <= _GREATEST:
        raise NumberError(f"{value} is beyond what DynamoDB holds, 1E{_LEAST} to 1E{_GREATEST + 1}")


def number_text(value: int | Decimal) -> str:
    """A number as DynamoDB writes it: all its digits, without an exponent and needless zeros.

    Raises:
        NumberError: DynamoDB does not have the number.
    """
    number = Decimal(value)
    _check_digits(number)
    return f"{_EXACT.normalize(number) or Decimal(0):f}"


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
