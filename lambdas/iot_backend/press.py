"""Lambda function behind the rule for presses: a button drives the release controller."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import boto3

from lambdas.common.observability import InvocationContext, Observability
from lambdas.iot_backend.adapters.buttons import DynamoEnrolments, IotReports
from lambdas.iot_backend.adapters.quarantine import S3Quarantine
from lambdas.iot_backend.contract import Metric, PressSettings
from lambdas.iot_backend.contract.releases import Outcome
from lambdas.iot_backend.domain.envelopes import opened
from lambdas.iot_backend.runtime.controlling import controller, now
from lambdas.iot_backend.workflow.pressing import Buttons


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    buttons: Buttons


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = PressSettings.from_env(os.environ)
    observability = Observability(settings)
    buttons = Buttons(
        enrolments=DynamoEnrolments(boto3.client("dynamodb"), settings.device_table_name),
        controller=controller(settings.releases, settings.advance_function_arn, boto3.client, observability),
        reports=IotReports(boto3.client("iot-data")),
        quarantine=S3Quarantine(boto3.client("s3"), settings.quarantine_bucket_name),
        max_age=timedelta(seconds=settings.max_age_seconds),
        now=now,
    )
    return Runtime(observability, buttons)


def handler(event: Mapping[str, Any], context: InvocationContext) -> None:
    """Takes a press. What it raises Lambda tries again, and delivers to the failure queue in the end."""
    observability = runtime().observability
    with observability.invocation(context):
        envelope = opened(event)
        decision = runtime().buttons.pressed(envelope)
        observability.count(Metric.PRESSES)
        observability.count(Metric.PRESSES_REFUSED, decision.outcome is Outcome.REFUSED)
        facts = {"device_id": envelope.device_id, "trace_id": envelope.trace_id, "decision_id": decision.decision_id}
        observability.logger.info("pressed", extra=facts)
