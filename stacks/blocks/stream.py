"""Kinesis data streams."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kinesis as kinesis
from constructs import Construct

from stacks.blocks.function import GrantTo, allow
from stacks.blocks.policy import SharedPolicy


def encrypted_stream(
    scope: Construct, construct_id: str, shared: SharedPolicy, *, shards: int | None, retention_hours: int
) -> kinesis.Stream:
    """A stream encrypted with the key that AWS manages for Kinesis; on-demand where ``shards`` is None."""
    return kinesis.Stream(
        scope,
        construct_id,
        stream_mode=kinesis.StreamMode.PROVISIONED if shards else kinesis.StreamMode.ON_DEMAND,
        shard_count=shards,
        retention_period=Duration.hours(retention_hours),
        encryption=kinesis.StreamEncryption.MANAGED,
        removal_policy=shared.removal_policy,
    )


def reading_stream(stream: kinesis.IStream) -> GrantTo:
    """A grant of what an event source mapping does with a stream; the L2's adds enhanced fan-out."""
    return allow(
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        on=[stream.stream_arn],
    )
