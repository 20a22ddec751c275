"""A pipeline as data: which items it takes, the steps that make rows of them, and what the targets make of the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from lambdas.common.tables.read_model import layout
from lambdas.table_etl.contract import LAKE_DAY, LAKE_KEY, LAKE_VERSION, UNDATED, ReasonCode
from lambdas.table_etl.domain.columns import Column, columns
from lambdas.table_etl.domain.conditions import Rule, SourceFilter
from lambdas.table_etl.domain.rejection import Rejected
from lambdas.table_etl.domain.steps import Steps

T = TypeVar("T", bound=msgspec.Struct)

KeyValues = tuple[Any, ...]
"""Values of an item's keys: of the partition key, then of the sort key where there is one."""
Amount = int | Decimal

MOST_TOTALS = 40
"""Old and new ones of a row fit into a transaction of 100 items together."""
MOST_PLACES = 9
GREATEST_AMOUNT = 10**15
"""Amounts below it, of no more decimal places, add up exactly within DynamoDB's 38 digits, 10^14 of them."""


@dataclass(frozen=True, kw_only=True)
class View(Generic[T]):
    """What rows are looked up by in the read model: all of a partition, in the order of ``sort``."""

    partition: Callable[[T], str]
    sort: Callable[[T], str]


@dataclass(frozen=True, kw_only=True)
class Total(Generic[T]):
    """Sums over rows, kept exact in the read model whatever happens to the rows."""

    partition: Callable[[T], str]
    sort: Callable[[T], str]
    amounts: Mapping[str, Callable[[T], Amount]]
    """By the name of the sum, what a row adds to it."""


@dataclass(frozen=True, kw_only=True)
class Flow(Generic[T]):
    """One kind of items on their way to rows of one dataset.

    Raises:
        ValueError: names or fields that no target could hold.
        TypeError: as `columns`.
    """

    name: str
    """Of the dataset: its table in the lake, and the type of its events."""
    when: Rule | None = None
    """On the last key attribute; None takes every item that the flows before did not."""
    steps: Steps[T]
    row: type[T]
    """What the steps end in."""
    day: Callable[[KeyValues], date] | None = None
    """Partition of the lake, made of the key, so that it never changes. None where keys hold no time."""
    view: View[T] | None = None
    totals: tuple[Total[T], ...] = ()

    def __post_init__(self) -> None:
        if len(self.totals) > MOST_TOTALS:
            raise ValueError(f"{self.name}: a row changes {MOST_TOTALS} totals at the most, in one transaction")
        if own := {name for total in self.totals for name in total.amounts} & layout.RESERVED:
            raise ValueError(f"{self.name}: totals have {', '.join(sorted(own))} of their own: rename the amounts")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise ValueError(f"{self.name!r} cannot name a table: lower-case letters, digits and underscores, please")
        fields = set(self.row.__struct_fields__)
        if taken := fields & (layout.RESERVED | {LAKE_KEY, LAKE_VERSION, LAKE_DAY}):
            raise ValueError(
                f"{self.name}: the targets have fields {', '.join(sorted(taken))} of their own: rename them"
            )
        sortable = {each.name for each in self.columns if each.sortable}
        if unknown := set(self.steps.sort_fields) - sortable:
            raise ValueError(f"{self.name}: rows have no fields {', '.join(sorted(unknown))} that sort")

    @property
    def columns(self) -> tuple[Column, ...]:
        """Of the dataset's table."""
        row: type[msgspec.Struct] = self.row
        return columns(row)

    def partition_day(self, key: KeyValues) -> str:
        """Day of an item, as the lake names its partitions. Raises Rejected for a key of another form."""
        if self.day is None:
            return UNDATED
        try:
            return date.isoformat(self.day(key))  # a datetime is a date, too
        except (ValueError, OverflowError) as error:
            raise Rejected(ReasonCode.BAD_KEY, f"{key!r} has no day: {error}") from error

    def placed(self, row: T) -> Placement:
        """Where the read model shows a row. Raises Rejected for what it could not hold."""
        contributions = [_contribution(total, row) for total in self.totals]
        return Placement(
            *(_keys(self.view, row) if self.view else ("", "")),
            contributions=tuple(each for each in contributions if each.amounts),
        )


class Contribution(msgspec.Struct, frozen=True, gc=False):
    """What one row adds to one total."""

    partition: str
    sort: str
    amounts: dict[str, Amount]
    """By the name of the sum; none is zero."""


class Placement(msgspec.Struct, frozen=True, gc=False):
    """Where the read model shows a row."""

    view: str
    """Empty where the flow has no view."""
    view_sort: str
    contributions: tuple[Contribution, ...]

    @property
    def size(self) -> int:
        """Bytes of it in an item, at the most."""
        size = _bytes(self.view) + _bytes(self.view_sort)
        for each in self.contributions:
            size += _MAP_BYTES + _bytes(each.partition) + _bytes(each.sort)
            size += sum(_NUMBER_BYTES + _bytes(name) for name in each.amounts)
        return size


_MAP_BYTES, _NUMBER_BYTES = 40, 24
"""Of a contribution without its values, and of an amount without its name."""


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _contribution(total: Total[T], row: T) -> Contribution:
    amounts = {name: _checked(name, amount(row)) for name, amount in total.amounts.items()}
    return Contribution(*_keys(total, row), {name: amount for name, amount in amounts.items() if amount})


def _keys(place: View[T] | Total[T], row: T) -> tuple[str, str]:
    return _key(place.partition(row), layout.MAX_PARTITION_BYTES), _key(place.sort(row), layout.MAX_SORT_BYTES)


def _key(text: str, most: int) -> str:
    if not text:
        raise Rejected(ReasonCode.BAD_KEY, "a view or a total has an empty key, and DynamoDB takes none")
    if len(text) * 4 > most and len(text.encode()) > most:
        raise Rejected(ReasonCode.BAD_KEY, f"{text[:40]!r}... has more than the {most} bytes that a key may have")
    return text


def _checked(name: str, amount: Amount) -> Amount:
    if not isinstance(amount, int | Decimal):
        raise TypeError(f"{name} is {amount!r}: amounts are of type int or Decimal, which add up exactly")
    if isinstance(amount, Decimal) and not amount.is_finite():
        raise Rejected(ReasonCode.BAD_NUMBER, f"{name} of {amount} is no number to add up")
    if not -GREATEST_AMOUNT < amount < GREATEST_AMOUNT:
        raise Rejected(ReasonCode.BAD_NUMBER, f"{name} of {amount} is not below {GREATEST_AMOUNT}")
    # Below 10^15 rounding needs no more than the 28 digits that Python calculates with.
    if isinstance(amount, Decimal) and amount != round(amount, MOST_PLACES):
        raise Rejected(ReasonCode.BAD_NUMBER, f"{name} of {amount} has more than {MOST_PLACES} decimal places")
    return amount


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """All that is done with a table; a module in ``pipelines`` holds one as ``PIPELINE``."""

    keys: tuple[str, ...]
    """The table's partition key, then its sort key where there is one."""
    source: SourceFilter = field(default_factory=SourceFilter)
    flows: tuple[Flow[Any], ...]

    def __post_init__(self) -> None:
        names = [flow.name for flow in self.flows]
        if not 1 <= len(self.keys) <= 2 or not names or len(set(names)) < len(names):
            raise ValueError("a pipeline has one or two key attributes, and at least one flow, all of other names")

    def key_of(self, item: Mapping[str, Any]) -> KeyValues:
        """Values of an item's keys. Raises Rejected if one is missing."""
        try:
            return tuple([item[name] for name in self.keys])
        except KeyError as error:
            raise Rejected(ReasonCode.BAD_KEY, f"the key attribute {error} is missing") from error

    def flow_of(self, key: KeyValues) -> Flow[Any]:
        """The first flow that takes items of this key. Raises Rejected if none does."""
        for flow in self.flows:
            if flow.when is None or flow.when.allows(key[-1]):
                return flow
        raise Rejected(ReasonCode.BAD_KEY, f"no flow takes items of the key {key!r}: add one, or filter them out")
