"""Of which notifications users were told by mail, in the table of devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.common.calls import Patience
from lambdas.mobile_backend.contract import ENTRY, EXPIRES_AT, MAILED, MAILED_DAYS, USER_ID

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_WRITES = 25
"""Items of a BatchWriteItem; a BatchGetItem takes 100, as many as a queue's message batch."""


@dataclass(frozen=True)
class DynamoMailed:
    """The `Mailed` in DynamoDB."""

    client: DynamoDBClient
    table_name: str
    patience: Patience

    def among(self, recipient: str, notification_ids: Sequence[str]) -> set[str]:
        """Those that are there (a consistent read)."""
        found: set[str] = set()

        def call(request: Any) -> Any:
            answer = self.client.batch_get_item(RequestItems=request)
            items = answer["Responses"].get(self.table_name, [])
            found.update(item[ENTRY]["S"].removeprefix(MAILED) for item in items)
            return answer.get("UnprocessedKeys")

        keys = [_key(recipient, each) for each in notification_ids]
        request = {self.table_name: {"Keys": keys, "ConsistentRead": True}}
        self.patience.until_done("read what was mailed", request, call)
        return found

    def remember(self, recipient: str, notification_ids: Sequence[str], now: datetime) -> None:
        """Writes an item of each, which stays for longer than a message can come again."""
        expires = {"N": str(int((now + timedelta(days=MAILED_DAYS)).timestamp()))}
        puts = [{"PutRequest": {"Item": _key(recipient, each) | {EXPIRES_AT: expires}}} for each in notification_ids]
        for at in range(0, len(puts), MAX_WRITES):
            self.patience.until_done("note what was mailed", {self.table_name: puts[at : at + MAX_WRITES]}, self._write)

    def _write(self, request: Any) -> Any:
        return self.client.batch_write_item(RequestItems=request).get("UnprocessedItems")


def _key(recipient: str, notification_id: str) -> dict[str, Any]:
    return {USER_ID: {"S": recipient}, ENTRY: {"S": MAILED + notification_id}}
