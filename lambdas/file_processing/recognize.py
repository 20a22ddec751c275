"""Lambda function behind the arrivals queue: changes of the inbox, and members of archives, are catalogued."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lambdas.common.observability import InvocationContext
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.objects import S3Originals, S3Quarantine
from lambdas.file_processing.adapters.queues import SqsIndex, SqsLanes
from lambdas.file_processing.contract import Metric, RecognizeSettings
from lambdas.file_processing.domain.arrivals import Arrival, parse
from lambdas.file_processing.domain.recognition import recognize
from lambdas.file_processing.kinds import kinds
from lambdas.file_processing.runtime.clients import clients
from lambdas.file_processing.runtime.consuming import Consumer, consumer
from lambdas.file_processing.workflow.admission import Admission


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    consumer: Consumer
    admission: Admission


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = RecognizeSettings.from_env(os.environ)
    aws = clients()
    admission = Admission(
        catalog=DynamoCatalog(aws.dynamodb, settings.catalog_table_name, settings.keep_days),
        originals=S3Originals(aws.s3),
        quarantine=S3Quarantine(aws.s3, settings.quarantine_bucket_name),
        lanes=SqsLanes(aws.sqs, settings.lane_queue_urls),
        index=SqsIndex(aws.sqs, settings.index_queue_url),
        recognize=lambda head: recognize(head, kinds().values()),
        max_bytes=settings.limits.max_bytes,
        now=lambda: datetime.now(UTC),
    )
    return Runtime(consumer(settings), admission)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Takes in each message of a batch; the answer names those that are to come again."""
    return consume(event, context, runtime())


def consume(event: Mapping[str, Any], context: InvocationContext, runtime: Runtime) -> dict[str, Any]:
    """As `handler`, with what it is given."""
    return runtime.consumer.each(event, context, lambda body: _take_in(runtime, body))


def _take_in(runtime: Runtime, body: str) -> None:
    for arrival in parse(body):
        _admit(runtime, arrival)


def _admit(runtime: Runtime, arrival: Arrival) -> None:
    observability = runtime.consumer.observability
    started = time.monotonic()
    outcomes = runtime.admission.admit(arrival)
    for outcome in outcomes:
        observability.count(outcome)
    if {Metric.CATALOGUED, Metric.REJECTED} & set(outcomes):
        observability.percent(Metric.REJECTED_SHARE, 100 if Metric.REJECTED in outcomes else 0)
    observability.milliseconds(Metric.HANDLING_TIME, (time.monotonic() - started) * 1000)
    extra = {"file_id": arrival.file_id, "file": arrival.name, "change": arrival.change.value, "outcomes": outcomes}
    observability.logger.info("admitted", extra=extra)
