"""The queues of the lanes and of the index; and messages of the queue that a function reads."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from lambdas.common.calls import aws_call
from lambdas.common.failures import UnavailableError
from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.messages import INDEX_GROUP, Changed, Work

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class SqsLanes:
    """The queues of the lanes, by their URLs."""

    client: SQSClient
    urls: Mapping[Lane, str]

    def look(self, lane: Lane, work: Work) -> None:
        """Asks a lane to look at one generation."""
        with aws_call(f"ask the lane {lane}"):
            self.client.send_message(QueueUrl=self.urls[lane], MessageBody=msgspec.json.encode(work).decode())


@dataclass(frozen=True)
class SqsIndex:
    """The queue of the full-text index."""

    client: SQSClient
    url: str

    def changed(self, file_id: str) -> None:
        """Asks for the index to agree with the catalog about a file.

        Each message is one of its own to SQS: an equal one within five minutes tells of another change, and must not
        be taken for a repetition.
        """
        with aws_call("tell the index"):
            self.client.send_message(
                QueueUrl=self.url,
                MessageBody=msgspec.json.encode(Changed(file_id=file_id)).decode(),
                MessageGroupId=INDEX_GROUP,
                MessageDeduplicationId=uuid.uuid4().hex,
            )


@dataclass(frozen=True)
class SqsMessages:
    """Messages that a queue has handed out."""

    client: SQSClient
    url: str

    def hide(self, receipts: Sequence[str], seconds: int) -> None:
        """Ten at most come again after so many seconds from now, whatever was left of their time."""
        with aws_call("let messages come again sooner"):
            answer = self.client.change_message_visibility_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(at), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
                    for at, receipt in enumerate(receipts)
                ],
            )
        if failed := answer.get("Failed"):
            raise UnavailableError(f"let messages come again sooner: {failed}")
