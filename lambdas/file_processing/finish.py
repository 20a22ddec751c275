"""Lambda function behind the rule of MediaConvert jobs that have ended: the record of their file is completed."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lambdas.common.calls import Patience
from lambdas.common.observability import InvocationContext, Observability
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.objects import S3Products, S3Quarantine
from lambdas.file_processing.adapters.queues import SqsIndex, SqsLanes
from lambdas.file_processing.contract import FinishSettings, Lane, Metric
from lambdas.file_processing.domain.media.ended import parse
from lambdas.file_processing.runtime.clients import clients
from lambdas.file_processing.workflow.finishing import Finishing


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    finishing: Finishing
    bucket: str


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings, aws = FinishSettings.from_env(os.environ), clients()
    finishing = Finishing(
        catalog=DynamoCatalog(aws.dynamodb, settings.catalog_table_name, settings.keep_days),
        products=S3Products(aws.s3, settings.products_bucket_name, Patience(time.sleep)),
        quarantine=S3Quarantine(aws.s3, settings.quarantine_bucket_name),
        lanes=SqsLanes(aws.sqs, {Lane.TRANSCODE: settings.transcode_queue_url}),
        index=SqsIndex(aws.sqs, settings.index_queue_url),
    )
    return Runtime(Observability(settings), finishing, settings.products_bucket_name)


def handler(event: Mapping[str, Any], context: InvocationContext) -> None:
    """Completes the record of one file. What fails is raised: Lambda tries twice more, then keeps the event."""
    observability, finishing = runtime().observability, runtime().finishing
    with observability.invocation(context):
        ended = parse(event, runtime().bucket)
        if ended is None:
            observability.count(Metric.NO_EFFECT)
            return
        outcome = finishing.finish(ended)
        observability.count(outcome)
        observability.count(Metric.JOBS_FAILED, int(bool(ended.failure)))
        if outcome in {Metric.READY, Metric.REJECTED}:
            observability.percent(Metric.REJECTED_SHARE, 100 if outcome is Metric.REJECTED else 0)
        facts = {"file_id": ended.work.file_id, "generation": ended.work.generation, "job": ended.job}
        observability.logger.info("finished", extra={**facts, "outcome": outcome, "failure": ended.failure})
