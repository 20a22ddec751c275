"""Every route of the mobile backend."""

from __future__ import annotations

from lambdas.common.http.routes import AnyRoute, Route
from lambdas.mobile_backend.contract.models import (
    Accepted,
    Device,
    DeviceDraft,
    DeviceList,
    DevicePath,
    NotificationDraft,
    NotificationList,
    NotificationsQuery,
)

LIST_DEVICES = Route(method="GET", path="/devices", operation="list_devices", summary="Your devices", answer=DeviceList)
REGISTER_DEVICE = Route(
    method="POST",
    path="/devices",
    operation="register_device",
    summary="Register a device; again and again is as good as once",
    body=DeviceDraft,
    status=201,
    answer=Device,
    problems=(409, 422),
)
FORGET_DEVICE = Route(
    method="DELETE",
    path="/devices/{device_id}",
    operation="forget_device",
    summary="Forget a device",
    parameters=DevicePath,
    status=204,
    problems=(404,),
)
NOTIFY = Route(
    method="POST",
    path="/notifications",
    operation="notify",
    summary="Notify a user on their devices and by e-mail",
    body=NotificationDraft,
    status=202,
    answer=Accepted,
    idempotent=True,
    problems=(403,),
)
LIST_NOTIFICATIONS = Route(
    method="GET",
    path="/notifications",
    operation="list_notifications",
    summary="What you were told",
    query=NotificationsQuery,
    answer=NotificationList,
)

ROUTES: tuple[AnyRoute, ...] = (LIST_DEVICES, REGISTER_DEVICE, FORGET_DEVICE, NOTIFY, LIST_NOTIFICATIONS)
