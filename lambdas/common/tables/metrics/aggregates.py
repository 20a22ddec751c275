"""Values of the metrics table that are exact: counts, sums, and statistics of decimals.

Merging values of one kind is associative and commutative, so a metric is the same however its events were cut into
batches and spread over shards. Values that estimate are in `sketches`, imported only where one is met: a function that
counts does not pay for their libraries.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from typing import Any, ClassVar, Self

Attributes = Mapping[str, Mapping[str, Any]]
"""Attributes in DynamoDB's low-level form: ``{"kind": {"S": "count"}, "count": {"N": "5"}}``."""

DIGITS = 38
"""Significant digits of a DynamoDB number ("Naming rules and data types", Amazon DynamoDB Developer Guide)."""

_EXACT = Context(prec=DIGITS, traps=[Inexact])  # every Overflow is Inexact, too
_ROUNDED = Context(prec=DIGITS)


class Aggregate(ABC):
    """What many events come to, as one item of the metrics table holds it."""

    kind: ClassVar[str]
    """Name of the type in the attribute ``kind``."""

    @abstractmethod
    def merge(self, other: Self) -> Self:
        """The value over the events of both."""

    @abstractmethod
    def to_attributes(self) -> dict[str, dict[str, Any]]:
        """Attributes beside the item's key, among them ``kind``; equal for equal values."""

    @classmethod
    @abstractmethod
    def from_attributes(cls, attributes: Attributes) -> Self:
        """The value that `to_attributes` wrote; further attributes are left alone."""


@dataclass(frozen=True)
class Count(Aggregate):
    """How many events there were."""

    kind: ClassVar[str] = "count"
    count: int

    def merge(self, other: Self) -> Self:
        return type(self)(self.count + other.count)

    def to_attributes(self) -> dict[str, dict[str, Any]]:
        return {"kind": {"S": self.kind}, "count": {"N": str(self.count)}}

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> Self:
        return cls(int(attributes["count"]["N"]))


@dataclass(frozen=True)
class Sum(Aggregate):
    """Sum of decimals, such as revenue.

    Exact for values below 10^15 in magnitude with at most 9 decimal places, 10^14 of them: 15 + 14 + 9 digits are the
    38 that DynamoDB holds. Whatever would not be exact raises `decimal.Inexact` and is never rounded.
    """

    kind: ClassVar[str] = "sum"
    total: Decimal
    count: int

    @classmethod
    def of(cls, values: Iterable[Decimal]) -> Self:
        """Raises `decimal.Inexact` for a sum of more than 38 digits, ValueError for NaN and infinity."""
        collected = list(values)
        return cls(_exact_sum(collected), len(collected))

    def merge(self, other: Self) -> Self:
        return type(self)(_EXACT.add(self.total, other.total), self.count + other.count)

    def to_attributes(self) -> dict[str, dict[str, Any]]:
        return {
            "kind": {"S": self.kind},
            "total": {"N": _number(self.total)},
            "count": {"N": str(self.count)},
        }

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> Self:
        return cls(Decimal(attributes["total"]["N"]), int(attributes["count"]["N"]))


@dataclass(frozen=True)
class Stats(Aggregate):
    """Least, greatest and sum of decimals, at least one; exact within the bounds of `Sum`."""

    kind: ClassVar[str] = "stats"
    count: int
    minimum: Decimal
    maximum: Decimal
    total: Decimal

    @classmethod
    def of(cls, values: Iterable[Decimal]) -> Self:
        """Raises `decimal.Inexact` for a sum of more than 38 digits, ValueError for NaN, infinity and no values."""
        collected = list(values)
        if not collected:
            raise ValueError("there are no statistics of no values: make none where nothing was measured")
        total = _exact_sum(collected)
        return cls(len(collected), min(collected), max(collected), total)

    @property
    def mean(self) -> Decimal:
        """Rounded to 38 digits."""
        return _ROUNDED.divide(self.total, self.count)

    def merge(self, other: Self) -> Self:
        return type(self)(
            self.count + other.count,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            _EXACT.add(self.total, other.total),
        )

    def to_attributes(self) -> dict[str, dict[str, Any]]:
        return {
            "kind": {"S": self.kind},
            "count": {"N": str(self.count)},
            "minimum": {"N": _number(self.minimum)},
            "maximum": {"N": _number(self.maximum)},
            "total": {"N": _number(self.total)},
        }

    @classmethod
    def from_attributes(cls, attributes: Attributes) -> Self:
        decimals = (Decimal(attributes[name]["N"]) for name in ("minimum", "maximum", "total"))
        return cls(int(attributes["count"]["N"]), *decimals)


_KINDS: dict[str, type[Aggregate]] = {each.kind: each for each in (Count, Sum, Stats)}


def from_attributes(attributes: Attributes) -> Aggregate:
    """The value in an item of the metrics table.

    Raises:
        ValueError: the item is of no known kind.
    """
    kind = attributes.get("kind", {}).get("S")
    found = _KINDS.get(kind) if kind else None
    if found is None:
        from lambdas.common.tables.metrics import sketches

        found = sketches.KINDS.get(kind) if kind else None
    if found is None:
        raise ValueError(
            f"{kind!r} is no known kind of metric: the item was written by a newer version, deploy the reader, too"
        )
    return found.from_attributes(attributes)


def _exact_sum(values: list[Decimal]) -> Decimal:
    with localcontext(_EXACT):
        total = sum(values, Decimal(0))
    if not total.is_finite():
        raise ValueError("NaN and infinity have no exact sum: reject them where events are checked")
    return total


def _number(value: Decimal) -> str:
    """One spelling for equal numbers: without exponent, trailing zeros and negative zero, as DynamoDB answers."""
    return f"{_EXACT.normalize(value) or Decimal(0):f}"
