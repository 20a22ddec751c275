"""Lambda function behind a schedule: what has been staged in the lake becomes sorted Parquet."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol

import boto3
from botocore.config import Config

from lambdas.common.observability import InvocationContext, Observability
from lambdas.table_etl import pipelines
from lambdas.table_etl.adapters.lake_objects import S3LakeObjects
from lambdas.table_etl.adapters.merger import DuckMerger
from lambdas.table_etl.contract import CompactSettings, Metric
from lambdas.table_etl.workflow.compacting import Compactor, Outcome

_PATIENT = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 5})
"""Nobody waits for a compaction, and its objects are large."""


class TimedContext(InvocationContext, Protocol):
    """The part of Lambda's context object that tells when the invocation will be ended."""

    def get_remaining_time_in_millis(self) -> int: ...


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    compactor: Compactor


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = CompactSettings.from_env(os.environ)
    compactor = Compactor(
        flows=pipelines.named(settings.pipeline).flows,
        objects=S3LakeObjects(boto3.client("s3", config=_PATIENT), settings.lake_bucket_name),
        merger=DuckMerger(settings.max_memory_mb),
        max_chunk_bytes=settings.max_chunk_bytes,
        grace=timedelta(hours=settings.grace_hours),
        now=lambda: datetime.now(UTC),
    )
    return Runtime(Observability(settings), compactor)


def handler(event: object, context: TimedContext) -> None:  # noqa: ARG001  the schedule's payload says nothing
    """Compacts as long as there is time. Raises an ExceptionGroup of what failed, after everything else is done."""
    observability, compactor = runtime().observability, runtime().compactor
    with observability.invocation(context):
        started = time.monotonic()
        outcome = compactor.run(lambda: context.get_remaining_time_in_millis() / 1000)
        _tell(observability, outcome, time.monotonic() - started)
        if outcome.errors:
            raise ExceptionGroup("a part of the lake could not be compacted", outcome.errors)


def _tell(observability: Observability, outcome: Outcome, seconds: float) -> None:
    age = max(0.0, time.time() - outcome.oldest.timestamp()) if outcome.oldest else 0.0
    observability.count(Metric.COMPACTED, outcome.merged)
    observability.count(Metric.COMPACTED_BYTES, outcome.merged_bytes)
    observability.count(Metric.STAGED, outcome.left)
    observability.milliseconds(Metric.STAGED_AGE, age * 1000)
    observability.milliseconds(Metric.COMPACTION_TIME, seconds * 1000)
    observability.logger.info("compacted", extra={"objects": outcome.merged, "left": outcome.left})
