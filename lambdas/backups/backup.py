"""Lambda function behind the policies' schedules, and one of every minute: makes backups, and deletes old ones."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config

from lambdas.backups.contract import MARGIN_SECONDS, POLICY_DIMENSION, BackupEvent, BackupSettings, Metric
from lambdas.backups.domain.events import backup_event
from lambdas.backups.domain.slots import named
from lambdas.backups.runtime.wiring import Clients, advancer
from lambdas.backups.workflow.advancing import Advancer
from lambdas.backups.workflow.outcome import Outcome
from lambdas.common.observability import InvocationContext, Observability
from lambdas.common.side_by_side import side_by_side


class TimedContext(InvocationContext, Protocol):
    """The part of Lambda's context object that tells when the invocation will be ended."""

    def get_remaining_time_in_millis(self) -> int: ...


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    advancer: Advancer


_ONCE = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 1, "mode": "standard"})
"""For calls that make another thing each time: whether one whose answer was lost did is looked up later."""
_PATIENT = Config(connect_timeout=5, read_timeout=300, retries={"mode": "standard", "max_attempts": 5})
"""A copy of 5 GB takes minutes."""


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = BackupSettings.from_env(os.environ)
    clients = Clients(
        dynamodb=boto3.client("dynamodb", config=_PATIENT),
        dynamodb_once=boto3.client("dynamodb", config=_ONCE),
        s3=boto3.client("s3", config=_PATIENT),
        ec2=boto3.client("ec2", config=_PATIENT),
        ec2_once=boto3.client("ec2", config=_ONCE),
        sns=boto3.client("sns", config=_PATIENT),
    )
    observability = Observability(settings)

    def told(outcome: Outcome) -> None:
        _tell_counts(observability, outcome)

    return Runtime(observability, advancer(settings, clients, lambda: datetime.now(UTC), side_by_side, told))


class UnknownPolicyError(ValueError):
    """An event names no policy of the configuration."""


def handler(event: Any, context: TimedContext) -> None:
    """Begins the run that the event names, if it names one, then goes on with all that is open.

    Raises an ExceptionGroup of what nobody expected, after everything else is done.
    """
    observability, advancer = runtime().observability, runtime().advancer
    with observability.invocation(context):
        outcome = Outcome()
        try:
            _begin(backup_event(event), advancer, outcome)
            advancer.run(lambda: context.get_remaining_time_in_millis() > MARGIN_SECONDS * 1000, outcome)
        finally:
            _tell(observability, outcome)
        if outcome.errors:
            raise ExceptionGroup("a part of the backups could not be advanced", outcome.errors)


def _begin(event: BackupEvent, advancer: Advancer, outcome: Outcome) -> None:
    if event.policy is None:
        return
    policies = {policy.name: policy for policy in advancer.policies}
    policy = policies.get(event.policy)
    if policy is None:
        raise UnknownPolicyError(f"there is no policy {event.policy!r}, only {', '.join(sorted(policies))}")
    advancer.beginner.begin(policy, named(policy.cadence, event.slot, advancer.now()), outcome)


_TOLD = (
    Metric.BEGUN,
    Metric.CAUGHT_UP,
    Metric.MISSED,
    Metric.GOOD,
    Metric.FAILED,
    Metric.DELETED,
)


def _tell_counts(observability: Observability, outcome: Outcome) -> None:
    """At once: alarms depend on them."""
    if any(outcome.counts.values()):
        for metric in _TOLD:
            observability.count(metric, outcome.counts[metric])
        observability.flush()
        outcome.counts.clear()


def _tell(observability: Observability, outcome: Outcome) -> None:
    _tell_counts(observability, outcome)
    observability.count(Metric.RETRIED, len(outcome.retried))
    for policy, hours in outcome.ages.items():
        observability.gauge(Metric.AGE, hours, **{POLICY_DIMENSION: policy})
    for reason in outcome.retried:
        observability.logger.warning("retry", extra={"reason": reason})
