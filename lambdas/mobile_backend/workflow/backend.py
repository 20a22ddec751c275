"""What the API does: devices come and go, notifications are accepted and listed.

A notification that comes with an Idempotency-Key is kept under it before it is published. A request that was cut off
anywhere can so be sent again: it publishes the same message, and consumers act once on each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import msgspec

from lambdas.common.http.exchange import Answer, Call, answer, groups_of
from lambdas.common.http.problems import ProblemError, invalid
from lambdas.common.http.routes import Nothing
from lambdas.common.ids import new_id
from lambdas.mobile_backend.contract import NOTIFIERS, Message
from lambdas.mobile_backend.contract.models import (
    Accepted,
    Device,
    DeviceDraft,
    DeviceList,
    DevicePath,
    Notification,
    NotificationDraft,
    NotificationList,
    NotificationsQuery,
    Platform,
)
from lambdas.mobile_backend.domain.devices import Registered, device_id
from lambdas.mobile_backend.domain.messages import compose
from lambdas.mobile_backend.ports import (
    AuditTrail,
    Devices,
    Endpoints,
    KeyReusedError,
    Requests,
    TokenRefusedError,
    TooManyDevicesError,
    Topic,
)


@dataclass(frozen=True)
class Backend:
    """The operations over their ports; without any of the platforms' ``applications`` push is off."""

    devices: Devices
    endpoints: Endpoints
    requests: Requests
    topic: Topic
    audit: AuditTrail
    applications: Mapping[Platform, str]
    max_devices: int
    now: Callable[[], datetime]

    def list_devices(self, call: Call[Nothing, Nothing, Nothing]) -> Answer:
        """The caller's devices."""
        return answer(200, DeviceList(devices=tuple(_shown(each) for each in self.devices.of(call.user_id))))

    def register_device(self, call: Call[Nothing, Nothing, DeviceDraft]) -> Answer:
        """Makes a device the caller's, whoever had it before, and has messages delivered to it again."""
        draft = call.body
        device = Registered(device_id(draft.platform, draft.token), draft.platform, self._endpoint(draft), self.now())
        try:
            self.devices.register(call.user_id, device, self.max_devices)
        except TooManyDevicesError as error:
            raise ProblemError(
                HTTPStatus.CONFLICT, f"a user has up to {self.max_devices} devices: forget one of yours first"
            ) from error
        return answer(201, _shown(device))

    def _endpoint(self, draft: DeviceDraft) -> str | None:
        if not self.applications:
            return None
        application = self.applications.get(draft.platform)
        if application is None:
            known = ", ".join(self.applications)
            raise invalid("#/platform", f"devices of {draft.platform} are not served here, but those of {known}")
        try:
            return self.endpoints.create(application, draft.token)
        except TokenRefusedError as error:
            raise invalid("#/token", str(error)) from error

    def forget_device(self, call: Call[DevicePath, Nothing, Nothing]) -> Answer:
        """Removes one of the caller's devices."""
        if not self.devices.forget(call.user_id, call.parameters.device_id):
            raise ProblemError(HTTPStatus.NOT_FOUND, "you have no such device")
        return Answer(204)

    def notify(self, call: Call[Nothing, Nothing, NotificationDraft]) -> Answer:
        """Publishes a notification."""
        recipient = call.body.recipient
        if recipient not in {None, call.user_id} and NOTIFIERS not in groups_of(call.claims):
            raise ProblemError(HTTPStatus.FORBIDDEN, f"only members of the group {NOTIFIERS} may notify others")
        message = self._message(call)
        self.topic.publish(message)
        return answer(202, Accepted(notification_id=message.notification_id))

    def _message(self, call: Call[Nothing, Nothing, NotificationDraft]) -> Message:
        now = self.now()
        message = compose(new_id(now), call.user_id, call.body, now)
        if call.idempotency is None:
            return message
        try:
            return self.requests.first(call.user_id, call.idempotency, message, now)
        except KeyReusedError as error:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "this Idempotency-Key came with another body before: send the same body, or another key",
            ) from error

    def list_notifications(self, call: Call[Nothing, NotificationsQuery, Nothing]) -> Answer:
        """What the caller was told."""
        found = self.audit.newest(call.user_id, call.query.limit)
        return answer(200, NotificationList(notifications=tuple(_told(each) for each in found)))


def _shown(device: Registered) -> Device:
    return Device(device_id=device.device_id, platform=device.platform, registered_at=device.registered_at)


def _told(message: Message) -> Notification:
    return Notification(
        notification_id=message.notification_id,
        sender=message.sender,
        title=message.title,
        text=message.text,
        channels=message.channels,
        sent_at=msgspec.convert(message.sent_at, datetime),
    )
