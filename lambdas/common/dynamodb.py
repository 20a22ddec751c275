"""Sizes as Amazon DynamoDB counts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of an item in low-level form, ``{"count": {"N": "5"}}``: 400 KB an item, 4 MB a transaction at the most.

    By "DynamoDB item sizes and formats" in the Amazon DynamoDB Developer Guide, which calls the size of a number
    approximate and is silent about sets and signs: sets count as lists, a minus as a byte, so as not to fall short.

    Raises:
        ValueError: an attribute is of no type that DynamoDB has.
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(attribute: Mapping[str, Any]) -> int:
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return _number_size(value)
        case "B":
            return len(value)
        case "BOOL" | "NULL":
            return 1
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(element) for name, element in value.items())
        case "L":
            return 3 + sum(1 + _value_size(element) for element in value)
        case "SS" | "NS" | "BS":
            return 3 + sum(1 + _value_size({kind[0]: element}) for element in value)
    raise ValueError(f"{kind!r} is no attribute type of DynamoDB; write the item in low-level form, as boto3's client")


def _number_size(number: str) -> int:
    mantissa = number.upper().partition("E")[0]
    significant = mantissa.lstrip("+-").replace(".", "").strip("0")
    return 1 + (len(significant) + 1) // 2 + mantissa.startswith("-")
