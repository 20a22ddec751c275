"""The queue of files to be loaded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from lambdas.common.calls import Patience
from lambdas.table_etl.contract import Task

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH = 10
"""Messages of a SendMessageBatch. Its 1 MiB are never reached: a key has 1,024 bytes, 6 KB when all are escaped."""


@dataclass(frozen=True)
class SqsTasks:
    """The `Tasks` in SQS."""

    client: SQSClient
    queue_url: str
    patience: Patience

    def send(self, tasks: Sequence[Task]) -> None:
        """Sends ten at a time, and again what SQS did not take."""
        for at in range(0, len(tasks), _BATCH):
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(number), "MessageBody": _body(task)} for number, task in enumerate(tasks[at : at + _BATCH])
            ]
            self.patience.until_done("send tasks", entries, self._send)

    def _send(self, entries: list[SendMessageBatchRequestEntryTypeDef]) -> list[SendMessageBatchRequestEntryTypeDef]:
        answer = self.client.send_message_batch(QueueUrl=self.queue_url, Entries=entries)
        failed = {each["Id"] for each in answer.get("Failed", [])}
        return [each for each in entries if each["Id"] in failed]


def _body(task: Task) -> str:
    """ASCII: SQS refuses some characters that keys may have."""
    return json.dumps(msgspec.to_builtins(task))
