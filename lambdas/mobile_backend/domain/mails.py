"""Mails that tell of notifications."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.mobile_backend.contract import Message


@dataclass(frozen=True)
class Letter:
    """A mail, but for sender and address."""

    subject: str
    text: str


def letter(messages: Sequence[Message]) -> Letter:
    """Tells of notifications in the order in which they were sent."""
    listed = sorted(messages, key=lambda message: message.notification_id)
    subject = _one_line(listed[0].title) if len(listed) == 1 else f"{len(listed)} notifications"
    return Letter(subject, "\n\n\n".join(f"{each.title}\n\n{each.text}\n\n{each.sent_at}" for each in listed))


def letter_key(messages: Sequence[Message]) -> str:
    """The same for the same notifications in whatever order."""
    ids = sorted(message.notification_id for message in messages)
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()


def _one_line(title: str) -> str:
    """A line break in a subject would begin another header."""
    line = "".join(character if character.isprintable() else " " for character in title)
    return " ".join(line.split()) or "A notification"
