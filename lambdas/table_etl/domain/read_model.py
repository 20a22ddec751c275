"""Plans transactions for the read model: rows that replace older versions, and what that changes in totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from lambdas.common.tables.read_model import layout
from lambdas.table_etl.contract import NEVER
from lambdas.table_etl.domain.pipeline import Amount, Contribution
from lambdas.table_etl.domain.transform import Loaded

MOST_ITEMS = 100
MOST_BYTES = 3_600_000
"""DynamoDB takes 100 items and 4 MB in a transaction ("TransactWriteItems"). Rows are counted as what they may be in
DynamoDB at the most; the totals that change with them, of 3 KB each at the most, come on top."""

TotalKey = tuple[str, str]
"""Partition and sort key of a total."""


class Present(msgspec.Struct, frozen=True, gc=False):
    """What the read model holds of a source item."""

    version: str
    contributions: tuple[Contribution, ...]


ABSENT = Present(NEVER, ())


class Replacement(NamedTuple):
    """A row in the place of what is present."""

    loaded: Loaded
    present: Present
    totals: frozenset[TotalKey]
    """Those that may change."""
    size: int
    """Bytes of the row in DynamoDB, at the most."""


@dataclass
class Transaction:
    """Rows, each in the place of the version that was there when it was read, and sums to be added to totals."""

    rows: list[tuple[Loaded, Present]] = field(default_factory=list)
    totals: dict[TotalKey, dict[str, Amount]] = field(default_factory=dict)
    size: int = 0

    def takes(self, more: Sequence[Replacement]) -> bool:
        """Whether more rows, with the totals that they change, fit."""
        items = len(self.rows) + len(more) + len(self.totals.keys() | {key for each in more for key in each.totals})
        return items <= MOST_ITEMS and self.size + sum(each.size for each in more) <= MOST_BYTES

    def add(self, one: Replacement) -> None:
        """Puts the row in the place of what is present, and moves totals by the difference."""
        self.rows.append((one.loaded, one.present))
        self.size += one.size
        for sign, contributions in ((1, contributions_of(one.loaded)), (-1, one.present.contributions)):
            for each in contributions:
                sums = self.totals.setdefault((each.partition, each.sort), {})
                for name, amount in each.amounts.items():
                    sums[name] = sums.get(name, 0) + sign * amount

    @property
    def changes(self) -> dict[TotalKey, dict[str, Amount]]:
        """Totals that do change, by the sums that do."""
        moved = {key: {name: amount for name, amount in sums.items() if amount} for key, sums in self.totals.items()}
        return {key: sums for key, sums in moved.items() if sums}


def contributions_of(loaded: Loaded) -> tuple[Contribution, ...]:
    """What a row adds to totals; a deletion adds nothing."""
    return loaded.content.placement.contributions if loaded.content else ()


def newer(rows: Iterable[Loaded], present: Mapping[str, Present]) -> list[Loaded]:
    """Those that are newer than what is present of the same source item."""
    return [each for each in rows if each.version > present.get(each.key, ABSENT).version]


def plan(rows: Iterable[Loaded], present: Mapping[str, Present]) -> list[Transaction]:
    """Transactions for rows of different source items, filled in their order.

    Neighbours that change the same totals stand in one transaction, unless they are too many.
    """
    transactions: list[Transaction] = []
    for neighbours in _sharing(_replacement(each, present) for each in rows):
        for some in [neighbours] if Transaction().takes(neighbours) else [[each] for each in neighbours]:
            if not transactions or not transactions[-1].takes(some):
                transactions.append(Transaction())
            for each in some:
                transactions[-1].add(each)
    return transactions


def chains(transactions: Iterable[Transaction]) -> list[list[Transaction]]:
    """Transactions that change the same total, to be made one after the other: side by side all but one would fail."""
    found: list[list[Transaction]] = []
    for each in transactions:
        if found and found[-1][-1].totals.keys() & each.totals.keys():
            found[-1].append(each)
        else:
            found.append([each])
    return found


def _replacement(loaded: Loaded, present: Mapping[str, Present]) -> Replacement:
    before = present.get(loaded.key, ABSENT)
    changed = (*contributions_of(loaded), *before.contributions)
    size = loaded.content.item_bytes if loaded.content else layout.OWN_BYTES
    return Replacement(loaded, before, frozenset((each.partition, each.sort) for each in changed), size)


def _sharing(replacements: Iterable[Replacement]) -> Iterator[list[Replacement]]:
    """Neighbours of which each changes a total that one before it changes, too."""
    found: list[Replacement] = []
    totals: set[TotalKey] = set()
    for each in replacements:
        if found and not totals & each.totals:
            yield found
            found, totals = [], set()
        found.append(each)
        totals |= each.totals
    if found:
        yield found
