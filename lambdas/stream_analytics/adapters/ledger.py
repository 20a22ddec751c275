"""Checkpoints, counters, unique events and markers in DynamoDB, committed in transactions."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.calls import Patience, aws_call
from lambdas.common.dynamodb import item_size
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.common.tables.metrics import layout
from lambdas.common.tables.metrics.aggregates import from_attributes
from lambdas.stream_analytics import contract
from lambdas.stream_analytics.contract import Origin, Position
from lambdas.stream_analytics.domain.tally import Item, Tally
from lambdas.stream_analytics.ports import (
    AlreadyCountedError,
    CheckpointMovedError,
    Commit,
    TooLargeError,
    UniqueEvent,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = 24 * 60 * 60
MAX_READ = 100
"""Items of a BatchGetItem."""
MAX_ITEM_BYTES = 400 * 1024
MAX_TRANSACTION_BYTES = 4_000_000
"""DynamoDB takes 4 MB ("TransactWriteItems"), and does not say whether of 1,000 or 1,024 times 1,024 bytes."""

Attributes = Mapping[str, Any]


@dataclass(frozen=True)
class Tables:
    """Names of the tables that a transaction may write."""

    progress: str
    metrics: str
    orders: str


@dataclass(frozen=True)
class DynamoLedger:
    """The `Ledger` in three tables."""

    client: DynamoDBClient
    tables: Tables
    metrics_days: int
    progress_days: int
    patience: Patience

    def checkpoint(self, shard_id: str) -> Position | None:
        """The last event of a shard that is committed (a consistent read)."""
        with aws_call("read the checkpoint"):
            answer = self.client.get_item(
                TableName=self.tables.progress, Key=_progress_key(shard_id, contract.CHECKPOINT), ConsistentRead=True
            )
        return Position.parse(answer["Item"]["position"]["S"]) if "Item" in answer else None

    def tally(self, shard_id: str, items: Collection[Item]) -> Tally:
        """Those of the items that this shard has written."""
        wanted = {_metric_id(key): (item, key) for item in items for key in [layout.item_key(*item, shard_id)]}
        found = self._read(self.tables.metrics, (key for _, key in wanted.values()))
        return {wanted[_metric_id(each)][0]: from_attributes(each) for each in found}

    def stored(self, keys: Collection[str]) -> Mapping[str, bytes]:
        """Content of the unique events that are stored already, by key."""
        found = self._read(self.tables.orders, ({contract.ORDER_ID: {"S": key}} for key in keys))
        return {each[contract.ORDER_ID]["S"]: each["event"]["S"].encode() for each in found}

    def counted_again(self, origins: Collection[Origin]) -> Collection[str]:
        """Those of the redriven events that are counted already, as text."""
        markers = {
            (each[contract.SHARD_ID]["S"], each[contract.ENTRY]["S"]): str(origin)
            for origin in origins
            for each in [_marker_key(origin)]
        }
        found = self._read(self.tables.progress, (_progress_key(*marker) for marker in markers))
        return {markers[each[contract.SHARD_ID]["S"], each[contract.ENTRY]["S"]] for each in found}

    def _read(self, table: str, keys: Iterable[Attributes]) -> Iterator[Attributes]:
        """The items that there are, by consistent reads."""
        left = list({str(key): key for key in keys}.values())
        while left:
            wanted, left = left[:MAX_READ], left[MAX_READ:]
            found: list[Attributes] = []

            def call(request: Any, found: list[Attributes] = found) -> Any:
                answer = self.client.batch_get_item(RequestItems=request)
                found += answer["Responses"].get(table, [])
                return answer.get("UnprocessedKeys")

            self.patience.until_done(f"read {table}", {table: {"Keys": wanted, "ConsistentRead": True}}, call)
            yield from found

    def commit(self, commit: Commit) -> None:
        """One transaction; the checkpoint is its first item."""
        writes = list(self._writes(commit))
        sizes = [item_size(each["Put"]["Item"]) for each in writes]
        if max(sizes) > MAX_ITEM_BYTES or sum(sizes) > MAX_TRANSACTION_BYTES:
            raise TooLargeError(f"{len(sizes)} items of {sum(sizes)} bytes, the largest of {max(sizes)}")
        try:
            self.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if has_code(error, {"TransactionCanceledException"}):
                self._explain(error)
            raise UnavailableError(f"commit: {error}") from error
        except BotoCoreError as error:
            raise UnavailableError(f"commit: {error}") from error

    @staticmethod
    def _explain(error: ClientError) -> None:
        reasons = [each.get("Code") for each in error.response.get("CancellationReasons", [])]
        failed = [at for at, code in enumerate(reasons) if code in {"ConditionalCheckFailed", "TransactionConflict"}]
        if failed:
            raise (CheckpointMovedError if failed[0] == 0 else AlreadyCountedError)(str(error)) from error

    def _writes(self, commit: Commit) -> Iterator[Any]:
        forgotten = {contract.EXPIRES_AT: {"N": str(int(time.time()) + self.progress_days * DAY)}}
        checkpoint = _progress_key(commit.shard_id, contract.CHECKPOINT) | {"position": {"S": str(commit.last)}}
        yield _put(self.tables.progress, checkpoint, **_still_at(commit.expected))
        covered = _progress_key(commit.shard_id, f"{contract.COVERED}{commit.last}") | {
            "first": {"S": str(commit.first)}
        }
        if commit.rejected:
            covered["rejected"] = {"L": [{"S": str(each)} for each in commit.rejected]}
        yield _put(self.tables.progress, covered | forgotten)
        for item, aggregate in commit.tally.items():
            kept_until = {layout.EXPIRES_AT: {"N": str(item.start + self.metrics_days * DAY)}}
            key = layout.item_key(*item, commit.shard_id)
            # Beside this shard a replay writes its items, and time to live deletes them.
            as_read = _present(layout.METRIC) if item in commit.present else _absent(layout.METRIC)
            yield _put(self.tables.metrics, key | aggregate.to_attributes() | kept_until, **as_read)
        for order_id, event in commit.unique.items():
            yield _put(self.tables.orders, _order(order_id, event), **_absent(contract.ORDER_ID))
        for origin in commit.counted_again:
            yield _put(self.tables.progress, _marker_key(origin) | forgotten, **_absent(contract.ENTRY))


def _put(table: str, item: Attributes, **condition: Any) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": item, **condition}}


def _present(attribute: str) -> dict[str, Any]:
    return {"ConditionExpression": f"attribute_exists({attribute})"}


def _absent(attribute: str) -> dict[str, Any]:
    return {"ConditionExpression": f"attribute_not_exists({attribute})"}


def _still_at(expected: Position | None) -> dict[str, Any]:
    if expected is None:
        return _absent(contract.SHARD_ID)
    return {
        "ConditionExpression": "#position = :expected",
        "ExpressionAttributeNames": {"#position": "position"},
        "ExpressionAttributeValues": {":expected": {"S": str(expected)}},
    }


def _progress_key(shard_id: str, entry: str) -> dict[str, Any]:
    return {contract.SHARD_ID: {"S": shard_id}, contract.ENTRY: {"S": entry}}


def _marker_key(origin: Origin) -> dict[str, Any]:
    return _progress_key(origin.shard_id, f"{contract.COUNTED_AGAIN}{origin.position}")


def _metric_id(key: Attributes) -> tuple[str, str]:
    return key[layout.METRIC]["S"], key[layout.PERIOD_AND_SHARD]["S"]


def _order(order_id: str, event: UniqueEvent) -> dict[str, Any]:
    return {
        contract.ORDER_ID: {"S": order_id},
        "event": {"S": event.content.decode()},
        "time": {"S": event.time.isoformat()},
        "origin": {"S": str(event.origin)},
    }
