"""The release controller, wired to AWS for whichever function drives it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from lambdas.common import clients
from lambdas.common.observability import Observability
from lambdas.iot_backend.adapters.releases import DynamoReleases
from lambdas.iot_backend.adapters.schedules import OneOffSchedules
from lambdas.iot_backend.adapters.target import CloudWatchAlarms, LambdaAliases
from lambdas.iot_backend.contract import Metric, ReleaseWiring
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import Outcome
from lambdas.iot_backend.workflow.releasing import Controller

MakeClient = Callable[[str], Any]
"""Makes a client of a service: of boto3, or of botocore alone where somebody waits."""

_METRICS = {
    Outcome.CANARY: Metric.STARTED,
    Outcome.PROMOTED: Metric.PROMOTED,
    Outcome.ROLLED_BACK: Metric.ROLLED_BACK,
    Outcome.GIVEN_UP: Metric.GIVEN_UP,
}
"""What is counted of decisions that changed something."""


def controller(
    wiring: ReleaseWiring, advance_function_arn: str, client: MakeClient, observability: Observability
) -> Controller:
    """The controller of one target."""
    return Controller(
        releases=DynamoReleases(client("dynamodb"), wiring.release_table_name),
        aliases=LambdaAliases(client("lambda"), wiring.target),
        alarms=CloudWatchAlarms(client("cloudwatch"), wiring.target),
        schedules=OneOffSchedules(client("scheduler"), wiring, advance_function_arn),
        canary=wiring.canary,
        now=now,
        tell=partial(_tell, observability),
    )


@cache
def quick(service: str) -> Any:
    """The client of a service for a function that somebody waits for."""
    return clients.client(service, clients.QUICK)


def now() -> datetime:
    """In whole milliseconds, as ids tell it."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


def _tell(observability: Observability, decision: Decision) -> None:
    """Counts and logs a decision, whoever asked for it."""
    if decision.outcome in _METRICS:
        observability.count(_METRICS[decision.outcome])
    facts = {
        "decision_id": decision.decision_id,
        "source": decision.source,
        "action": decision.action,
        "outcome": decision.outcome,
        "why": decision.why,
        "from_version": decision.from_version,
        "to_version": decision.to_version,
    }
    observability.logger.info("decided", extra=facts)
