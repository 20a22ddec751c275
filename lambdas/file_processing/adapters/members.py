"""Members of archives: notes in the catalog table, and announcements in the arrivals queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from lambdas.common.calls import Patience, aws_call
from lambdas.common.groups import groups
from lambdas.file_processing.adapters.items import key
from lambdas.file_processing.contract.messages import Member, MemberArrival
from lambdas.file_processing.contract.tables import PARTITION, members_partition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_MOST_WRITES = 25
"""Of a BatchWriteItem."""
_MOST_MESSAGES = 10
"""Of a SendMessageBatch, which takes 256 KiB."""
_LARGEST_BATCH = 256 * 1024


@dataclass(frozen=True)
class QueuedMembers:
    """Members of archives."""

    dynamodb: DynamoDBClient
    table_name: str
    sqs: SQSClient
    arrivals_queue_url: str
    patience: Patience

    def record(self, file_id: str, generation: str, members: Sequence[Member]) -> None:
        """Notes members of one generation of an archive in the catalog; again, if need be."""
        partition = members_partition(file_id, generation)
        self._write(
            {"PutRequest": {"Item": {**key(partition, each.file_id), "member": {"S": _text(each)}}}} for each in members
        )

    def recorded(self, file_id: str, generation: str) -> Iterator[Member]:
        """What was recorded of a generation, as creations (a consistent read)."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table_name,
            ConsistentRead=True,
            KeyConditionExpression="#partition = :partition",
            ExpressionAttributeNames={"#partition": PARTITION},
            ExpressionAttributeValues={":partition": {"S": members_partition(file_id, generation)}},
        )
        with aws_call("read members of an archive"):
            for page in pages:
                for item in page["Items"]:
                    yield msgspec.json.decode(item["member"]["S"], type=Member)

    def forget(self, file_id: str, generation: str, members: Sequence[Member]) -> None:
        """Deletes the notes."""
        partition = members_partition(file_id, generation)
        self._write({"DeleteRequest": {"Key": key(partition, each.file_id)}} for each in members)

    def announce(self, members: Sequence[Member]) -> None:
        """Sends members to the arrivals queue, as many to a call as it takes."""
        bodies = (msgspec.json.encode(MemberArrival(each)).decode() for each in members)
        for batch in groups(bodies, lambda each: len(each.encode()), largest=_LARGEST_BATCH, most=_MOST_MESSAGES):
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(batch)]
            self.patience.until_done("announce members of an archive", entries, self._send)

    def _send(self, entries: list[dict[str, str]]) -> list[dict[str, str]]:
        answer = self.sqs.send_message_batch(QueueUrl=self.arrivals_queue_url, Entries=entries)  # type: ignore[arg-type]
        failed = {each["Id"] for each in answer.get("Failed", [])}
        return [each for each in entries if each["Id"] in failed]

    def _write(self, requests: Iterable[dict[str, Any]]) -> None:
        for batch in groups(requests, lambda _: 1, largest=_MOST_WRITES):
            self.patience.until_done("note members of an archive", {self.table_name: batch}, self._batch)

    def _batch(self, requests: dict[str, Any]) -> dict[str, Any]:
        return self.dynamodb.batch_write_item(RequestItems=requests)["UnprocessedItems"]


def _text(member: Member) -> str:
    return msgspec.json.encode(member).decode()
