"""Lambda function behind the rule for telemetry: takes one message of a device."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3

from lambdas.common.ids import new_token
from lambdas.common.observability import InvocationContext, Observability
from lambdas.common.producer import Producer
from lambdas.iot_backend.adapters.alerts import SnsAlerts
from lambdas.iot_backend.adapters.analytics import KinesisAnalytics
from lambdas.iot_backend.adapters.quarantine import S3Quarantine
from lambdas.iot_backend.adapters.states import DynamoStates
from lambdas.iot_backend.contract import Metric, TelemetrySettings
from lambdas.iot_backend.contract.messages import Envelope
from lambdas.iot_backend.domain.envelopes import opened
from lambdas.iot_backend.workflow.measuring import Measuring, Outcome, Taken


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    measuring: Measuring


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = TelemetrySettings.from_env(os.environ)
    return Runtime(
        Observability(settings),
        Measuring(
            states=DynamoStates(boto3.client("dynamodb"), settings.device_table_name),
            quarantine=S3Quarantine(boto3.client("s3"), settings.quarantine_bucket_name),
            analytics=_analytics(settings.analytics_stream_name),
            alerts=SnsAlerts(boto3.client("sns"), settings.alerts_topic_arn),
            thresholds=settings.thresholds,
            limits=settings.limits,
            lease_seconds=settings.lease_seconds,
            now=lambda: datetime.now(UTC),
            new_token=new_token,
        ),
    )


def _analytics(stream_name: str | None) -> KinesisAnalytics | None:
    return KinesisAnalytics(Producer(boto3.client("kinesis"), stream_name)) if stream_name else None


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, str | None]:
    """Takes a message. What it raises Lambda tries again, and delivers to the failure queue in the end.

    Whoever redrives a message waits for the answer: where it was put if it was rejected, and the reason.
    """
    observability = runtime().observability
    with observability.invocation(context):
        observability.count(Metric.MESSAGES)
        envelope = opened(event)
        outcome = runtime().measuring.take(envelope)
        _tell(observability, envelope, outcome)
        return {"quarantined": outcome.quarantined, "reason": outcome.rejected.code if outcome.rejected else None}


def _tell(observability: Observability, envelope: Envelope, outcome: Outcome) -> None:
    observability.count(Metric.ACCEPTED, outcome.taken is not Taken.REJECTED)
    observability.count(Metric.LATE, outcome.taken is Taken.LATE)
    observability.count(Metric.REJECTED, outcome.taken is Taken.REJECTED)
    observability.count(Metric.FORWARDED, outcome.forwarded)
    observability.count(Metric.ALERTS, len(outcome.alerts))
    facts = {"device_id": envelope.device_id, "trace_id": envelope.trace_id}
    if outcome.rejected:
        why = {"reason": outcome.rejected.code, "quarantined": outcome.quarantined}
        observability.logger.warning("rejected", extra={**facts, **why, "detail": outcome.rejected.message})
    for alert in outcome.alerts:
        crossed = {"reading": alert.reading, "value": alert.value, "raised": alert.raised}
        observability.logger.info("alert", extra={**facts, **crossed})
