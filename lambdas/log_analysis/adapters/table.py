"""Reads and writes of the signatures table that several adapters make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code
from lambdas.common.failures import UnavailableError
from lambdas.log_analysis.contract import ENTRY, PARTITION, Key
from lambdas.log_analysis.ports import ConflictError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]

DAY = 24 * 60 * 60
_CONFLICTS = {"ConditionalCheckFailedException", "TransactionConflictException"}
"""The latter of an item that a transaction is just about to write ("PutItem")."""
_NAMES = {"#partition": PARTITION, "#entry": ENTRY}


def key_of(key: Key) -> dict[str, Any]:
    """A key in low-level form."""
    return {PARTITION: {"S": key[0]}, ENTRY: {"S": key[1]}}


def entries(client: DynamoDBClient, table: str, partition: str, first: str = "", last: str = "~") -> Iterator[Item]:
    """The items of a partition, from one entry to another, by consistent reads."""
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "#partition = :partition AND #entry BETWEEN :first AND :last",
        "ExpressionAttributeNames": _NAMES,
        "ExpressionAttributeValues": {
            ":partition": {"S": partition},
            # DynamoDB takes no empty keys.
            ":first": {"S": first or "\0"},
            ":last": {"S": last},
        },
        "ConsistentRead": True,
    }
    while True:
        with aws_call(f"read {partition}"):
            answer = client.query(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def transact(client: DynamoDBClient, what: str, writes: list[Any]) -> None:
    """Makes writes in one step.

    Raises:
        ConflictError: a condition does not hold, or somebody else writes the same items; ``args`` has its places.
        UnavailableError: the call failed otherwise.
    """
    try:
        client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if has_code(error, {"TransactionCanceledException"}):
            codes = [each.get("Code") for each in error.response.get("CancellationReasons", [])]
            places = [at for at, code in enumerate(codes) if code == "ConditionalCheckFailed"]
            if places or "TransactionConflict" in codes:
                raise ConflictError(places) from error
        raise UnavailableError(f"{what}: {error}") from error
    except BotoCoreError as error:
        raise UnavailableError(f"{what}: {error}") from error


def put(client: DynamoDBClient, what: str, table: str, item: Item, condition: Mapping[str, Any]) -> None:
    """Writes an item under a condition. Raises ConflictError if that does not hold, or somebody else writes it."""
    try:
        with aws_call(what):
            client.put_item(TableName=table, Item=item, **condition)
    except UnavailableError as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and has_code(cause, _CONFLICTS):
            raise ConflictError(what) from error
        raise


def absent() -> dict[str, Any]:
    """The condition that an item is not there."""
    return {
        "ConditionExpression": "attribute_not_exists(#partition)",
        "ExpressionAttributeNames": {"#partition": PARTITION},
    }


def equal(attribute: str, number: int) -> dict[str, Any]:
    """The condition that a number of an item is this."""
    return {
        "ConditionExpression": "#attribute = :attribute",
        "ExpressionAttributeNames": {"#attribute": attribute},
        "ExpressionAttributeValues": {":attribute": {"N": str(number)}},
    }
