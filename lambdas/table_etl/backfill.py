"""Lambda function behind the tasks queue: every file becomes rows in the targets, and quarantine."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from lambdas.common.failures import UnavailableError
from lambdas.common.observability import InvocationContext, Observability
from lambdas.table_etl.adapters.files import S3Files
from lambdas.table_etl.contract import LoadSettings, Metric
from lambdas.table_etl.domain.history.files import tasked
from lambdas.table_etl.runtime import loader
from lambdas.table_etl.workflow.backfilling import Backfiller, Outcome


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    backfiller: Backfiller


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = LoadSettings.from_env(os.environ)
    return Runtime(Observability(settings), Backfiller(S3Files(boto3.client("s3")), loader(settings)))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Loads the file of each message; what could not be loaded for now is named, and comes again.

    Raises:
        MalformedEventError: a message is no task; it ends, whole, in the dead-letter queue.
    """
    observability = runtime().observability
    with observability.invocation(context):
        return {"batchItemFailures": [failure for message in event["Records"] for failure in _handle(message)]}


def _handle(message: Mapping[str, Any]) -> list[dict[str, str]]:
    """The message's failure, if it is one."""
    observability, backfiller = runtime().observability, runtime().backfiller
    task = tasked(message)
    observability.logger.append_keys(key=task.key, version_id=task.version_id)
    started = time.monotonic()
    try:
        outcome = backfiller.load(task)
    except UnavailableError as error:
        observability.count(Metric.RETRIED)
        observability.logger.warning("retry", extra={"reason": str(error)})
        return [{"itemIdentifier": message["messageId"]}]
    _tell(observability, outcome, time.monotonic() - started)
    return []


def _tell(observability: Observability, outcome: Outcome, seconds: float) -> None:
    observability.count(Metric.RETRIED, 0)
    observability.count(Metric.ROWS, outcome.rows)
    observability.count(Metric.LOADED, outcome.loaded)
    observability.count(Metric.REJECTED, outcome.rejected)
    if outcome.rows:
        observability.percent(Metric.REJECTED_SHARE, 100 * outcome.rejected / outcome.rows)
    observability.milliseconds(Metric.BATCH_TIME, seconds * 1000)
    facts = {"rows": outcome.rows, "loaded": outcome.loaded, "rejected": outcome.rejected}
    observability.logger.info("loaded", extra=facts)
