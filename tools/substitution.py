"""Puts recomputed values in the place of those that the shards wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from botocore.exceptions import ClientError

from lambdas.common.errors import has_code
from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import Aggregate, from_attributes
from lambdas.stream_analytics.adapters.ledger import DAY
from lambdas.stream_analytics.domain.tally import Item, Tally
from tools.stack import Stack

SHARD = "replay"
"""Stands in the place of a shard in the keys of recomputed items."""
MOST_REPLACED = 16
"""Items in one transaction, which takes 4 MB ("TransactWriteItems"): the largest, a `Top` of names in four-byte
characters, has 200 KB."""

Attributes = Mapping[str, Any]


class MovedError(Exception):
    """Somebody else has written in the meantime; nothing was."""


@dataclass
class Present:
    """What stands under a metric, a dimension and a period."""

    replayed: Attributes | None = None
    shards: list[Attributes] = field(default_factory=list)


@dataclass(frozen=True)
class Substitution:
    """Writes the metrics table."""

    stack: Stack

    def present(self, items: Iterable[Item], start: int, end: int) -> dict[Item, Present]:
        """What stands in the place of items, all within ``start`` and ``end`` (Unix seconds)."""
        found: dict[Item, Present] = defaultdict(Present)
        for metric, dimension in sorted({(item.metric, item.dimension) for item in items}):
            for each in self.stack.query(
                self.stack.settings.metrics_table_name,
                KeyConditionExpression="#metric = :metric AND #period BETWEEN :start AND :end",
                ExpressionAttributeNames={"#metric": layout.METRIC, "#period": layout.PERIOD_AND_SHARD},
                ExpressionAttributeValues={
                    ":metric": {"S": layout.metric_key(metric, dimension)},
                    ":start": {"S": layout.period_key(start)},
                    ":end": {"S": layout.period_key(end)},
                },
            ):
                sort_key = each[layout.PERIOD_AND_SHARD]["S"]
                place = found[Item(metric, dimension, layout.period_start(sort_key))]
                if sort_key.partition("#")[2] == SHARD:
                    place.replayed = each
                else:
                    place.shards.append(each)
        return found

    def replace(self, tally: Tally, present: Mapping[Item, Present]) -> int:
        """Leaves each item of the tally as the only one in its place; how many were not so before.

        Readers see the old or the new values of a place, never both, and never none.

        Raises:
            MovedError: something is not, or no longer, as in ``present``. What was written so far is well.
        """
        changed = 0
        for item, aggregate in tally.items():
            place = present.get(item) or Present()
            shards, replayed = place.shards, place.replayed
            new = self._attributes(item, aggregate)
            if not shards and replayed and _same(new, replayed):
                continue
            while len(shards) > MOST_REPLACED:
                # Added up they are what they were, so readers see no difference.
                some, shards = shards[:MOST_REPLACED], shards[MOST_REPLACED:]
                parts = [from_attributes(each) for each in (*some, *([replayed] if replayed else []))]
                folded = self._attributes(item, reduce(_merge, parts))
                self._write(folded, replayed, some)
                replayed = folded
            self._write(new, replayed, shards)
            changed += 1
        return changed

    def _attributes(self, item: Item, aggregate: Aggregate) -> Attributes:
        kept_until = {layout.EXPIRES_AT: {"N": str(item.start + self.stack.settings.metrics_days * DAY)}}
        return layout.item_key(*item, SHARD) | aggregate.to_attributes() | kept_until

    def _write(self, new: Attributes, replayed: Attributes | None, shards: Sequence[Attributes]) -> None:
        table = self.stack.settings.metrics_table_name
        writes: list[Any] = [{"Put": {"TableName": table, "Item": new, **_unchanged(replayed)}}]
        writes += [{"Delete": {"TableName": table, "Key": _key(each), **_unchanged(each)}} for each in shards]
        try:
            self.stack.dynamodb.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if has_code(error, {"TransactionCanceledException"}):
                raise MovedError(f"{new[layout.METRIC]['S']}: {error}") from error
            raise


def _merge(one: Aggregate, other: Aggregate) -> Aggregate:
    return one.merge(other)


def _key(item: Attributes) -> Attributes:
    return {name: item[name] for name in (layout.METRIC, layout.PERIOD_AND_SHARD)}


def _values(item: Attributes) -> Attributes:
    return {name: value for name, value in item.items() if name not in _key(item) and name != layout.EXPIRES_AT}


def _same(one: Attributes, other: Attributes) -> bool:
    return _values(one) == _values(other)


def _unchanged(item: Attributes | None) -> dict[str, Any]:
    """The condition that an item is as it was read."""
    if item is None:
        return {"ConditionExpression": f"attribute_not_exists({layout.METRIC})"}
    values = sorted(_values(item).items())
    return {
        "ConditionExpression": " AND ".join(f"#n{at} = :v{at}" for at in range(len(values))),
        "ExpressionAttributeNames": {f"#n{at}": name for at, (name, _) in enumerate(values)},
        "ExpressionAttributeValues": {f":v{at}": value for at, (_, value) in enumerate(values)},
    }
