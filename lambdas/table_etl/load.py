"""Lambda function behind the source table's stream: every batch of changes is transformed and loaded."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lambdas.common.failures import UnavailableError
from lambdas.common.observability import InvocationContext, Observability
from lambdas.table_etl.contract import LoadSettings, Metric
from lambdas.table_etl.domain.deliveries import Batch, is_redrive, parse, redriven
from lambdas.table_etl.runtime import loader
from lambdas.table_etl.workflow.loading import Loader, Outcome


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    loader: Loader


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = LoadSettings.from_env(os.environ)
    return Runtime(Observability(settings), loader(settings))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Loads a batch of changes, or what ``tools redrive`` sends.

    The answer names the first change of a batch that has to be retried, all of it, since every effect can be repeated;
    and the object in quarantine that holds what was rejected.
    """
    observability, loader = runtime().observability, runtime().loader
    with observability.invocation(context):
        if is_redrive(event):
            outcome = loader.load(redriven(event), datetime.now(UTC).date())
            _tell(observability, outcome)
            return {"quarantined": outcome.quarantined}
        return _load(observability, loader, parse(event))


def _load(observability: Observability, loader: Loader, batch: Batch) -> dict[str, Any]:
    started = time.monotonic()
    observability.count(Metric.CHANGES, len(batch.changes))
    try:
        outcome = loader.load(batch.changes, batch.day)
    except UnavailableError as error:
        observability.count(Metric.RETRIED)
        observability.logger.warning("retry", extra={"changes": len(batch.changes), "reason": str(error)})
        return {"batchItemFailures": [{"itemIdentifier": batch.first}], "quarantined": None}
    observability.count(Metric.RETRIED, 0)
    observability.milliseconds(Metric.LAG, max(0, time.time() - batch.created) * 1000)
    observability.milliseconds(Metric.BATCH_TIME, (time.monotonic() - started) * 1000)
    _tell(observability, outcome)
    return {"batchItemFailures": [], "quarantined": outcome.quarantined}


def _tell(observability: Observability, outcome: Outcome) -> None:
    observability.count(Metric.LOADED, outcome.loaded)
    observability.count(Metric.REJECTED, outcome.rejected)
    if handled := outcome.loaded + outcome.rejected:
        observability.percent(Metric.REJECTED_SHARE, 100 * outcome.rejected / handled)
    facts = {"loaded": outcome.loaded, "rejected": outcome.rejected, "ignored": outcome.ignored}
    observability.logger.info("loaded", extra={**facts, "quarantined": outcome.quarantined})
