"""What the tools know of a deployed stack: its outputs, and what its function was told."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from lambdas.common.calls import Patience
from lambdas.common.producer import KinesisClient
from lambdas.stream_analytics.adapters.ledger import DynamoLedger, Tables
from lambdas.stream_analytics.contract import AnalyzeSettings
from lambdas.stream_analytics.domain.recipe import Recipe

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


class ToolError(Exception):
    """A command cannot go on; the message says why, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Where a command reads and writes."""

    events_stream: str
    failure_bucket: str
    settings: AnalyzeSettings
    recipes: Sequence[Recipe[Any]]
    dynamodb: DynamoDBClient
    s3: S3Client
    kinesis: KinesisClient

    @cached_property
    def ledger(self) -> DynamoLedger:
        """The function's own view of its tables."""
        settings = self.settings
        tables = Tables(settings.progress_table_name, settings.metrics_table_name, settings.orders_table_name)
        patience = Patience(time.sleep)
        return DynamoLedger(self.dynamodb, tables, settings.metrics_days, settings.progress_days, patience)

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Keys of the objects below a prefix, in order."""
        return keys(self.s3, bucket, prefix)

    def read(self, bucket: str, key: str) -> bytes:
        """Content of an object."""
        return read(self.s3, bucket, key)

    def query(self, table: str, **question: Any) -> Iterator[Mapping[str, Any]]:
        """Items that a Query finds, in order, by consistent reads."""
        while True:
            answer = self.dynamodb.query(TableName=table, ConsistentRead=True, **question)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            question["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def keys(s3: S3Client, bucket: str, prefix: str) -> list[str]:
    """Keys of the objects below a prefix, in order."""
    found: list[str] = []
    token: dict[str, Any] = {}
    while True:
        answer = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **token)
        found += [each["Key"] for each in answer.get("Contents", [])]
        if "NextContinuationToken" not in answer:
            return found
        token = {"ContinuationToken": answer["NextContinuationToken"]}


def read(s3: S3Client, bucket: str, key: str) -> bytes:
    """Content of an object."""
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def outputs(name: str) -> Mapping[str, str]:
    """Outputs of a CloudFormation stack. Raises ToolError if there is none of that name."""
    try:
        (found,) = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise ToolError(
            f"There is no stack {name!r} here: give the name that `cdk deploy` printed, and the account and region "
            f"that it was deployed to (AWS_PROFILE, AWS_REGION; AWS_ENDPOINT_URL for the laptop cloud)."
        ) from error
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}


def output(name: str, found: Mapping[str, str], key: str) -> str:
    """One output. Raises ToolError if the stack has none of that name."""
    if key not in found:
        raise ToolError(f"The stack {name!r} has no output {key}: is it one that this command is for, of this version?")
    return found[key]


def find(name: str) -> Stack:
    """A StreamAnalytics stack by its name. Raises ToolError if there is none."""
    return of_outputs(name, outputs(name))


def of_outputs(name: str, found: Mapping[str, str]) -> Stack:
    """The StreamAnalytics stack of these outputs. Raises ToolError if one is missing."""
    function = output(name, found, "AnalyzeFunctionName")
    configuration = boto3.client("lambda").get_function_configuration(FunctionName=function)
    settings = AnalyzeSettings.from_env(configuration.get("Environment", {}).get("Variables", {}))
    return Stack(
        events_stream=output(name, found, "EventsStreamName"),
        failure_bucket=output(name, found, "FailureBucketName"),
        settings=settings,
        recipes=[import_module(f"lambdas.stream_analytics.recipes.{each}").RECIPE for each in settings.recipes],
        dynamodb=boto3.client("dynamodb"),
        s3=boto3.client("s3"),
        kinesis=boto3.client("kinesis"),
    )
