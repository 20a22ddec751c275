"""The lake: a bucket, its tables for Athena, and the function that compacts it."""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws, Duration, Names, Stack
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.table_etl import contract
from lambdas.table_etl.contract import LAKE_DAY, CompactSettings
from lambdas.table_etl.domain.pipeline import Flow, Pipeline
from stacks.blocks.bucket import private_bucket
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.schedule import IntervalSchedule
from stacks.table_etl.config import TableEtlConfig

RESULTS_PREFIX = "athena-results/"

DUCKDB_PERCENT = 50
"""Share of the function's memory that DuckDB may use; the rest is for Python and for what DuckDB does not count."""

_ANY_ROWS = "keys are made of datasets, days and digests: any key of this prefix"


class Lake(Construct):
    """Rows staged by the loading functions, compacted into Parquet, to be asked by Athena.

    Attributes are L2 constructs where there are any: ``bucket``, ``database``, ``tables``, ``workgroup``.
    """

    def __init__(
        self, scope: Construct, construct_id: str, config: TableEtlConfig, pipeline: Pipeline, shared: SharedPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        results = s3.LifecycleRule(prefix=RESULTS_PREFIX, expiration=Duration.days(7))
        self.bucket = private_bucket(self, "Bucket", shared, lifecycle_rules=[results])
        self.database = glue.Database(
            self, "Database", description="Rows of table ETL", removal_policy=shared.removal_policy
        )
        self.tables = [self._table(flow, config) for flow in pipeline.flows]
        self.workgroup = self._workgroup(config)

    def _table(self, flow: Flow[Any], config: TableEtlConfig) -> glue.CfnTable:
        """A table as Amazon S3 Inventory's are: of each day it reads the Parquet objects that a text object names.

        Which days there are follows from the properties ("Supported types for partition projection", Athena User
        Guide), and where they stand from the names of days, as in Hive; so nothing has to be added day by day.
        """
        location = self.bucket.s3_url_for_object(contract.table_location(flow.name))
        own = [_column(contract.LAKE_KEY, "string"), _column(contract.LAKE_VERSION, "string")]
        return glue.CfnTable(
            self,
            "".join(part.title() for part in flow.name.split("_")) + "Table",
            catalog_id=Aws.ACCOUNT_ID,
            database_name=self.database.database_name,
            table_input=glue.CfnTable.TableInputProperty(
                name=flow.name,
                table_type="EXTERNAL_TABLE",
                partition_keys=[_column(LAKE_DAY, "string")],
                parameters={"EXTERNAL": "TRUE", "projection.enabled": "true", **_projection(flow, config)},
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=[*own, *(_column(each.name, each.glue) for each in flow.columns)],
                    location=location,
                    input_format="org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat",
                    output_format="org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat",
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
                    ),
                ),
            ),
        )

    def _workgroup(self, config: TableEtlConfig) -> athena.CfnWorkGroup:
        """Settings that queries cannot change; results may go with the stack."""
        return athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=Names.unique_resource_name(self, max_length=128),
            description="Queries of the lake, none of which may scan more than a limit",
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=config.max_scanned_bytes,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=self.bucket.s3_url_for_object(RESULTS_PREFIX),
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
        )


class Compaction(Construct):
    """Merges what is staged in a lake into its Parquet, at intervals.

    Attributes: ``compact``, a function; ``schedule``.
    """

    def __init__(
        self, scope: Construct, construct_id: str, config: TableEtlConfig, bucket: s3.IBucket, shared: SharedPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self.compact = HandlerFunction(
            self,
            "Compact",
            module="lambdas.table_etl.compact",
            description="Merges staged rows into the Parquet of their days",
            settings=CompactSettings(
                service=scope.node.id,
                metrics_namespace=Stack.of(self).stack_name,
                pipeline=config.pipeline,
                lake_bucket_name=bucket.bucket_name,
                max_memory_mb=config.compact_function.memory_mb * DUCKDB_PERCENT // 100,
                max_chunk_bytes=config.compact_chunk_bytes,
                grace_hours=config.grace_hours,
            ),
            grants=_compact_grants(bucket),
            config=config.compact_function,
            shared=shared,
        )
        self.schedule = IntervalSchedule(
            self, "Schedule", function=self.compact.function, minutes=config.compact_every_minutes
        )


def _compact_grants(bucket: s3.IBucket) -> list[GrantTo]:
    """Exactly the calls of ``lambdas/table_etl/adapters``: pointers are replaced, never deleted."""

    def objects(prefix: str, *actions: str) -> GrantTo:
        return allow(*actions, on=[bucket.arn_for_objects(f"{prefix}*")], wildcard=_ANY_ROWS)

    return [
        allow("s3:ListBucket", on=[bucket.bucket_arn]),
        objects(contract.STAGED_PREFIX, "s3:GetObject", "s3:DeleteObject"),
        objects(contract.ROWS_PREFIX, "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        objects(contract.TABLES_PREFIX, "s3:GetObject", "s3:PutObject"),
    ]


def _column(name: str, kind: str) -> glue.CfnTable.ColumnProperty:
    return glue.CfnTable.ColumnProperty(name=name, type=kind)


def _projection(flow: Flow[Any], config: TableEtlConfig) -> dict[str, str]:
    """Of the partition column. Clocks of sources may be ahead, so there is a day of tomorrow, too."""
    if flow.day is None:
        return {f"projection.{LAKE_DAY}.type": "enum", f"projection.{LAKE_DAY}.values": contract.UNDATED}
    return {
        f"projection.{LAKE_DAY}.type": "date",
        f"projection.{LAKE_DAY}.format": "yyyy-MM-dd",
        f"projection.{LAKE_DAY}.range": f"{config.lake_since},NOW+1DAY",
        f"projection.{LAKE_DAY}.interval": "1",
        f"projection.{LAKE_DAY}.interval.unit": "DAYS",
    }
