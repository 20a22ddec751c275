"""DynamoDB-stream ETL: a table's changes and history in; a read model, a lake, an outlet and a quarantine out."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from lambdas.table_etl.contract import QUARANTINE_PREFIX, LoadSettings
from lambdas.table_etl.domain.pipeline import Pipeline
from stacks.blocks.bucket import private_bucket
from stacks.blocks.function import GrantTo, HandlerFunction, allow
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.stream_source import StreamSource
from stacks.blocks.table import on_demand_table, reading_changes
from stacks.table_etl.config import TableEtlConfig, declared_pipeline
from stacks.table_etl.history import History
from stacks.table_etl.lake import Compaction
from stacks.table_etl.monitoring import Monitoring
from stacks.table_etl.targets import Targets

_ANY_REJECTED = "keys are made of days and digests: any key of this prefix"


class TableEtl(Construct):
    """Loads every change of ``source``, and every file put into ``backfill``, into ``targets``; see docs/table_etl.md.

    ``source`` is made, with the keys of the pipeline, unless a table with a stream of new and old images is given.

    Attributes are L2 constructs, or constructs of them: ``source``, ``backfill``, ``targets``, ``quarantine``,
    ``failures``, ``load``, ``changes``, ``history``, ``compaction`` (None without a lake), ``monitoring``.

    Raises:
        ValueError: the table that is given has no stream.
        FileNotFoundError: the pipeline has no module.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: TableEtlConfig,
        shared: SharedPolicy,
        source: dynamodb.ITable | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        pipeline = declared_pipeline(config.pipeline)
        self.source: dynamodb.ITable = source or self._source(pipeline, shared)
        self.targets = Targets(self, "Targets", config, pipeline, shared)
        self.quarantine = self._waiting("Quarantine", config, shared)
        self.failures = self._waiting("Failures", config, shared)
        self.backfill = self._backfill(config, shared)
        settings = self._settings(config)
        self.load = HandlerFunction(
            self,
            "Load",
            module="lambdas.table_etl.load",
            description="Loads the changes of a table into other data stores",
            settings=settings,
            grants=[*self.targets.loading, self._quarantining()],
            config=config.load_function,
            shared=shared,
        )
        self.changes = self._changes(config, pipeline)
        self.history = History(
            self,
            "History",
            config,
            shared,
            files=self.backfill,
            settings=settings,
            loading=self.targets.loading,
            quarantining=self._quarantining(),
        )
        lake = self.targets.lake
        self.compaction = Compaction(self, "Compaction", config, lake.bucket, shared) if lake else None
        self.monitoring = Monitoring(
            self,
            shared,
            config,
            load=self.load.function,
            changes=self.changes,
            history=self.history,
            targets=self.targets,
            compaction=self.compaction,
        )

    def _source(self, pipeline: Pipeline, shared: SharedPolicy) -> dynamodb.TableV2:
        partition_key, *sort_key = pipeline.keys
        return on_demand_table(
            self, "Source", shared, partition_key=partition_key, sort_key=next(iter(sort_key), None), stream=True
        )

    def _waiting(self, construct_id: str, config: TableEtlConfig, shared: SharedPolicy) -> s3.Bucket:
        """A bucket of what waits to be redriven."""
        expiring = s3.LifecycleRule(expiration=Duration.days(config.quarantine_days))
        return private_bucket(self, construct_id, shared, lifecycle_rules=[expiring])

    def _backfill(self, config: TableEtlConfig, shared: SharedPolicy) -> s3.Bucket:
        days = Duration.days(config.backfill_days) if config.backfill_days else None
        expiring = [
            s3.LifecycleRule(expiration=days, noncurrent_version_expiration=days),
            s3.LifecycleRule(expired_object_delete_marker=True),
        ]
        return private_bucket(
            self, "Backfill", shared, versioned=True, notifies=True, lifecycle_rules=expiring if days else ()
        )

    def _settings(self, config: TableEtlConfig) -> LoadSettings:
        return LoadSettings(
            service=self.node.id,
            metrics_namespace=Stack.of(self).stack_name,
            pipeline=config.pipeline,
            limits=config.limits,
            targets=self.targets.settings,
            quarantine_bucket_name=self.quarantine.bucket_name,
        )

    def _quarantining(self) -> GrantTo:
        rejected = self.quarantine.arn_for_objects(f"{QUARANTINE_PREFIX}*")
        return allow("s3:PutObject", on=[rejected], wildcard=_ANY_REJECTED)

    def _changes(self, config: TableEtlConfig, pipeline: Pipeline) -> StreamSource:
        """What the pipeline's filter says of both images never gets to the function."""
        stream_arn = self.source.table_stream_arn
        if stream_arn is None:
            raise ValueError(
                f"{self.source.node.path} has no stream: switch one on, with new and old images, and hand the table "
                f"over with its table_stream_arn"
            )
        return StreamSource(
            self,
            "Changes",
            function=self.load.function,
            stream_arn=stream_arn,
            reading=reading_changes(self.source, stream_arn),
            failures=self.failures,
            config=config.source,
            filters=pipeline.source.patterns if config.filter_source else (),
        )
