"""DynamoDB tables."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.blocks.function import GrantTo, allow
from stacks.blocks.policy import SharedPolicy


def on_demand_table(
    scope: Construct,
    construct_id: str,
    shared: SharedPolicy,
    *,
    partition_key: str,
    sort_key: str | None = None,
    time_to_live: str | None = None,
    indexes: Sequence[dynamodb.GlobalSecondaryIndexPropsV2] = (),
    stream: bool = False,
) -> dynamodb.TableV2:
    """A table paid by request, encrypted, restorable to any second of 35 days; its keys are strings.

    ``time_to_live`` names the attribute in which items say, in Unix seconds, when they may go. ``stream`` tells of
    every change, with the item before and after it, for 24 hours.
    """
    return dynamodb.TableV2(
        scope,
        construct_id,
        partition_key=string_attribute(partition_key),
        sort_key=string_attribute(sort_key) if sort_key else None,
        time_to_live_attribute=time_to_live,
        global_secondary_indexes=list(indexes) or None,
        dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if stream else None,
        encryption=dynamodb.TableEncryptionV2.dynamo_owned_key(),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        deletion_protection=shared.retain_data,
        removal_policy=shared.removal_policy,
    )


def reading_changes(table: dynamodb.ITable, stream_arn: str) -> GrantTo:
    """A grant of what an event source mapping does with a table's stream.

    "IAM policy to allow an AWS Lambda function to access DynamoDB stream records" (DynamoDB Developer Guide) has the
    actions; streams are listed by table, so that action cannot name the one stream.
    """
    grants = [
        allow("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", on=[stream_arn]),
        allow(
            "dynamodb:ListStreams",
            on=[f"{table.table_arn}/stream/*"],
            wildcard="streams are listed by table: any stream of this one table",
        ),
    ]
    if table.encryption_key:
        grants.append(allow("kms:Decrypt", on=[table.encryption_key.key_arn]))

    def grant(grantee: iam.IGrantable) -> None:
        for each in grants:
            each(grantee)

    return grant


def string_attribute(name: str) -> dynamodb.Attribute:
    """A key of type string."""
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
