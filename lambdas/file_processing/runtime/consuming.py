"""What all consumers of queues have in common: messages that failed are named, and come again soon."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lambdas.common.failures import UnavailableError
from lambdas.common.observability import InvocationContext, Observability
from lambdas.file_processing.adapters.queues import SqsMessages
from lambdas.file_processing.contract import Metric, QueueSettings
from lambdas.file_processing.domain.retries import wait
from lambdas.file_processing.ports import Messages
from lambdas.file_processing.runtime.clients import clients

Record = Mapping[str, Any]
"""One message, as Lambda hands it to a function."""


@dataclass(frozen=True)
class Consumer:
    """Reads a queue for a function.

    The answers name what failed: SQS delivers it again, and in the end, whole, to the dead-letter queue. By itself the
    queue would hide it for as long as any invocation could be at work on it, many times longer than failures last.
    """

    observability: Observability
    messages: Messages
    longest_wait_seconds: int
    chance: Callable[[], float] = random.random

    def each(
        self, event: Mapping[str, Any], context: InvocationContext, handle: Callable[[str], None]
    ) -> dict[str, Any]:
        """Hands the body of each message of a batch to ``handle``, which raises if that message alone has failed."""
        with self.observability.invocation(context):
            failed: list[Record] = []
            for record in event["Records"]:
                with self._caught([record], failed):
                    handle(record["body"])
            for record in failed:
                self._come_again([record])
            return self._answer(failed)

    def together(
        self,
        event: Mapping[str, Any],
        context: InvocationContext,
        handle: Callable[[Sequence[Record]], Sequence[Record]],
    ) -> dict[str, Any]:
        """Hands all messages of a batch to ``handle``, which gives back those that it could not read.

        If it raises, all have failed, and all wait equally long: a group of a FIFO queue is held up until none of its
        messages is hidden any more.
        """
        with self.observability.invocation(context):
            failed: list[Record] = []
            with self._caught(event["Records"], failed):
                failed += handle(event["Records"])
            if failed:
                self._come_again(failed)
            return self._answer(failed)

    @contextmanager
    def _caught(self, records: Sequence[Record], failed: list[Record]) -> Iterator[None]:
        """Adds these messages to those that failed if anything is raised; kills and timeouts raise nothing."""
        bodies = [record["body"] for record in records]
        try:
            yield
        except UnavailableError as error:
            self.observability.logger.warning("retry", extra={"bodies": bodies, "reason": str(error)})
            failed += records
        except Exception:  # whatever it is, it must not keep the others of the batch from being handled
            self.observability.logger.exception("failed", extra={"bodies": bodies})
            failed += records

    def _come_again(self, records: Sequence[Record]) -> None:
        """After one wait, that of the message which has been tried most often."""
        attempt = max(int(record["attributes"]["ApproximateReceiveCount"]) for record in records)
        seconds = wait(attempt, self.longest_wait_seconds, self.chance())
        try:
            self.messages.hide([record["receiptHandle"] for record in records], seconds)
        except UnavailableError as error:
            self.observability.logger.warning("the queue's own time holds", extra={"reason": str(error)})

    def _answer(self, failed: Sequence[Record]) -> dict[str, Any]:
        self.observability.count(Metric.RETRIED, len(failed))
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def consumer(settings: QueueSettings) -> Consumer:
    """Wires what reads the function's queue."""
    messages = SqsMessages(clients().sqs, settings.queue_url)
    return Consumer(Observability(settings), messages, settings.longest_wait_seconds)
