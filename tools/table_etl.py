"""What the tools know of a deployed table ETL stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from tools import functions, stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

LOAD_FUNCTION = "LoadFunctionName"
"""Output that only these stacks have."""


@dataclass(frozen=True, kw_only=True)
class TableEtl:
    """Where a redrive reads, and what it calls."""

    load_function: str
    plan_function: str
    quarantine_bucket: str
    failure_bucket: str
    tasks_queue: str
    dead_letter_queue: str
    plan_failure_queue: str
    s3: S3Client
    sqs: SQSClient
    functions: LambdaClient


def of_outputs(name: str, outputs: Mapping[str, str]) -> TableEtl:
    """The stack of these outputs. Raises ToolError if one is missing."""
    return TableEtl(
        load_function=stack.output(name, outputs, LOAD_FUNCTION),
        plan_function=stack.output(name, outputs, "PlanFunctionName"),
        quarantine_bucket=stack.output(name, outputs, "QuarantineBucketName"),
        failure_bucket=stack.output(name, outputs, "FailureBucketName"),
        tasks_queue=stack.output(name, outputs, "TasksQueueUrl"),
        dead_letter_queue=stack.output(name, outputs, "TasksDeadLetterQueueUrl"),
        plan_failure_queue=stack.output(name, outputs, "PlanFailureQueueUrl"),
        s3=boto3.client("s3"),
        sqs=boto3.client("sqs"),
        functions=functions.client(),
    )
