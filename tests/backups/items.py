"""Items of DynamoDB in all their types, what they mean, and other ways to write the same."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

Item = dict[str, Any]

EVERY_TYPE: Item = {
    "pk": {"S": "every type"},
    "text": {"S": 'ä\U0001f600\u0000 "quoted"\n'},
    "empty_text": {"S": ""},
    "whole": {"N": "-42"},
    "zero": {"N": "0"},
    "fraction": {"N": "0.1000000000000000055511151231257827021"},
    "digits": {"N": "12345678901234567890123456789012345678"},
    "large": {"N": "9.9999999999999999999999999999999999999E+125"},
    "small": {"N": "-1E-130"},
    "binary": {"B": bytes(range(256))},
    "empty_binary": {"B": b""},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "list": {"L": [{"S": "a"}, {"N": "1"}, {"L": []}, {"M": {}}]},
    "map": {"M": {"ключ": {"B": b"\x00"}, "": {"NULL": True}}},
    "texts": {"SS": ["b", "a", "ä"]},
    "numbers": {"NS": ["2", "-1", "0.5"]},
    "binaries": {"BS": [b"\xff", b"a"]},
}
"""An item with each of them, and with the ends of their ranges."""

texts = st.text("ab1é:", max_size=2)
numbers = st.sampled_from(["0", "1", "-1", "10", "1.5", "0.1", "1E+2", "1E-130", "9" * 38])
binaries = st.binary(max_size=2)
leaves = st.one_of(
    st.builds(lambda value: {"S": value}, texts),
    st.builds(lambda value: {"N": value}, numbers),
    st.builds(lambda value: {"B": value}, binaries),
    st.builds(lambda value: {"BOOL": value}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda values: {"SS": values}, st.lists(texts, min_size=1, max_size=3, unique=True)),
    st.builds(lambda values: {"NS": values}, st.lists(numbers, min_size=1, max_size=3, unique=True)),
    st.builds(lambda values: {"BS": values}, st.lists(binaries, min_size=1, max_size=3, unique=True)),
)
attributes = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda values: {"L": values}, st.lists(inner, max_size=3))
        | st.builds(lambda values: {"M": values}, st.dictionaries(texts, inner, max_size=3))
    ),
    max_leaves=6,
)
items = st.dictionaries(texts, attributes, max_size=3)
"""Of few values, so that two of them are often equal, or nearly."""


def meaning(attribute: Mapping[str, Any]) -> Any:
    """What an attribute is to DynamoDB: equal if and only if it takes two for the same."""
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            return kind, Decimal(value)
        case "NS":
            return kind, frozenset(map(Decimal, value))
        case "SS" | "BS":
            return kind, frozenset(value)
        case "L":
            return kind, tuple(map(meaning, value))
        case "M":
            return kind, meaning_of_item(value)
        case _:
            return kind, value


def meaning_of_item(item: Mapping[str, Any]) -> Any:
    """As `meaning`, of a whole item."""
    return frozenset((name, meaning(attribute)) for name, attribute in item.items())


def exported(item: Item) -> Item:
    """As a file of an export has an item."""
    return msgspec.json.decode(msgspec.json.encode(item), type=dict[str, Any])


def respelled(item: Item, random: Random) -> Item:
    """The same item: members in another order, numbers with other zeros, signs and exponents."""
    return {name: _respelled(item[name], random) for name in random.sample(sorted(item), len(item))}


def _respelled(attribute: Item, random: Random) -> Item:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            value = _other_number(value, random)
        case "NS":
            value = [_other_number(each, random) for each in random.sample(value, len(value))]
        case "SS" | "BS":
            value = random.sample(value, len(value))
        case "L":
            value = [_respelled(each, random) for each in value]
        case "M":
            value = respelled(value, random)
    return {kind: value}


def _other_number(text: str, random: Random) -> str:
    number = Decimal(text)
    sign = "-" if number < 0 else random.choice(["", "+"])
    if number == 0:
        return random.choice(["0", "-0", "0.00", "0E+5", "+0"])
    if -6 < number.adjusted() < 30:
        plain = f"{number.copy_abs():f}"
        zeros = f"{plain}.0" if "." not in plain else f"{plain}00"
        return sign + random.choice([plain, zeros, f"0{plain}", f"{number.copy_abs():e}"])
    return sign + random.choice([f"{number.copy_abs():e}", f"{number.copy_abs():E}"])
