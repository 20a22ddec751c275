"""Lambda function behind the backfill bucket: every file that is dropped becomes tasks, or goes to quarantine."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from lambdas.common.calls import Patience
from lambdas.common.observability import InvocationContext, Observability
from lambdas.table_etl.adapters.files import S3Files
from lambdas.table_etl.adapters.quarantine import S3Quarantine
from lambdas.table_etl.adapters.tasks import SqsTasks
from lambdas.table_etl.contract import Metric, PlanSettings
from lambdas.table_etl.domain.history.files import dropped
from lambdas.table_etl.workflow.planning import Planner


@dataclass(frozen=True)
class Runtime:
    """What one execution environment keeps between invocations."""

    observability: Observability
    planner: Planner


@cache
def runtime() -> Runtime:
    """Wires the function once, out of its environment."""
    settings = PlanSettings.from_env(os.environ)
    s3 = boto3.client("s3")
    planner = Planner(
        S3Files(s3),
        SqsTasks(boto3.client("sqs"), settings.tasks_queue_url, Patience(time.sleep)),
        S3Quarantine(s3, settings.quarantine_bucket_name),
    )
    return Runtime(Observability(settings), planner)


def handler(event: Mapping[str, Any], context: InvocationContext) -> None:
    """Handles every record of an S3 notification; what fails is raised, and S3's asynchronous invocation retries."""
    observability, planner = runtime().observability, runtime().planner
    with observability.invocation(context):
        for file in dropped(event):
            observability.logger.append_keys(key=file.key, version_id=file.version_id)
            plan = planner.plan(file)
            observability.count(Metric.FILES, plan.tasks)
            observability.count(Metric.FILES_REJECTED, plan.rejected)
            observability.logger.info("planned", extra={"tasks": plan.tasks, "rejected": plan.rejected})
