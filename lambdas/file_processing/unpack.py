"""Lambda function behind the queue of archives: their members become files of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from lambdas.common.calls import Patience
from lambdas.common.observability import InvocationContext
from lambdas.common.side_by_side import side_by_side
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.members import QueuedMembers
from lambdas.file_processing.adapters.objects import S3Products
from lambdas.file_processing.contract import UnpackSettings
from lambdas.file_processing.runtime.clients import clients
from lambdas.file_processing.runtime.lanes import LaneRuntime, consume, lane_runtime
from lambdas.file_processing.workflow.unpacking import Unpacking


@cache
def runtime() -> LaneRuntime:
    """Wires the function once, out of its environment."""
    settings = UnpackSettings.from_env(os.environ)
    aws, patience = clients(), Patience(time.sleep)
    members = QueuedMembers(aws.dynamodb, settings.catalog_table_name, aws.sqs, settings.arrivals_queue_url, patience)
    products = S3Products(aws.s3, settings.products_bucket_name, patience)
    unpacking = Unpacking(
        members=members,
        budgets=DynamoCatalog(aws.dynamodb, settings.catalog_table_name, settings.keep_days),
        products=products,
        bucket=settings.products_bucket_name,
        together=side_by_side,
        limits=settings.limits.archives,
    )
    return lane_runtime(settings, effects=unpacking)


def handler(event: Mapping[str, Any], context: InvocationContext) -> dict[str, Any]:
    """Looks at each message of a batch; the answer names those that are to come again."""
    return consume(event, context, runtime())
