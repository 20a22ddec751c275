"""Values of every type that DynamoDB has, for Hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st


def _decimal(sign: str, digits: str, exponent: int) -> Decimal:
    """The decimal point is moved so that the first digit's exponent is as given."""
    return Decimal(f"{sign}{digits}E{exponent - len(digits) + 1}")


DECIMALS = st.builds(
    _decimal,
    st.sampled_from(["", "-"]),
    st.from_regex(r"[1-9][0-9]{0,37}", fullmatch=True),
    st.integers(-130, 125),
)
INTEGERS = st.integers(-(10**38) + 1, 10**38 - 1) | st.integers(-100, 100)
NUMBERS = INTEGERS | DECIMALS
TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
BINARY = st.binary(max_size=5)
SETS = (
    st.sets(TEXTS, min_size=1, max_size=3)
    | st.sets(NUMBERS, min_size=1, max_size=3)
    | st.sets(BINARY, min_size=1, max_size=3)
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS | BINARY | SETS


def nested(wrap: Callable[[Any], Any], levels: int, leaf: Any) -> Any:
    """A leaf within so many maps or lists."""
    value = leaf
    for _ in range(levels):
        value = {"inner": value} if wrap is dict else [value] if wrap is list else wrap([value])
    return value


SHALLOW = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
DEEP = st.builds(nested, st.sampled_from([dict, list]), st.integers(0, 31), SCALARS)
VALUES = SHALLOW | DEEP
ATTRIBUTES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    SHALLOW | st.builds(nested, st.sampled_from([dict, list]), st.integers(0, 30), SCALARS),
    max_size=4,
)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of the same types: True is not 1, and 1 not Decimal(1) unless it is whole."""
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, int | Decimal):
        if type(one) is not type(other):
            return False
    elif not isinstance(other, int | Decimal):
        return False
    match one:
        case dict():
            return one.keys() == other.keys() and all(same(each, other[name]) for name, each in one.items())
        case list():
            return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
