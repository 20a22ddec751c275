"""Lambda function behind subscription filters: groups the errors of log groups, counts them, and tells of changes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import cache

import boto3
from botocore.config import Config

from lambdas.common.calls import Patience
from lambdas.common.encoding import encode_writes
from lambdas.common.observability import InvocationContext, Observability
from lambdas.common.side_by_side import side_by_side
from lambdas.log_analysis.adapters.counters import DynamoCounters
from lambdas.log_analysis.adapters.signatures import DynamoSignatures
from lambdas.log_analysis.adapters.sns import SnsAlerts
from lambdas.log_analysis.adapters.subscriptions import LogsSubscriptions
from lambdas.log_analysis.contract import AnalyzeSettings, Limits, Metric
from lambdas.log_analysis.domain.payload import Delivery, unpack
from lambdas.log_analysis.workflow.analyzing import Analyzer, Outcome
from lambdas.log_analysis.workflow.counting import Counting
from lambdas.log_analysis.workflow.naming import Naming
from lambdas.log_analysis.workflow.refusing import Refusing
from lambdas.log_analysis.workflow.telling import Telling
from lambdas.log_analysis.workflow.watching import Watching

_QUICK = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 4},
    # Checking what this code has just built costs more than building it.
    parameter_validation=False,
)
"""Together shorter than an episode's claim."""


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    limits: Limits
    analyzer: Analyzer
    telling: Telling
    signatures: DynamoSignatures
    own_log_group: str


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = AnalyzeSettings.from_env(os.environ)
    dynamodb = encode_writes(boto3.client("dynamodb", config=_QUICK))
    table, detection, retention = settings.signatures_table_name, settings.detection, settings.retention
    signatures = DynamoSignatures(dynamodb, table, retention.signature_days, Patience(time.sleep))
    counters = DynamoCounters(dynamodb, table, retention, side_by_side)
    alerts = SnsAlerts(boto3.client("sns", config=_QUICK), settings.alerts_topic_arn)
    telling = Telling(signatures, alerts, time.time)
    analyzer = Analyzer(
        signatures,
        Naming(signatures, detection),
        Counting(counters, time.sleep),
        Watching(counters, telling, detection, side_by_side),
    )
    observability = Observability(settings)
    return Runtime(observability, settings.limits, analyzer, telling, signatures, settings.own_log_group_name)


def handler(event: object, context: InvocationContext) -> None:
    """Analyzes a delivery.

    One of the function's own log group is refused without a word: each line about it would be delivered, too.

    Raises:
        MalformedDeliveryError: no delivery, or one that is too large; it ends, whole, in the failure queue.
        UnavailableError: a call failed; Lambda repeats the invocation.
    """
    started = time.monotonic()
    delivery = unpack(event, runtime().limits)
    if delivery.log_group == runtime().own_log_group:
        subscriptions = LogsSubscriptions(boto3.client("logs", config=_QUICK))
        Refusing(runtime().signatures, subscriptions, runtime().telling).refuse(delivery)
    elif delivery.message_type == "DATA_MESSAGE":
        _analyze(delivery, context, started)


def _analyze(delivery: Delivery, context: InvocationContext, started: float) -> None:
    observability = runtime().observability
    with observability.invocation(context):
        observability.logger.append_keys(log_group=delivery.log_group, log_stream=delivery.log_stream)
        outcome = runtime().analyzer.analyze(delivery)
        _tell(observability, delivery, outcome, time.monotonic() - started)


def _tell(observability: Observability, delivery: Delivery, outcome: Outcome, seconds: float) -> None:
    observability.count(Metric.EVENTS, outcome.events)
    observability.count(Metric.ERRORS, outcome.errors)
    observability.count(Metric.ACCESSES, outcome.accesses)
    observability.count(Metric.REPEATED, outcome.repeated)
    observability.count(Metric.NEW_SIGNATURES, outcome.registered)
    observability.count(Metric.UNNAMED, outcome.unnamed)
    observability.count(Metric.ALERTS, outcome.alerts)
    if delivery.log_events:
        first = min(event.timestamp for event in delivery.log_events)
        observability.milliseconds(Metric.LAG, max(0.0, time.time() * 1000 - first))
    observability.milliseconds(Metric.BATCH_TIME, seconds * 1000)
    facts = {"events": outcome.events, "errors": outcome.errors, "repeated": outcome.repeated}
    observability.logger.info("analyzed", extra=facts)
