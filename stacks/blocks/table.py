"""DynamoDB tables."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

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
) -> dynamodb.TableV2:
    """A table paid by request, encrypted, restorable to any second of 35 days; its keys are strings.

    ``time_to_live`` names the attribute in which items say, in Unix seconds, when they may go.
    """
    return dynamodb.TableV2(
        scope,
        construct_id,
        partition_key=string_attribute(partition_key),
        sort_key=string_attribute(sort_key) if sort_key else None,
        time_to_live_attribute=time_to_live,
        global_secondary_indexes=list(indexes) or None,
        encryption=dynamodb.TableEncryptionV2.dynamo_owned_key(),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        deletion_protection=shared.retain_data,
        removal_policy=shared.removal_policy,
    )


def string_attribute(name: str) -> dynamodb.Attribute:
    """A key of type string."""
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
