"""Lambda function behind the push queue: every notification becomes banners on the recipient's devices."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from lambdas.common.observability import InvocationContext, Observability
from lambdas.mobile_backend.adapters.devices import DynamoDevices
from lambdas.mobile_backend.adapters.sns import SnsPush
from lambdas.mobile_backend.contract import Message, Metric, PushSettings
from lambdas.mobile_backend.runtime.consuming import consume
from lambdas.mobile_backend.workflow.pushing import Pusher


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    pusher: Pusher


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = PushSettings.from_env(os.environ)
    devices = DynamoDevices(boto3.client("dynamodb"), settings.devices_table_name)
    return Runtime(Observability(settings), Pusher(devices, SnsPush(boto3.client("sns"))))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Pushes each notification of a batch; the answer names the messages that are to come again."""
    observability = runtime().observability
    with observability.invocation(context):
        return consume(event, observability, _push, by=lambda message: message.notification_id)


def _push(messages: Sequence[Message]) -> None:
    """Pushes one notification, however many times it came."""
    observability, pusher = runtime().observability, runtime().pusher
    outcome = pusher.push(messages[0])
    observability.count(Metric.PUSHED, outcome.sent)
    observability.count(Metric.DEVICES_GONE, outcome.gone)
    observability.count(Metric.DEVICES_WITHOUT_PUSH, outcome.without_push)
    if outcome.error:
        raise outcome.error
