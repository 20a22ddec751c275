"""The status table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from botocore.exceptions import ClientError

from lambdas.backups.contract import ENTRY, EXPIRES_AT, PARTITION, RECORD, REVISION
from lambdas.backups.ports import Delete, Place, Put, Stored, Unchanged
from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True)
class DynamoStatus:
    """The `Status` in DynamoDB: of each item one record, as JSON."""

    client: DynamoDBClient
    table_name: str

    def read(self, place: Place, kind: type[T]) -> Stored[T] | None:
        """Consistently."""
        with aws_call(f"read {place.partition} {place.entry}"):
            answer = self.client.get_item(TableName=self.table_name, Key=_key(place), ConsistentRead=True)
        return _stored(answer["Item"], kind) if "Item" in answer else None

    def listed(self, partition: str, kind: type[T], begins: str = "") -> Sequence[Stored[T]]:
        """Consistently, page by page."""
        condition = "#partition = :partition AND begins_with(#entry, :begins)" if begins else "#partition = :partition"
        names = {"#partition": PARTITION} | ({"#entry": ENTRY} if begins else {})
        values: Any = {":partition": {"S": partition}} | ({":begins": {"S": begins}} if begins else {})
        question = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        return [_stored(item, kind) for item in self._items(partition, question)]

    def _items(self, partition: str, question: dict[str, Any]) -> Iterator[Any]:
        while True:
            with aws_call(f"list {partition}"):
                answer = self.client.query(TableName=self.table_name, ConsistentRead=True, **question)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            question["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def last(self, partition: str, kind: type[T]) -> Stored[T] | None:
        """Consistently."""
        with aws_call(f"read the end of {partition}"):
            answer = self.client.query(
                TableName=self.table_name,
                KeyConditionExpression="#partition = :partition",
                ExpressionAttributeNames={"#partition": PARTITION},
                ExpressionAttributeValues={":partition": {"S": partition}},
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=1,
            )
        return _stored(answer["Items"][0], kind) if answer["Items"] else None

    def write(self, *changes: Put | Delete | Unchanged) -> bool:
        """Transactions have a token: one that boto3 repeats, since its answer was lost, succeeds once more."""
        with aws_call(f"write {', '.join(change.place.partition for change in changes)}"):
            try:
                self.client.transact_write_items(TransactItems=[self._action(change) for change in changes])
            except ClientError as error:
                if _overtaken(error):
                    return False
                raise
        return True

    def _action(self, change: Put | Delete | Unchanged) -> TransactWriteItemTypeDef:
        table: Any = {"TableName": self.table_name}
        match change:
            case Put():
                return {"Put": table | {"Item": _item(change)} | _still(change.over)}
            case Delete():
                return {"Delete": table | {"Key": _key(change.place)} | _still(change.revision)}
            case Unchanged():
                return {"ConditionCheck": table | {"Key": _key(change.place)} | _still(change.revision)}


def _overtaken(error: ClientError) -> bool:
    """Whether a transaction was cancelled by its conditions alone."""
    if not has_code(error, {"TransactionCanceledException"}):
        return False
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons} - {"None", None}
    return codes == {"ConditionalCheckFailed"}


def _still(revision: int | None) -> dict[str, Any]:
    """The condition that an item is as it was read; None where it was not there."""
    if revision is None:
        return {
            "ConditionExpression": "attribute_not_exists(#partition)",
            "ExpressionAttributeNames": {"#partition": PARTITION},
        }
    return {
        "ConditionExpression": "#revision = :revision",
        "ExpressionAttributeNames": {"#revision": REVISION},
        "ExpressionAttributeValues": {":revision": {"N": str(revision)}},
    }


def _key(place: Place) -> dict[str, Any]:
    return {PARTITION: {"S": place.partition}, ENTRY: {"S": place.entry}}


def _item(put: Put) -> dict[str, Any]:
    item: dict[str, Any] = {
        **_key(put.place),
        REVISION: {"N": str(1 if put.over is None else put.over + 1)},
        RECORD: {"S": msgspec.json.encode(put.record).decode()},
    }
    if put.expires:
        item[EXPIRES_AT] = {"N": str(int(put.expires.timestamp()))}
    return item


def _stored(item: Any, kind: type[T]) -> Stored[T]:
    record = msgspec.json.decode(item[RECORD]["S"], type=kind)
    return Stored(Place(item[PARTITION]["S"], item[ENTRY]["S"]), record, int(item[REVISION]["N"]))
