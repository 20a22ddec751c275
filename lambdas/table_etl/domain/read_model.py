"""Plans transactions for the read model: rows that replace older versions, and what that changes in totals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from lambdas.table_etl.contract import NEVER
from lambdas.table_etl.domain.pipeline import Amount, Contribution
from lambdas.table_etl.domain.transform import Loaded

MOST_ITEMS = 100
MOST_BYTES = 3_000_000
"""DynamoDB takes 100 items and 4 MB in a transaction ("TransactWriteItems"). Rows are counted as JSON, which is longer
than they are in DynamoDB; their keys, versions and totals come on top."""

TotalKey = tuple[str, str]
"""Partition and sort key of a total."""


class Present(msgspec.Struct, frozen=True, gc=False):
    """What the read model holds of a source item."""

    version: str
    contributions: tuple[Contribution, ...]


ABSENT = Present(NEVER, ())


@dataclass
class Transaction:
    """Rows, each in the place of the version that was there when it was read, and sums to be added to totals."""

    rows: list[tuple[Loaded, Present]] = field(default_factory=list)
    totals: dict[TotalKey, dict[str, Amount]] = field(default_factory=dict)
    size: int = 0

    def takes(self, loaded: Loaded, changed: Iterable[TotalKey]) -> bool:
        """Whether one more row, with the totals that it changes, fits."""
        items = len(self.rows) + 1 + len(self.totals.keys() | set(changed))
        return items <= MOST_ITEMS and self.size + _size(loaded) <= MOST_BYTES

    def add(self, loaded: Loaded, present: Present) -> None:
        """Puts the row in the place of what is present, and moves totals by the difference."""
        self.rows.append((loaded, present))
        self.size += _size(loaded)
        for sign, contributions in ((1, contributions_of(loaded)), (-1, present.contributions)):
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


def plan(rows: Sequence[Loaded], present: Mapping[str, Present]) -> list[Transaction]:
    """Transactions for rows of different source items, filled in their order: neighbours share totals."""
    transactions: list[Transaction] = []
    for each in rows:
        before = present.get(each.key, ABSENT)
        changed = [(other.partition, other.sort) for other in (*contributions_of(each), *before.contributions)]
        if not transactions or not transactions[-1].takes(each, changed):
            transactions.append(Transaction())
        transactions[-1].add(each, before)
    return transactions


def _size(loaded: Loaded) -> int:
    return len(loaded.content.json) if loaded.content else 0
