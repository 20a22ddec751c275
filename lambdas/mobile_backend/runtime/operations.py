"""The operations that two functions answer, wired to AWS."""

from __future__ import annotations

from datetime import UTC, datetime

from lambdas.common import clients
from lambdas.common.http.api import Api, bind
from lambdas.mobile_backend.adapters.audit import DynamoAuditTrail
from lambdas.mobile_backend.adapters.devices import DynamoDevices
from lambdas.mobile_backend.adapters.requests import DynamoRequests
from lambdas.mobile_backend.adapters.sns import SnsEndpoints, SnsTopic
from lambdas.mobile_backend.contract import ApiSettings, Limits
from lambdas.mobile_backend.contract.routes import (
    FORGET_DEVICE,
    LIST_DEVICES,
    LIST_NOTIFICATIONS,
    NOTIFY,
    REGISTER_DEVICE,
)
from lambdas.mobile_backend.workflow.backend import Backend


def operations(backend: Backend, limits: Limits) -> Api:
    """Every operation of the mobile backend."""
    bound = [
        bind(LIST_DEVICES, backend.list_devices),
        bind(REGISTER_DEVICE, backend.register_device),
        bind(FORGET_DEVICE, backend.forget_device),
        bind(NOTIFY, backend.notify),
        bind(LIST_NOTIFICATIONS, backend.list_notifications),
    ]
    return Api(bound, max_body_bytes=limits.max_body_bytes)


def on_aws(settings: ApiSettings) -> Api:
    """As a function answers them."""
    dynamodb, sns = (clients.client(each, clients.QUICK) for each in ("dynamodb", "sns"))
    backend = Backend(
        devices=DynamoDevices(dynamodb, settings.devices_table_name),
        endpoints=SnsEndpoints(sns),
        requests=DynamoRequests(dynamodb, settings.devices_table_name),
        topic=SnsTopic(sns, settings.topic_arn),
        audit=DynamoAuditTrail(dynamodb, settings.audit_table_name),
        applications=settings.platform_applications.by_platform,
        max_devices=settings.limits.max_devices,
        now=lambda: datetime.now(UTC),
    )
    return operations(backend, settings.limits)
