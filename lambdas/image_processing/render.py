"""Lambda function behind the uploads bucket: every S3 event becomes renditions, quarantine or removal."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config

from lambdas.common.observability import InvocationContext, Observability
from lambdas.image_processing.adapters import memory
from lambdas.image_processing.adapters.catalog import DynamoCatalog
from lambdas.image_processing.adapters.rekognition import RekognitionRecognizer
from lambdas.image_processing.adapters.s3 import S3Quarantine, S3Renditions, S3Uploads
from lambdas.image_processing.contract import Metric, RenderSettings
from lambdas.image_processing.domain import renditions
from lambdas.image_processing.domain.events import parse
from lambdas.image_processing.domain.renditions import Rendered
from lambdas.image_processing.workflow import Workflow


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    workflow: Workflow


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = RenderSettings.from_env(os.environ)
    s3 = boto3.client("s3")
    workflow = Workflow(
        uploads=S3Uploads(s3),
        renditions=S3Renditions(s3, settings.renditions_bucket_name),
        quarantine=S3Quarantine(s3, settings.quarantine_bucket_name),
        catalog=DynamoCatalog(boto3.client("dynamodb"), settings.catalog_table_name),
        render=partial(_render, settings),
        recognizer=_recognizer(settings),
        max_bytes=settings.limits.max_bytes,
        blocking_confidence=settings.blocking_confidence,
    )
    return Runtime(Observability(settings), workflow)


def _recognizer(settings: RenderSettings) -> RekognitionRecognizer | None:
    if not settings.recognition:
        return None
    # Its quotas are a few requests per second and region: waiting here is cheaper than rendering again in a retry.
    patient = Config(retries={"mode": "adaptive", "max_attempts": 10})
    client = boto3.client("rekognition", config=patient)
    return RekognitionRecognizer(client, settings.max_labels, settings.blocking_confidence)


def _render(settings: RenderSettings, data: bytes) -> Rendered:
    with memory.at_most(settings.max_memory_mb):
        return renditions.render(data, settings.renditions, settings.encodings, settings.limits, settings.background)


def handler(event: Mapping[str, Any], context: InvocationContext) -> None:
    """Handles every record of an S3 notification; what fails is raised, and S3's asynchronous invocation retries."""
    observability, workflow = runtime().observability, runtime().workflow
    with observability.invocation(context):
        for change in parse(event):
            observability.logger.append_keys(key=change.key, picture_id=change.picture_id)
            started = time.monotonic()
            outcome = workflow.handle(change)
            observability.count(outcome)
            if outcome in {Metric.READY, Metric.REJECTED, Metric.BLOCKED}:
                observability.percent(Metric.REJECTED_SHARE, 100 if outcome is Metric.REJECTED else 0)
            observability.milliseconds(Metric.HANDLING_TIME, (time.monotonic() - started) * 1000)
            observability.logger.info("handled", extra={"outcome": outcome, "change": change.change.value})
