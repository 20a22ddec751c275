"""Metrics per minute in a table of the common layout, see ``lambdas/common/tables/metrics``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.common.calls import Patience
from lambdas.common.side_by_side import Together
from lambdas.common.tables.metrics import layout
from lambdas.file_processing.domain.processing import Measurement

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

DAY = 24 * 60 * 60
MAX_WRITES = 25
"""Of a BatchWriteItem. Its items may have 16 MB together, which so few of these never have."""


@dataclass(frozen=True)
class DynamoMetrics:
    """The `Metrics` in DynamoDB. An item expires some days after its period, whenever it is written."""

    client: DynamoDBClient
    table_name: str
    days: int
    patience: Patience
    together: Together

    def write(self, shard: str, measurements: Sequence[Measurement]) -> None:
        """Writes the items of one shard, which nobody else writes; repeating it changes nothing."""

        def put(each: Measurement) -> dict[str, Any]:
            key = layout.item_key(each.metric, each.dimension, each.start, shard)
            kept_until = {layout.EXPIRES_AT: {"N": str(each.start + self.days * DAY)}}
            return {"PutRequest": {"Item": key | each.value.to_attributes() | kept_until}}

        self._batches("write metrics", put, measurements)

    def delete(self, shard: str, keys: Sequence[tuple[str, str, int]]) -> None:
        """Deletes items by metric, dimension and start of the period, whether they are there or not."""

        def delete(key: tuple[str, str, int]) -> dict[str, Any]:
            return {"DeleteRequest": {"Key": layout.item_key(*key, shard)}}

        self._batches("delete metrics", delete, keys)

    def _batches(self, what: str, request: Callable[[T], dict[str, Any]], items: Sequence[T]) -> None:
        """Requests are made batch by batch: those of a large file would take much memory all at once."""

        def call(batch: Sequence[T]) -> None:
            requests: Any = {self.table_name: list(map(request, batch))}
            self.patience.until_done(what, requests, self._write)

        self.together(call, list(_cut(items)))

    def _write(self, requests: Any) -> Any:
        return self.client.batch_write_item(RequestItems=requests).get("UnprocessedItems")


def _cut(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[at : at + MAX_WRITES] for at in range(0, len(items), MAX_WRITES))
