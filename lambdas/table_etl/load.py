"""Lambda function behind the source table's stream: every batch of changes is transformed and loaded."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import msgspec

from lambdas.common.failures import UnavailableError
from lambdas.common.observability import InvocationContext, Observability
from lambdas.table_etl.contract import LoadSettings, Metric, Redrive
from lambdas.table_etl.domain.changes import StreamChange, again
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
        started = time.monotonic()
        if "redrive" in event:
            return {"quarantined": _redrive(observability, loader, event)}
        batch = parse(event)
        try:
            outcome = loader.load(batch.changes, batch.day)
        except UnavailableError as error:
            observability.count(Metric.RETRIED)
            observability.logger.warning("retry", extra={"changes": len(batch.changes), "reason": str(error)})
            return {"batchItemFailures": [{"itemIdentifier": batch.first}], "quarantined": None}
        observability.count(Metric.RETRIED, 0)
        observability.count(Metric.CHANGES, len(batch.changes))
        observability.milliseconds(Metric.LAG, max(0, time.time() - batch.created) * 1000)
        observability.milliseconds(Metric.BATCH_TIME, (time.monotonic() - started) * 1000)
        tell(observability, outcome)
        return {"batchItemFailures": [], "quarantined": outcome.quarantined}


@dataclass(frozen=True)
class Batch:
    """The changes of one invocation, of one shard, in order."""

    changes: list[StreamChange]
    first: str
    """Sequence number of the first one, as the event source wants it back."""
    created: float
    """Unix time (s) of the first one, in whole seconds."""

    @property
    def day(self) -> date:
        """Of the first change (UTC)."""
        return datetime.fromtimestamp(self.created, UTC).date()


def parse(event: Mapping[str, Any]) -> Batch:
    """The batch in an invocation's event.

    Raises:
        ValueError: the event is not one of an event source mapping of a DynamoDB stream, with records.
    """
    try:
        changes = [StreamChange.of(record) for record in event["Records"]]
        first = event["Records"][0]["dynamodb"]
        return Batch(changes, first["SequenceNumber"], first["ApproximateCreationDateTime"])
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no event of a DynamoDB stream's event source mapping: {error!r}") from error


def _redrive(observability: Observability, loader: Loader, event: Mapping[str, Any]) -> str | None:
    """Raises UnavailableError: nothing is lost, send it again."""
    lines = msgspec.convert(event, Redrive).redrive
    changes = [again(line) for line in lines]
    outcome = loader.load([change for change in changes if change], datetime.now(UTC).date())
    tell(observability, outcome)
    return outcome.quarantined


def tell(observability: Observability, outcome: Outcome) -> None:
    """Counts what became of some changes."""
    observability.count(Metric.LOADED, outcome.loaded)
    observability.count(Metric.REJECTED, outcome.rejected)
    if handled := outcome.loaded + outcome.rejected:
        observability.percent(Metric.REJECTED_SHARE, 100 * outcome.rejected / handled)
    facts = {"loaded": outcome.loaded, "rejected": outcome.rejected, "ignored": outcome.ignored}
    observability.logger.info("loaded", extra={**facts, "quarantined": outcome.quarantined})
