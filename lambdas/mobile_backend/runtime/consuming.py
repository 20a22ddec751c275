"""What the consumers have in common: each message is handled by itself, and those that failed are named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lambdas.common.failures import UnavailableError
from lambdas.common.observability import Observability
from lambdas.mobile_backend.contract import Message, Metric
from lambdas.mobile_backend.domain.messages import MalformedMessageError, decode

Handle = Callable[[Sequence[Message]], None]
Delivered = tuple[str, Message]
"""A message, and what SQS calls it."""


def consume(
    event: Mapping[str, Any], observability: Observability, handle: Handle, *, by: Callable[[Message], str]
) -> dict[str, Any]:
    """Handles a batch of a queue, in groups of messages that have the same ``by``.

    The answer names what failed: SQS delivers it again, and in the end, whole, to the dead-letter queue.
    """
    groups: dict[str, list[Delivered]] = defaultdict(list)
    failed: list[str] = []
    for record in event["Records"]:
        try:
            message = decode(record["body"])
        except MalformedMessageError as error:
            observability.logger.warning("malformed", extra={"message_id": record["messageId"], "reason": str(error)})
            failed.append(record["messageId"])
        else:
            groups[by(message)].append((record["messageId"], message))
    for group in groups.values():
        failed += _failed(observability, handle, group)
    observability.count(Metric.HANDLED, len(event["Records"]) - len(failed))
    observability.count(Metric.FAILED, len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _failed(observability: Observability, handle: Handle, group: Sequence[Delivered]) -> list[str]:
    """Which of a group failed. If it cannot be handled, each message is tried alone: the others are not to blame."""
    message_ids = [message_id for message_id, _ in group]
    facts = {"message_ids": message_ids, "notification_ids": [message.notification_id for _, message in group]}
    try:
        handle([message for _, message in group])
    except UnavailableError as error:
        observability.logger.warning("retry", extra={**facts, "reason": str(error)})
        return message_ids
    except Exception:  # whatever it is, it must not keep the others of the batch from being handled
        observability.logger.exception("failed", extra=facts)
        if len(group) == 1:
            return message_ids
        return [message_id for each in group for message_id in _failed(observability, handle, [each])]
    return []
