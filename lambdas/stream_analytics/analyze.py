"""Lambda function behind the events stream: every batch becomes counters, archive, and quarantine."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import boto3
from botocore.config import Config

from lambdas.common.calls import Patience
from lambdas.common.observability import InvocationContext, Observability
from lambdas.stream_analytics.adapters.index import DynamoIndex
from lambdas.stream_analytics.adapters.ledger import DynamoLedger, Tables
from lambdas.stream_analytics.adapters.objects import S3Archive, S3Quarantine
from lambdas.stream_analytics.contract import AnalyzeSettings, Metric
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.records import Batch, parse
from lambdas.stream_analytics.workflow.handling import Outcome, Workflow

_QUICK = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 4})
"""A shard waits while a call does: what takes longer is better left to the event source's retry."""


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    workflow: Workflow


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = AnalyzeSettings.from_env(os.environ)
    s3, dynamodb = boto3.client("s3", config=_QUICK), boto3.client("dynamodb", config=_QUICK)
    secret = boto3.client("secretsmanager", config=_QUICK).get_secret_value(SecretId=settings.pseudonym_secret_arn)
    key = hashlib.sha256(secret["SecretString"].encode()).digest()
    recipes = [import_module(f"lambdas.stream_analytics.recipes.{name}").RECIPE for name in settings.recipes]
    patience = Patience(time.sleep)
    tables = Tables(settings.progress_table_name, settings.metrics_table_name, settings.orders_table_name)
    workflow = Workflow(
        analyzer=Analyzer(recipes, settings.limits, key, indexed=settings.index),
        limits=settings.limits,
        ledger=DynamoLedger(dynamodb, tables, settings.metrics_days, settings.progress_days, patience),
        archive=S3Archive(s3, settings.archive_bucket_name),
        quarantine=S3Quarantine(s3, settings.quarantine_bucket_name),
        index=DynamoIndex(dynamodb, settings.index_table_name, settings.index_days, patience)
        if settings.index
        else None,
    )
    return Runtime(Observability(settings), workflow)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Counts a batch; from the record named in the answer on, the event source retries."""
    observability, workflow = runtime().observability, runtime().workflow
    with observability.invocation(context):
        started = time.monotonic()
        batch = parse(event)
        observability.logger.append_keys(shard_id=batch.shard_id)
        outcome = workflow.handle(batch)
        _tell(observability, batch, outcome, time.monotonic() - started)
        return {"batchItemFailures": [{"itemIdentifier": outcome.failed}] if outcome.failed else []}


def _tell(observability: Observability, batch: Batch, outcome: Outcome, seconds: float) -> None:
    observability.count(Metric.RECORDS, len(batch.records))
    observability.count(Metric.EVENTS, outcome.counted)
    observability.count(Metric.REJECTED, outcome.rejected)
    observability.count(Metric.REPEATED, outcome.repeated)
    observability.count(Metric.RETRIED, 1 if outcome.failed else 0)
    if handled := outcome.counted + outcome.rejected + outcome.repeated:
        observability.percent(Metric.REJECTED_SHARE, 100 * outcome.rejected / handled)
    observability.milliseconds(Metric.LAG, max(0, time.time() - batch.records[0].arrived) * 1000)
    observability.milliseconds(Metric.BATCH_TIME, seconds * 1000)
    facts = {"records": len(batch.records), "counted": outcome.counted, "rejected": outcome.rejected}
    if outcome.failed:
        observability.logger.warning("retry", extra={**facts, "from": outcome.failed, "reason": str(outcome.error)})
    else:
        observability.logger.info("counted", extra=facts)
