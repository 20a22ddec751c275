"""Messages on their way from the topic to the consumers."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.contract.models import NotificationDraft

_decode = msgspec.json.Decoder(Message).decode


class MalformedMessageError(ValueError):
    """What came is no message of ours; it ends, whole, in the dead-letter queue."""


def compose(notification_id: str, sender: str, draft: NotificationDraft, now: datetime) -> Message:
    """The message of an accepted notification."""
    return Message(
        notification_id=notification_id,
        recipient=draft.recipient or sender,
        sender=sender,
        title=draft.title,
        text=draft.text,
        channels=tuple(dict.fromkeys(draft.channels)),
        sent_at=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def decode(body: str) -> Message:
    """The message in the body of a queue's message. Raises MalformedMessageError."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise MalformedMessageError(
            f"no Message: {error}; the topic's subscriptions have to deliver raw messages"
        ) from error
