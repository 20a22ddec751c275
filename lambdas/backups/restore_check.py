"""Lambda function behind schedules: restores the newest backup of each table, and compares it with its export."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Protocol

import boto3
from botocore.config import Config

from lambdas.backups.adapters.export_objects import S3ExportObjects
from lambdas.backups.adapters.reports import SnsReports
from lambdas.backups.adapters.scratch import DynamoScratchTables
from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import MARGIN_SECONDS, Metric, RestoreCheckSettings, slot_id
from lambdas.backups.contract.records import Check, CheckResult
from lambdas.backups.domain.events import restore_check_event
from lambdas.backups.domain.slots import named
from lambdas.backups.workflow.checking import Checker
from lambdas.backups.workflow.choosing import Chooser
from lambdas.backups.workflow.leases import Leases
from lambdas.common.observability import InvocationContext, Observability

_PATIENT = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 5})
"""Nobody waits for a check."""
_RESULTS = {
    CheckResult.EQUAL: Metric.EQUAL,
    CheckResult.DIFFERENT: Metric.DIFFERENT,
    CheckResult.FAILED: Metric.CHECKS_FAILED,
}


class TimedContext(InvocationContext, Protocol):
    """The part of Lambda's context object that tells when the invocation will be ended."""

    def get_remaining_time_in_millis(self) -> int: ...


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    chooser: Chooser
    checker: Checker


def _now() -> datetime:
    return datetime.now(UTC)


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = RestoreCheckSettings.from_env(os.environ)
    observability = Observability(settings)
    dynamodb = boto3.client("dynamodb", config=_PATIENT)
    status = DynamoStatus(dynamodb, settings.status_table_name)
    checker = Checker(
        status=status,
        leases=Leases(status, timedelta(seconds=settings.lease_seconds), _now),
        scratch=DynamoScratchTables(dynamodb, settings.restore_from),
        objects=S3ExportObjects(boto3.client("s3", config=_PATIENT), settings.vault_bucket_name),
        reports=SnsReports(boto3.client("sns", config=_PATIENT), settings.reports_topic_arn),
        told=lambda check: tell(observability, check),
    )
    return Runtime(observability, Chooser(status, settings.status_table_name, settings.cadence, _now), checker)


def handler(event: Any, context: TimedContext) -> None:
    """Begins the checks of a slot if the event has one; then goes on with all checks that are open.

    Raises:
        BadSlotError: the event's slot is no time.
        UnavailableError: the status table cannot be read or written; the next minute does what is left.
    """
    observability, chooser, checker = runtime().observability, runtime().chooser, runtime().checker
    with observability.invocation(context):
        asked = restore_check_event(event)
        if asked.slot is None:
            chooser.catch_up()
        else:
            chooser.begin(slot_id(named(chooser.cadence, asked.slot, chooser.now())))
        problems = checker.advance(lambda: context.get_remaining_time_in_millis() > MARGIN_SECONDS * 1000)
        observability.count(Metric.RETRIED, len(problems))
        for problem in problems:
            observability.logger.warning("retry", extra={"reason": problem})


def tell(observability: Observability, check: Check) -> None:
    """Makes metrics of a check that is about to be done, at once: an alarm depends on them."""
    for result, metric in _RESULTS.items():
        observability.count(metric, check.result is result)
    if check.restore_seconds is not None:
        observability.milliseconds(Metric.RESTORE_TIME, check.restore_seconds * 1000)
    observability.flush()
    facts = {"table": check.backup.resource, "result": check.result, "reason": check.reason}
    observability.logger.info("checked", extra=facts)
