"""What the tools know of a deployed file processing stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from tools import functions, stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

INBOX_BUCKET = "InboxBucketName"
"""Output that only these stacks have."""


@dataclass(frozen=True, kw_only=True)
class FileProcessing:
    """Where a redrive reads, and what it calls."""

    failure_queue: str
    index_failure_queue: str
    finish_function: str | None
    """None without MediaConvert."""
    sqs: SQSClient
    functions: LambdaClient


def of_outputs(name: str, outputs: Mapping[str, str]) -> FileProcessing:
    """The stack of these outputs. Raises ToolError if one is missing."""
    return FileProcessing(
        failure_queue=stack.output(name, outputs, "FailureQueueUrl"),
        index_failure_queue=stack.output(name, outputs, "IndexFailureQueueUrl"),
        finish_function=outputs.get("FinishFunctionName"),
        sqs=boto3.client("sqs"),
        functions=functions.client(),
    )
