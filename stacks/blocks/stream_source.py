"""Streams as event sources of functions: nothing is lost, and nothing blocks a shard for good."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import jsii
import msgspec
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.blocks.fields import check_fields
from stacks.blocks.function import GrantTo, allow
from stacks.blocks.nag import acknowledge


@dataclass(frozen=True, kw_only=True)
class StreamSourceConfig:
    """How Lambda reads a stream, within the limits of "Event source mapping parameters" in its Developer Guide.

    Raises:
        ValueError: says which field cannot be, and what would do.
    """

    batch_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 5_000
    """Records an invocation gets at the most. Lambda cuts batches at 6 MB of event anyhow, at about 6,700 records of
    250 bytes each: base64 makes three bytes four, and each record brings 560 bytes of its own. More records than
    that never come, and fewer leave room for larger ones."""
    max_batching_window_seconds: Annotated[int, msgspec.Meta(ge=0, le=300)] = 5
    """How long Lambda waits for a batch to fill. Each shard that has anything new costs an invocation and its writes
    once per window: with 1 second five times as many as with 5, unless batches fill up before."""
    retry_attempts: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 100
    """Retries before records are given up to the failure bucket; cutting a batch in two counts as none. A function
    that quarantines what can never succeed needs them for outages alone."""
    max_record_age_hours: Annotated[int, msgspec.Meta(ge=1, le=168)] = 18
    """Older records are given up to the failure bucket, since the stream would soon drop them without a trace."""
    parallelization_factor: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    """Batches of one shard at a time."""

    def __post_init__(self) -> None:
        check_fields(self)


class StreamSource(Construct):
    """Invokes a function for the records of a stream, from the oldest one that it holds.

    The function reports partial batch failures. What it cannot handle is retried, bisected, and in the end put into
    ``failures``, whole: SQS and SNS destinations would get no payload.

    ``filters`` are event filter patterns, of which a record has to match one; none lets every record through.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.Function,
        stream_arn: str,
        reading: GrantTo,
        failures: s3.IBucket,
        config: StreamSourceConfig,
        filters: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        reading(function)
        allow("s3:ListBucket", on=[failures.bucket_arn])(function)
        any_key = "Lambda chooses the keys of what it puts into this one bucket"
        allow("s3:PutObject", on=[failures.arn_for_objects("*")], wildcard=any_key)(function)
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function,
            event_source_arn=stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=config.batch_size,
            max_batching_window=Duration.seconds(config.max_batching_window_seconds),
            parallelization_factor=config.parallelization_factor,
            report_batch_item_failures=True,
            bisect_batch_on_error=True,
            retry_attempts=config.retry_attempts,
            max_record_age=Duration.hours(config.max_record_age_hours),
            filters=[{"pattern": json.dumps(each, sort_keys=True)} for each in filters] or None,
            on_failure=_WholeRecords(failures),
            metrics_config=lambda_.MetricsConfig(metrics=[lambda_.MetricType.EVENT_COUNT]),
        )
        self._id = mapping.event_source_mapping_id
        acknowledge(function, {"Serverless-LambdaDLQ": "its event source has a destination for what fails for good"})

    @property
    def given_up(self) -> cloudwatch.Metric:
        """Records that went to the failure bucket."""
        return self._metric("OnFailureDestinationDeliveredEventCount")

    @property
    def lost(self) -> cloudwatch.Metric:
        """Records that were given up and did not get to the failure bucket either."""
        return self._metric("DroppedEventCount")

    def _metric(self, name: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name=name,
            dimensions_map={"EventSourceMappingUUID": self._id},
            statistic="Sum",
            period=Duration.minutes(5),
        )


@jsii.implements(lambda_.IEventSourceDlq)
class _WholeRecords:
    """A bucket as destination, without the rights to read and delete that the CDK's own destination grants."""

    def __init__(self, bucket: s3.IBucket) -> None:
        self._bucket = bucket

    def bind(self, _target: lambda_.IEventSourceMapping, _handler: lambda_.IFunction) -> lambda_.DlqDestinationConfig:
        """Where Lambda puts what it gives up."""
        return lambda_.DlqDestinationConfig(destination=self._bucket.bucket_arn)
