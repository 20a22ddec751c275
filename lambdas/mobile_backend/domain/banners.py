"""What devices show, as their platforms take it, in at most 4 KB.

Shapes: "Generating a remote notification" (Apple), "Message" in the FCM v1 reference (Google), "Using Google Firebase
Cloud Messaging v1 payloads" in the Amazon SNS Developer Guide.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import msgspec

from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.contract.models import Platform

MAX_TITLE_BYTES, MAX_TEXT_BYTES = 602, 3_000
"""As JSON; both platforms take 4,096 bytes in all. The whole text stands in the audit trail."""

_encode = msgspec.json.Encoder().encode


def payload(platform: Platform, message: Message) -> str:
    """The JSON message of SNS that says what a device of this platform shows.

    A platform replaces a banner by another with the same id, so that a message that comes twice is seen once.
    """
    texts = {
        "title": shortened(message.title, MAX_TITLE_BYTES),
        "body": shortened(message.text, MAX_TEXT_BYTES),
    }
    own = _fcm(message, texts) if platform is Platform.FCM else _apns(message, texts)
    return _encode({"default": texts["title"]} | own).decode()


def _apns(message: Message, texts: dict[str, str]) -> dict[str, str]:
    text = _encode({"aps": {"alert": texts}, "notification_id": message.notification_id}).decode()
    # SNS takes what fits the platform application; which of the two it is, only its ARN tells.
    return {"APNS": text, "APNS_SANDBOX": text}


def _fcm(message: Message, texts: dict[str, str]) -> dict[str, str]:
    """The tag replaces a banner that is shown; the key one that waits for the device, and FCM keeps at most four."""
    body: dict[str, Any] = {
        "notification": texts,
        "data": {"notification_id": message.notification_id},
        "android": {"collapse_key": message.notification_id, "notification": {"tag": message.notification_id}},
    }
    return {"GCM": _encode({"fcmV1Message": {"message": body}}).decode()}


def shortened(text: str, most: int) -> str:
    """As much of a text as has up to ``most`` bytes in JSON; an ellipsis says that it was cut."""
    if len(_encode(text)) <= most:
        return text
    quotes = 2
    sizes = accumulate(len(_encode(character)) - quotes for character in text)
    room = most - len(_encode("…"))
    return text[: sum(size <= room for size in sizes)] + "…"
