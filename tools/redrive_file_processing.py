"""``redrive`` of a file processing stack: messages that were given up go back to the queues that they came from.

A message asks a function to look at a file, and what it does then depends on the catalog alone: it may come late, or
twice, and a run can be killed and repeated. Events of MediaConvert, which came through no queue, go to the Finish
function, which looks as well. Rejected files are no failures: upload them again.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from lambdas.file_processing.contract.messages import INDEX_GROUP
from tools import functions
from tools.failed import FailedWork, Summary, invoked_again
from tools.file_processing import FileProcessing
from tools.functions import FunctionFailedError
from tools.letters import Letter
from tools.pace import Pace
from tools.redrive import Wanted

FILE_FAILED = "file_failed"
"""Reason of files that a function did not get done with."""
INDEX_FAILED = "index_failed"
"""Reason of changes that did not get into the full-text index."""


@dataclass
class RedriveFileProcessing:
    """One run."""

    processing: FileProcessing
    wanted: Wanted
    dry_run: bool = False
    """Of the index's failures it finds ten at the most: a FIFO queue shows no more of a group at a time."""
    pace: Pace | None = None
    """Of messages."""
    summary: Summary = field(default_factory=Summary)
    _urls: dict[str, str] = field(default_factory=dict)
    """Of queues, by their ARNs."""

    def run(self) -> Summary:
        """Redrives, and says what became of what. Raises what boto3 raises: run it again; what is done is done."""
        failed = FailedWork(self.processing.sqs, self.wanted, self.summary, self.dry_run)
        failed.handle(self.processing.failure_queue, FILE_FAILED, self._file)
        failed.handle(self.processing.index_failure_queue, INDEX_FAILED, self._index)
        return self.summary

    def _file(self, letter: Letter) -> str | None:
        return self._send(letter) if letter.source else self._finish(letter)

    def _index(self, letter: Letter) -> str | None:
        # An equal message within five minutes would be taken for a repetition.
        return self._send(letter, MessageGroupId=INDEX_GROUP, MessageDeduplicationId=uuid.uuid4().hex)

    def _send(self, letter: Letter, **fifo: Any) -> str | None:
        """Back to the queue that gave the message up."""
        if letter.source is None:
            return f"Message {letter.id} does not tell which queue gave it up. Delete it, or handle it by hand."
        self._take()
        self.processing.sqs.send_message(QueueUrl=self._url(letter.source), MessageBody=letter.body, **fifo)
        return None

    def _finish(self, letter: Letter) -> str | None:
        """What Lambda gave up is in a record; what EventBridge could not deliver is the event itself."""
        function, queue = self.processing.finish_function, self.processing.failure_queue
        if function is None:
            return f"Message {letter.id} in {queue} came through no queue. Delete it, or handle it by hand."
        self._take()
        if not _is_event(letter.body):
            return invoked_again(self.processing.functions, function, queue)(letter)
        try:
            functions.invoke(self.processing.functions, function, letter.body.encode())
        except FunctionFailedError as error:
            return f"Message {letter.id} in {queue}: {error}. Its log has more; put it right and run this again."
        return None

    def _take(self) -> None:
        if self.pace:
            self.pace.take(1)

    def _url(self, arn: str) -> str:
        if arn not in self._urls:
            *_, account, name = arn.split(":")
            answer = self.processing.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
            self._urls[arn] = answer["QueueUrl"]
        return self._urls[arn]


def _is_event(body: str) -> bool:
    try:
        message: Any = json.loads(body)
    except ValueError:
        return False
    return isinstance(message, dict) and "detail-type" in message
