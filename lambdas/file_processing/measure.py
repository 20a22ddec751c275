"""Lambda function behind the queue of access logs: their lines become metrics per minute."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from lambdas.common.calls import Patience
from lambdas.common.observability import InvocationContext
from lambdas.common.side_by_side import side_by_side
from lambdas.file_processing.adapters.metrics import DynamoMetrics
from lambdas.file_processing.adapters.objects import S3Products
from lambdas.file_processing.contract import MeasureSettings
from lambdas.file_processing.runtime.clients import clients
from lambdas.file_processing.runtime.lanes import LaneRuntime, consume, lane_runtime
from lambdas.file_processing.workflow.measuring import Measuring


@cache
def runtime() -> LaneRuntime:
    """Wires the function once, out of its environment."""
    settings = MeasureSettings.from_env(os.environ)
    aws, patience = clients(), Patience(time.sleep)
    metrics = DynamoMetrics(aws.dynamodb, settings.metrics_table_name, settings.metrics_days, patience, side_by_side)
    products = S3Products(aws.s3, settings.products_bucket_name, patience)
    return lane_runtime(settings, effects=Measuring(metrics, products))


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Looks at each message of a batch; the answer names those that are to come again."""
    return consume(event, context, runtime())
