"""The data stores that rows are loaded into: those that were chosen."""

from __future__ import annotations

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from constructs import Construct

from lambdas.common.tables.read_model import layout
from lambdas.table_etl import contract
from lambdas.table_etl.domain.pipeline import Pipeline
from stacks.blocks.function import GrantTo, allow
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.table import on_demand_table, string_attribute
from stacks.table_etl.config import TableEtlConfig, TargetKind
from stacks.table_etl.lake import Lake

_ANY_STAGED = "keys are made of datasets, days and digests: any key of this prefix"


class Targets(Construct):
    """What the Load and the Backfill function write to.

    Attributes are None where a target is not chosen: ``read_model``, a table; ``lake``; ``outlet``, an event bus.
    """

    def __init__(
        self, scope: Construct, construct_id: str, config: TableEtlConfig, pipeline: Pipeline, shared: SharedPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        chosen = set(config.targets)
        self.read_model = self._read_model(shared) if TargetKind.READ_MODEL in chosen else None
        self.lake = Lake(self, "Lake", config, pipeline, shared) if TargetKind.LAKE in chosen else None
        self.outlet = events.EventBus(self, "Outlet") if TargetKind.OUTLET in chosen else None

    def _read_model(self, shared: SharedPolicy) -> dynamodb.TableV2:
        return on_demand_table(
            self,
            "ReadModel",
            shared,
            partition_key=layout.PARTITION,
            sort_key=layout.SORT,
            indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=layout.VIEW_INDEX,
                    partition_key=string_attribute(layout.VIEW),
                    sort_key=string_attribute(layout.VIEW_SORT),
                )
            ],
        )

    @property
    def settings(self) -> contract.Targets:
        """Where the functions find them."""
        return contract.Targets(
            read_model_table_name=self.read_model.table_name if self.read_model else None,
            lake_bucket_name=self.lake.bucket.bucket_name if self.lake else None,
            event_bus_name=self.outlet.event_bus_name if self.outlet else None,
        )

    @property
    def loading(self) -> list[GrantTo]:
        """Exactly the calls of ``lambdas/table_etl/adapters`` that load rows.

        A transaction of puts and updates needs the rights to put and to update ("Using IAM with DynamoDB
        transactions").
        """
        grants = []
        if self.read_model:
            actions = ("dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
            grants.append(allow(*actions, on=[self.read_model.table_arn]))
        if self.lake:
            staged = self.lake.bucket.arn_for_objects(f"{contract.STAGED_PREFIX}*")
            grants.append(allow("s3:PutObject", on=[staged], wildcard=_ANY_STAGED))
        if self.outlet:
            grants.append(allow("events:PutEvents", on=[self.outlet.event_bus_arn]))
        return grants
