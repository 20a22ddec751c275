"""Signatures in DynamoDB: each an item with a revision, under which it is changed as a whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.common.calls import Patience, aws_call
from lambdas.log_analysis.adapters.table import DAY, Item, absent, entries, equal, key_of, put, transact
from lambdas.log_analysis.contract import (
    DOCUMENT,
    EXPIRES_AT,
    RECOUNTED,
    REVISION,
    SIGNATURES,
    SINCE,
    group_key,
    minute_of,
    minute_text,
    signature_key,
    signatures_partition,
)
from lambdas.log_analysis.domain.signatures import Signature
from lambdas.log_analysis.ports import ConflictError, FullError, Stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_READ = 100
"""Items of a BatchGetItem."""

_decoder = msgspec.json.Decoder(Signature)


@dataclass(frozen=True)
class DynamoSignatures:
    """The `Signatures` in a table."""

    client: DynamoDBClient
    table: str
    signature_days: int
    patience: Patience

    def since(self, log_group: str, minute: int) -> int:
        """The first minute of a log group, which is this one if none is known."""
        item = {**key_of(group_key(log_group)), SINCE: {"S": minute_text(minute)}, SIGNATURES: {"N": "0"}}
        found = self._group(log_group)
        if not found:
            try:
                put(self.client, f"begin with {log_group}", self.table, item, absent())
            except ConflictError:
                item = self._group(log_group)
        return minute_of((found or item)[SINCE]["S"])

    def _group(self, log_group: str) -> dict[str, Any]:
        with aws_call(f"read {log_group}"):
            answer = self.client.get_item(TableName=self.table, Key=key_of(group_key(log_group)), ConsistentRead=True)
        return dict(answer.get("Item", {}))

    def some(self, log_group: str, ids: Collection[str]) -> dict[str, Stored]:
        """Those of the signatures that there are, by id."""
        keys = [key_of(signature_key(log_group, each)) for each in sorted(ids)]
        found: list[Item] = []

        def call(request: Any) -> Any:
            answer = self.client.batch_get_item(RequestItems=request)
            found.extend(answer["Responses"].get(self.table, []))
            return answer.get("UnprocessedKeys")

        for at in range(0, len(keys), MOST_READ):
            request = {self.table: {"Keys": keys[at : at + MOST_READ], "ConsistentRead": True}}
            self.patience.until_done(f"read signatures of {log_group}", request, call)
        return {each.signature.id: each for each in map(stored_of, found)}

    def all(self, log_group: str) -> Sequence[Stored]:
        """All signatures."""
        return [stored_of(each) for each in entries(self.client, self.table, signatures_partition(log_group))]

    def register(self, log_group: str, signature: Signature, members: Sequence[Stored], most: int) -> Stored:
        """Adds a signature, and writes those that are to be counted under it, in one step."""
        writes = [self._one_more(log_group, most), self._put(log_group, Stored(signature, 0), signature)]
        for each in members:
            moved = msgspec.structs.replace(each.signature, same_as=signature.id)
            writes.append(self._put(log_group, each, moved))
        try:
            transact(self.client, f"register a signature of {log_group}", writes)
        except ConflictError as error:
            if error.args[0] == [0]:
                raise FullError(f"{log_group} has {most} signatures") from error
            raise
        return Stored(signature, 1)

    def _one_more(self, log_group: str, most: int) -> dict[str, Any]:
        update = {
            "TableName": self.table,
            "Key": key_of(group_key(log_group)),
            "UpdateExpression": "ADD #signatures :one",
            "ConditionExpression": "#signatures < :most",
            "ExpressionAttributeNames": {"#signatures": SIGNATURES},
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":most": {"N": str(most)}},
        }
        return {"Update": update}

    def recount(self, log_group: str, number: int, day: str) -> bool:
        """Corrects how many signatures there are, once a day; whether it did."""
        found = self._group(log_group)
        if not found or found.get(RECOUNTED, {}).get("S") == day:
            return False
        item = {**found, SIGNATURES: {"N": str(number)}, RECOUNTED: {"S": day}}
        as_read = equal(SIGNATURES, int(found[SIGNATURES]["N"]))
        put(self.client, f"recount the signatures of {log_group}", self.table, item, as_read)
        return True

    def save(self, log_group: str, read: Stored, signature: Signature) -> Stored:
        """Writes a signature if it is as it was read."""
        write = self._put(log_group, read, signature)["Put"]
        item, table = write.pop("Item"), write.pop("TableName")
        put(self.client, f"write a signature of {log_group}", table, item, write)
        return Stored(signature, read.revision + 1)

    def _put(self, log_group: str, read: Stored, signature: Signature) -> dict[str, Any]:
        item = {
            **key_of(signature_key(log_group, signature.id)),
            DOCUMENT: {"S": msgspec.json.encode(signature).decode()},
            REVISION: {"N": str(read.revision + 1)},
            EXPIRES_AT: {"N": str((signature.last_day + 1 + self.signature_days) * DAY)},
        }
        as_read = equal(REVISION, read.revision) if read.revision else absent()
        return {"Put": {"TableName": self.table, "Item": item, **as_read}}


def stored_of(item: Item) -> Stored:
    """A signature of the table."""
    return Stored(_decoder.decode(item[DOCUMENT]["S"]), int(item[REVISION]["N"]))
