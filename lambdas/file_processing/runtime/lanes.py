"""What the functions of all lanes have in common. Each is no more than this:

@cache
def runtime() -> LaneRuntime:
    return lane_runtime(LaneSettings.from_env(os.environ))

def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    return consume(event, context, runtime())
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.common.calls import Patience
from lambdas.common.observability import InvocationContext
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.objects import S3Originals, S3Products, S3Quarantine
from lambdas.file_processing.adapters.queues import SqsIndex
from lambdas.file_processing.contract import LaneSettings, Metric
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.domain.messages import decode
from lambdas.file_processing.kinds import kinds
from lambdas.file_processing.ports import Jobs
from lambdas.file_processing.runtime.clients import clients
from lambdas.file_processing.runtime.consuming import Consumer, consumer
from lambdas.file_processing.workflow.lanes import Effects, LaneWorkflow


@dataclass(frozen=True)
class LaneRuntime:
    """What one execution environment keeps between invocations."""

    consumer: Consumer
    workflow: LaneWorkflow


def lane_runtime(settings: LaneSettings, *, effects: Effects | None = None, jobs: Jobs | None = None) -> LaneRuntime:
    """Wires a lane; what only one of them has comes as ``effects`` or ``jobs``, which use `runtime.clients`, too."""
    aws = clients()
    workflow = LaneWorkflow(
        catalog=DynamoCatalog(aws.dynamodb, settings.catalog_table_name, settings.keep_days),
        originals=S3Originals(aws.s3),
        products=S3Products(aws.s3, settings.products_bucket_name, Patience(time.sleep)),
        quarantine=S3Quarantine(aws.s3, settings.quarantine_bucket_name),
        index=SqsIndex(aws.sqs, settings.index_queue_url),
        kinds=kinds(),
        limits=settings.limits,
        effects=effects,
        jobs=jobs,
    )
    return LaneRuntime(consumer(settings), workflow)


def consume(event: Mapping[str, Any], context: InvocationContext, runtime: LaneRuntime) -> dict[str, Any]:
    """Looks at each message of a batch; the answer names those that are to come again."""
    return runtime.consumer.each(event, context, lambda body: _look(runtime, body))


def _look(runtime: LaneRuntime, body: str) -> None:
    observability = runtime.consumer.observability
    work = decode(body, Work)
    started = time.monotonic()
    outcome = runtime.workflow.look(work)
    observability.count(outcome.metric)
    if outcome.metric in {Metric.READY, Metric.REJECTED}:
        observability.percent(Metric.REJECTED_SHARE, 100 if outcome.metric is Metric.REJECTED else 0)
    observability.count(Metric.BAD_ROWS, outcome.bad_rows)
    observability.milliseconds(Metric.HANDLING_TIME, (time.monotonic() - started) * 1000)
    extra = {"file_id": work.file_id, "generation": work.generation, "outcome": outcome.metric, "job": outcome.job}
    observability.logger.info("looked", extra=extra)
