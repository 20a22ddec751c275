"""What the tools know of a deployed log analysis stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from tools import functions, stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

ANALYZER_FUNCTION = "AnalyzerFunctionName"
"""Output that only these stacks have."""
SIGNATURES_TABLE = "SignaturesTableName"


@dataclass(frozen=True, kw_only=True)
class LogAnalysis:
    """Where a redrive reads, and what it calls."""

    analyzer_function: str
    failure_queue: str
    sqs: SQSClient
    functions: LambdaClient


def of_outputs(name: str, outputs: Mapping[str, str]) -> LogAnalysis:
    """The stack of these outputs. Raises ToolError if one is missing."""
    return LogAnalysis(
        analyzer_function=stack.output(name, outputs, ANALYZER_FUNCTION),
        failure_queue=stack.output(name, outputs, "FailureQueueUrl"),
        sqs=boto3.client("sqs"),
        functions=functions.client(),
    )
