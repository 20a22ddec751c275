"""What file processing keeps: files, what was made of them, what was bad in them, and what is known of all of them."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.common.tables.metrics import layout
from lambdas.file_processing.contract import tables
from lambdas.file_processing.contract.access_logs import MANIFESTS_PREFIX
from stacks.blocks.bucket import private_bucket
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.table import on_demand_table, string_attribute
from stacks.file_processing.config import FileProcessingConfig


class Stores(Construct):
    """Buckets and tables, which every function sees a part of.

    Attributes are L2 constructs: ``inbox``, ``products``, ``quarantine``, ``catalog``, ``metrics``.
    """

    def __init__(self, scope: Construct, construct_id: str, config: FileProcessingConfig, shared: SharedPolicy) -> None:
        super().__init__(scope, construct_id)
        self.inbox = private_bucket(
            self,
            "Inbox",
            shared,
            versioned=True,
            notifies=True,
            lifecycle_rules=[
                s3.LifecycleRule(noncurrent_version_expiration=Duration.days(config.noncurrent_days)),
                s3.LifecycleRule(expired_object_delete_marker=True),
            ],
        )
        self.products = private_bucket(
            self,
            "Products",
            shared,
            lifecycle_rules=[
                # Written after the minutes that they list, so that none goes before its metrics do.
                s3.LifecycleRule(prefix=MANIFESTS_PREFIX, expiration=Duration.days(config.metrics_days)),
            ],
        )
        self.quarantine = private_bucket(
            self,
            "Quarantine",
            shared,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(config.quarantine_days))],
        )
        self.catalog = on_demand_table(
            self,
            "Catalog",
            shared,
            partition_key=tables.PARTITION,
            sort_key=tables.SORT,
            time_to_live=tables.EXPIRES_AT,
            indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=tables.STATUS_INDEX,
                    partition_key=string_attribute(tables.STATUS_DAY),
                    sort_key=string_attribute(tables.UPDATED_AT),
                    projection_type=dynamodb.ProjectionType.KEYS_ONLY,
                )
            ],
        )
        self.metrics = on_demand_table(
            self,
            "Metrics",
            shared,
            partition_key=layout.METRIC,
            sort_key=layout.PERIOD_AND_SHARD,
            time_to_live=layout.EXPIRES_AT,
        )
