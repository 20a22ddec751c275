"""Writes the changes and drops the history, each item's changes in their order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeSerializer

from lambdas.common.exporter.export import Exporter
from lambdas.common.tables.shop import layout
from local.use_cases.outcome import UseCaseError
from local.use_cases.table_etl.history import History
from local.use_cases.table_etl.script import Put
from local.use_cases.table_etl.tally import Dropped

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

MOST_WRITES = 25
"""Of a BatchWriteItem, none of which may be of the same item as another."""
_ATTEMPTS = 10
_OLD_TABLE = "orders-of-the-old-shop"
_serialize = TypeSerializer().serialize


def write(client: DynamoDBClient, table: str, puts: Iterable[Put], sleep: Callable[[float], None] = time.sleep) -> None:
    """Writes puts and deletions; a later one of an item after an earlier one has been taken.

    Raises:
        UseCaseError: the table does not take them.
    """
    for batch in _batches(puts):
        left: Any = [_request(put) for put in batch]
        for attempt in range(_ATTEMPTS):
            if attempt:
                sleep(0.05 * 2**attempt)
            left = client.batch_write_item(RequestItems={table: left})["UnprocessedItems"].get(table, [])
            if not left:
                break
        else:
            raise UseCaseError(f"{table} did not take {len(left)} writes in {_ATTEMPTS} attempts")


def _batches(puts: Iterable[Put]) -> Iterator[list[Put]]:
    batch: dict[Any, Put] = {}
    for put in puts:
        if put.key in batch or len(batch) == MOST_WRITES:
            yield list(batch.values())
            batch = {}
        batch[put.key] = put
    if batch:
        yield list(batch.values())


def _request(put: Put) -> Mapping[str, Any]:
    if put.item is None:
        partition, sort = put.key
        return {"DeleteRequest": {"Key": _typed({layout.PARTITION_KEY: partition, layout.SORT_KEY: sort})}}
    return {"PutRequest": {"Item": _typed(put.item)}}


def _typed(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in item.items()}


def drop(dynamodb: DynamoDBClient, s3: S3Client, bucket: str, history: History) -> Dropped:
    """Puts the files into the bucket, and the export of a table that is made for it and gone again afterwards."""
    csv_version = s3.put_object(Bucket=bucket, Key=history.csv.key, Body=history.csv.content)["VersionId"]
    json_version = s3.put_object(Bucket=bucket, Key=history.json.key, Body=history.json.content)["VersionId"]
    return Dropped(csv_version, json_version, _export(dynamodb, s3, bucket, history.table))


def _export(dynamodb: DynamoDBClient, s3: S3Client, bucket: str, puts: Sequence[Put]) -> str:
    keys = {layout.PARTITION_KEY: "HASH", layout.SORT_KEY: "RANGE"}
    dynamodb.create_table(
        TableName=_OLD_TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],  # type: ignore[typeddict-item]
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    try:
        dynamodb.get_waiter("table_exists").wait(TableName=_OLD_TABLE, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        write(dynamodb, _OLD_TABLE, puts)
        export = Exporter(dynamodb=dynamodb, s3=s3, table=_OLD_TABLE, bucket=bucket).begin()
        export.run()
    finally:
        dynamodb.delete_table(TableName=_OLD_TABLE)
    return export.place.export_id
