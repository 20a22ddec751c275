"""Clients of AWS, made once in each function."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

_PATIENT = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 5})
"""Nobody waits for these functions, and files are large."""


@dataclass(frozen=True)
class Clients:
    """What every function here uses."""

    s3: S3Client
    dynamodb: DynamoDBClient
    sqs: SQSClient


@cache
def clients() -> Clients:
    """The same clients whoever asks."""
    return Clients(
        s3=boto3.client("s3", config=_PATIENT),
        dynamodb=boto3.client("dynamodb", config=_PATIENT),
        sqs=boto3.client("sqs", config=_PATIENT),
    )
