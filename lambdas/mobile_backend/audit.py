"""Lambda function behind the audit queue: every notification is written down, once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from lambdas.common.observability import InvocationContext, Observability
from lambdas.mobile_backend.adapters.audit import DynamoAuditTrail
from lambdas.mobile_backend.contract import AuditSettings
from lambdas.mobile_backend.runtime.consuming import consume


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    trail: DynamoAuditTrail


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = AuditSettings.from_env(os.environ)
    return Runtime(Observability(settings), DynamoAuditTrail(boto3.client("dynamodb"), settings.audit_table_name))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Records each notification of a batch; the answer names the messages that are to come again."""
    observability, trail = runtime().observability, runtime().trail
    with observability.invocation(context):
        return consume(
            event, observability, lambda messages: trail.record(messages[0]), by=lambda message: message.notification_id
        )
