"""What tests of the mobile backend send and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import msgspec

from lambdas.common.ids import new_id
from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.contract.models import Channel
from tests.events import sqs as events

ALICE = "1d9a4b2e-7f0c-4c57-9b44-0f3c6a2b8e11"
BOB = "9c1b0f3e-2f7a-4a55-8d31-5f0e8c7d6b22"
NOW = datetime(2026, 11, 25, 12, 0, 0, 123_000, UTC)
APNS_TOKEN = "a1" * 32


@dataclass(frozen=True)
class Reply:
    """An answer of the API."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @classmethod
    def of(cls, response: Mapping[str, Any]) -> Self:
        """The answer in what the function returns."""
        body = response["body"]
        return cls(response["statusCode"], response["headers"], json.loads(body) if body else None)


def message(title: str = "Hello", *, recipient: str = ALICE, **fields: Any) -> Message:
    """A notification on its way, the first of its kind."""
    values: dict[str, Any] = {
        "notification_id": new_id(NOW),
        "recipient": recipient,
        "sender": recipient,
        "title": title,
        "text": f"About {title}",
        "channels": tuple(Channel),
        "sent_at": "2026-11-25T12:00:00.123Z",
    }
    return Message(**values | fields)


def batch(*messages: Message | str) -> dict[str, Any]:
    """The event that messages, or texts that are none, are delivered in; ids are their positions."""
    bodies = [each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in messages]
    return events.event(*(events.message(body) | {"messageId": str(at)} for at, body in enumerate(bodies)))


def failed(answer: Mapping[str, Any]) -> list[int]:
    """Which messages of a `batch` a consumer reports as failed."""
    return sorted(int(each["itemIdentifier"]) for each in answer["batchItemFailures"])
