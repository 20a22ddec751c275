"""What the tools know of a deployed IoT backend."""

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

TELEMETRY_FUNCTION = "TelemetryFunctionName"
"""Output that only these stacks have."""


@dataclass(frozen=True, kw_only=True)
class IotBackend:
    """Where a redrive reads, and what it calls."""

    telemetry_function: str
    press_function: str
    advance_function: str
    quarantine_bucket: str
    telemetry_failures: str
    press_failures: str
    advance_failures: str
    undelivered_steps: str
    s3: S3Client
    sqs: SQSClient
    functions: LambdaClient


def of_outputs(name: str, outputs: Mapping[str, str]) -> IotBackend:
    """The stack of these outputs. Raises ToolError if one is missing."""

    def output(key: str) -> str:
        return stack.output(name, outputs, key)

    return IotBackend(
        telemetry_function=output(TELEMETRY_FUNCTION),
        press_function=output("PressFunctionName"),
        advance_function=output("AdvanceFunctionName"),
        quarantine_bucket=output("QuarantineBucketName"),
        telemetry_failures=output("TelemetryFailureQueueUrl"),
        press_failures=output("PressFailureQueueUrl"),
        advance_failures=output("AdvanceFailureQueueUrl"),
        undelivered_steps=output("StepsDeadLetterQueueUrl"),
        s3=boto3.client("s3"),
        sqs=boto3.client("sqs"),
        functions=functions.client(),
    )
