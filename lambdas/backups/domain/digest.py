"""An order-free digest of a table: equal for equal items, whoever reads them, in whatever order and parts.

Every item has one canonical form: JSON with its keys in order, numbers without what says nothing, sets in order, binary
values in base64. Types are part of it, as in DynamoDB's own JSON, so that the string "1" and the number 1 differ. The
BLAKE2b hashes of the items are added, modulo 2^128: a sum can be continued, and two sums can be added ("A New Paradigm
for Collision-free Hashing: Incrementality at Reduced Cost", Bellare and Micciancio 1997). That sees every accident;
somebody who may choose all items could find two tables with one sum.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Inexact
from hashlib import blake2b
from typing import Any

import msgspec

from lambdas.backups.contract.records import Tally

Attribute = Mapping[str, Any]
"""``{"N": "5"}``; binary values are bytes, as boto3's client has them, or base64, as files of exports do."""

_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)
_JSON = msgspec.json.Encoder(order="deterministic")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")
_PLAIN = re.compile(r"[1-9](?:[0-9]{0,36}[1-9])?")
"""Whole numbers that are in normal form already; most are."""
_EXACT = Context(prec=38, traps=[Inexact])
"""DynamoDB has 38 digits."""


class MalformedItemError(ValueError):
    """An item is not in DynamoDB's JSON; the message tells what is wrong with it."""


def digest(items: Iterable[Mapping[str, Attribute]]) -> Tally:
    """Of items as boto3's client or an export has them. Raises MalformedItemError."""
    number, total = 0, 0
    for item in items:
        total += int.from_bytes(blake2b(canonical(item), digest_size=_BYTES).digest())
        number += 1
    return _tally(number, total)


def added(one: Tally, other: Tally) -> Tally:
    """Of the items of both."""
    return _tally(one.items + other.items, int(one.digest, 16) + int(other.digest, 16))


def _tally(items: int, total: int) -> Tally:
    return Tally(items, f"{total % _MODULUS:0{2 * _BYTES}x}")


def canonical(item: Mapping[str, Attribute]) -> bytes:
    """The one form of an item. Raises MalformedItemError."""
    try:
        return _JSON.encode({name: _attribute(attribute) for name, attribute in item.items()})
    except (TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise MalformedItemError(f"no item in DynamoDB's JSON: {error!r}") from error


def _attribute(attribute: Attribute) -> Attribute:
    """Strings first, as most are; they are as they are."""
    ((kind, value),) = attribute.items()
    if kind == "S" and type(value) is str:
        return attribute
    if form := _FORMS.get(kind):
        return {kind: form(value)}
    raise ValueError(f"{kind} with a {type(value).__name__} is no attribute")


def _number(text: str) -> str:
    """Of all ways to write a number the one without zeros at its ends."""
    if _PLAIN.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number")
    number = _EXACT.create_decimal(text).normalize(_EXACT)
    return str(number) if number else "0"


def _exactly(kind: type) -> Callable[[Any], Any]:
    def form(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
        return value

    return form


_text = _exactly(str)


def _binary(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else b64decode(_text(value), validate=True)


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "N": _number,
    "M": lambda members: {name: _attribute(member) for name, member in members.items()},
    "L": lambda elements: [_attribute(element) for element in elements],
    "BOOL": _exactly(bool),
    "NULL": _exactly(bool),
    "B": _binary,
    "SS": lambda members: sorted(map(_text, members)),
    "NS": lambda members: sorted(map(_number, members)),
    "BS": lambda members: sorted(map(_binary, members)),
}
