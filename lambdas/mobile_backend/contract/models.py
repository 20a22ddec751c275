"""Models of requests and answers. Times are RFC 3339 in UTC."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from lambdas.common.http.models import Id, Model, Moment

DeviceId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
"""Digest of platform and token: the same device always gets the same one."""
Title = Annotated[str, Meta(min_length=1, max_length=100)]
NotificationText = Annotated[str, Meta(min_length=1, max_length=1_000)]


class Platform(StrEnum):
    """Who delivers to a device."""

    APNS = "apns"
    FCM = "fcm"


class DeviceDraft(Model, frozen=True):
    """A device that asks to be told."""

    platform: Platform
    token: Annotated[str, Meta(min_length=8, max_length=400, pattern=r"\A[\x21-\x7e]+\Z")]
    """As the platform gave it to the app."""


class Device(Model, frozen=True):
    """A device that is told."""

    device_id: DeviceId
    platform: Platform
    registered_at: Moment


class DeviceList(Model, frozen=True):
    """All devices of a user."""

    devices: tuple[Device, ...]


class DevicePath(Model, frozen=True):
    """Of one device."""

    device_id: DeviceId


class Channel(StrEnum):
    """A way to tell somebody."""

    PUSH = "push"
    EMAIL = "email"


class NotificationDraft(Model, frozen=True):
    """What somebody is to be told."""

    title: Title
    text: NotificationText
    channels: Annotated[tuple[Channel, ...], Meta(min_length=1, max_length=2)] = (Channel.PUSH, Channel.EMAIL)
    recipient: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9-]{1,64}\Z")] | None = None
    """User id; yourself if left out. Only members of the group ``notifiers`` may name somebody else."""


class Accepted(Model, frozen=True):
    """A notification on its way."""

    notification_id: Id


class Notification(Model, frozen=True):
    """A notification in the audit trail."""

    notification_id: Id
    sender: str
    title: Title
    text: NotificationText
    channels: tuple[Channel, ...]
    sent_at: Moment


class NotificationsQuery(Model, frozen=True):
    """How many notifications."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25


class NotificationList(Model, frozen=True):
    """What a user was told, newest first; what was sent a second ago may be missing."""

    notifications: tuple[Notification, ...]
