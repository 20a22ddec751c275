"""What the mobile backend promises: settings, tables, messages; `routes` and their `models` stand beside.

One API function takes requests. It publishes notifications to a topic, and each consumer has a queue of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from lambdas.common.http.models import Id
from lambdas.common.settings import Settings
from lambdas.mobile_backend.contract.models import Channel, NotificationText, Platform, Title

Positive = Annotated[int, msgspec.Meta(ge=1)]

# --- settings -------------------------------------------------------------------------------------------------------


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken of clients."""

    max_body_bytes: Positive = 16 * 1024
    max_devices: Positive = 20
    """Of one user."""


class PlatformApplications(msgspec.Struct, frozen=True, kw_only=True):
    """SNS platform applications, by ARN; a platform without one cannot be registered for.

    With none at all push is off: devices are kept, and get their endpoints when they register again.
    """

    apns: str | None = None
    fcm: str | None = None

    @property
    def by_platform(self) -> dict[Platform, str]:
        """Those that there are."""
        both = {Platform.APNS: self.apns, Platform.FCM: self.fcm}
        return {platform: arn for platform, arn in both.items() if arn}


@dataclass(frozen=True, kw_only=True)
class ApiSettings(Settings):
    """Environment of the Api function, and of the Graphql function."""

    devices_table_name: str
    audit_table_name: str
    topic_arn: str
    platform_applications: PlatformApplications
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class PushSettings(Settings):
    """Environment of the Push function."""

    devices_table_name: str


@dataclass(frozen=True, kw_only=True)
class DigestSettings(Settings):
    """Environment of the Digest function."""

    devices_table_name: str
    user_pool_id: str
    mail_secret_arn: str
    """Secret of `MailProvider`, as JSON."""


@dataclass(frozen=True, kw_only=True)
class AuditSettings(Settings):
    """Environment of the Audit function."""

    audit_table_name: str


class MailProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the secret holds: how to reach whoever sends our mails. Put into it after the first deployment."""

    url: Annotated[str, msgspec.Meta(pattern=r"\Ahttps?://[!-~]+\Z")]
    """Takes a `Mail` by POST."""
    api_key: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]+\Z")]
    """Sent as bearer token."""
    sender: Annotated[str, msgspec.Meta(min_length=1)]


# --- devices table --------------------------------------------------------------------------------------------------

USER_ID = "user_id"
"""Partition key: subject of the user's token."""
ENTRY = "entry"
"""Sort key: what it is, and its id."""
EXPIRES_AT = "expires_at"
"""Time to live, in Unix seconds."""

DEVICE = "device#"
DEVICES = "devices"
"""Changes with every registration, so that two at once cannot both be the last that is allowed."""
OWNER = "owner"
"""Stands in a partition of its own, `DEVICE` with the device's id: whose device it is."""
NOTIFICATION = "notification#"
"""Requests by their Idempotency-Key."""
MAILED = "mailed#"
"""Notifications that a digest has told of."""

IDEMPOTENCY_HOURS = 24
MAILED_DAYS = 15
"""Longer than any queue here keeps a message."""

# --- audit table ----------------------------------------------------------------------------------------------------

RECIPIENT = "recipient"
"""Partition key of the audit table."""
NOTIFICATION_ID = "notification_id"
"""Sort key of the audit table; ids sort by time."""

# --- messages -------------------------------------------------------------------------------------------------------

CHANNELS_ATTRIBUTE = "channels"
"""Message attribute, a String.Array, that subscriptions filter by."""

NOTIFIERS = "notifiers"
"""Group of the user pool whose members may notify others than themselves."""


class Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A notification on its way; what the topic and every queue carries (raw message delivery)."""

    notification_id: Id
    recipient: str
    sender: str
    title: Title
    text: NotificationText
    channels: tuple[Channel, ...]
    sent_at: str
    """RFC 3339, UTC, milliseconds."""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """What the mail provider gets; sent with an Idempotency-Key."""

    sender: str
    to: str
    subject: str
    text: str


FIELDS_BROKEN = "FieldsBroken"
"""Metric of the Graphql function: fields that were answered 500."""


class Metric(StrEnum):
    """Metrics of the consumers: counts."""

    HANDLED = "MessagesHandled"
    FAILED = "MessagesFailed"
    PUSHED = "PushesSent"
    DEVICES_GONE = "DevicesGone"
    """Forgotten, because their platform no longer knows them."""
    DEVICES_WITHOUT_PUSH = "DevicesWithoutPush"
    """Registered while push was off."""
    MAILED = "MailsSent"
    NO_ADDRESS = "RecipientsWithoutAddress"
    """Users that are gone, or have no verified address."""
