"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from lambdas.common.http.exchange import IdempotencyKey
from lambdas.mobile_backend.contract import Message
from lambdas.mobile_backend.domain.devices import Registered
from lambdas.mobile_backend.domain.mails import Letter


class TooManyDevicesError(Exception):
    """A user has as many devices as are allowed."""


class TokenRefusedError(Exception):
    """The platform takes no such token; says why."""


class KeyReusedError(Exception):
    """An Idempotency-Key came before, with another body."""


class DeviceGoneError(Exception):
    """The platform no longer delivers to this device."""


class MailRefusedError(Exception):
    """The mail provider will never take this mail; says why."""


class Devices(Protocol):
    """Whose devices there are; each belongs to one user at a time."""

    def of(self, user_id: str) -> Sequence[Registered]:
        """A user's devices, sorted by id."""

    def register(self, user_id: str, device: Registered, most: int) -> None:
        """Makes a device the user's, whoever had it before. Raises TooManyDevicesError beyond ``most``."""

    def forget(self, user_id: str, device_id: str, registered_at: datetime | None = None) -> bool:
        """Removes a user's device, if it is there, and was registered then; tells whether it did."""


class Endpoints(Protocol):
    """Addresses of devices at their platform."""

    def create(self, application: str, token: str) -> str:
        """The endpoint of a token, ready for messages, whether it was there or not. Raises TokenRefusedError."""


class Requests(Protocol):
    """What was sent with an Idempotency-Key."""

    def first(self, user_id: str, key: IdempotencyKey, message: Message, now: datetime) -> Message:
        """Keeps the message, unless the key came before: then the message of that time. Raises KeyReusedError."""


class Topic(Protocol):
    """Where notifications fan out to their consumers."""

    def publish(self, message: Message) -> None:
        """Publishes a message; more than once is no harm."""


class AuditTrail(Protocol):
    """Every notification that was ever accepted."""

    def record(self, message: Message) -> None:
        """Writes a notification down, unless it is there."""

    def newest(self, recipient: str, limit: int) -> Sequence[Message]:
        """What a user was told, newest first."""


class PushSender(Protocol):
    """Who shows banners on devices."""

    def send(self, device: Registered, message: Message) -> None:
        """Sends to a device that has an endpoint. Raises DeviceGoneError."""


class Directory(Protocol):
    """Who users are."""

    def address(self, user_id: str) -> str | None:
        """Verified e-mail address of a user; None if there is no such user or address."""


class Mailed(Protocol):
    """Of which notifications users were told by mail."""

    def among(self, recipient: str, notification_ids: Sequence[str]) -> set[str]:
        """Those of these, at most 100, of which the user was told."""

    def remember(self, recipient: str, notification_ids: Sequence[str], now: datetime) -> None:
        """Notes that the user was told of these."""


class Mailer(Protocol):
    """Who sends mails."""

    def send(self, to: str, letter: Letter, key: str) -> None:
        """Sends a letter; a provider that knows the key already sends nothing. Raises MailRefusedError."""
