"""Events by entity in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.common.calls import Patience
from lambdas.stream_analytics import contract
from lambdas.stream_analytics.ports import IndexEntry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = 24 * 60 * 60
MAX_WRITES = 25
"""Of a BatchWriteItem."""


@dataclass(frozen=True)
class DynamoIndex:
    """The `Index` in a table."""

    client: DynamoDBClient
    table_name: str
    days: int
    patience: Patience

    def put(self, entries: Iterable[IndexEntry]) -> None:
        """Writes entries under keys that their origins determine."""
        batch: dict[tuple[str, str], dict[str, Any]] = {}
        for item in map(self._item, entries):
            batch[item[contract.ENTITY]["S"], item[contract.TIME_AND_ORIGIN]["S"]] = item
            if len(batch) == MAX_WRITES:
                self._write_all(batch.values())
                batch.clear()
        if batch:
            self._write_all(batch.values())

    def _write_all(self, items: Iterable[dict[str, Any]]) -> None:
        request: Any = {self.table_name: [{"PutRequest": {"Item": item}} for item in items]}
        self.patience.until_done("write the index", request, self._write)

    def _write(self, request: Any) -> Any:
        return self.client.batch_write_item(RequestItems=request).get("UnprocessedItems")

    def _item(self, entry: IndexEntry) -> dict[str, Any]:
        return {
            contract.ENTITY: {"S": entry.entity},
            contract.TIME_AND_ORIGIN: {"S": f"{entry.time.isoformat(timespec='microseconds')}#{entry.event}"},
            "type": {"S": entry.event_type},
            "event": {"S": bytes(entry.event.event).decode()},
            contract.EXPIRES_AT: {"N": str(int(entry.time.timestamp()) + self.days * DAY)},
        }


@dataclass(frozen=True)
class IndexQueries:
    """What readers ask the index."""

    client: DynamoDBClient
    table_name: str

    def newest(self, entity: str, name: str) -> Iterator[bytes]:
        """JSON of the events of an entity, such as ``order`` and ``o-1``, the newest first."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table_name,
            KeyConditionExpression="#entity = :entity",
            ExpressionAttributeNames={"#entity": contract.ENTITY},
            ExpressionAttributeValues={":entity": {"S": f"{entity}#{name}"}},
            ScanIndexForward=False,
        )
        for page in pages:
            yield from (item["event"]["S"].encode() for item in page["Items"])
