"""The deployment unit of table ETL."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from stacks.blocks.policy import SharedPolicy
from stacks.table_etl.config import TableEtlConfig
from stacks.table_etl.construct import TableEtl


class TableEtlStack(Stack):
    """DynamoDB-stream ETL; ``cdk deploy TableEtl``. ``source`` is a table to load from instead of a new one."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: TableEtlConfig,
        shared: SharedPolicy,
        source: dynamodb.ITable | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="DynamoDB-stream ETL: read model, lake, outlet, quarantine")
        self.table_etl = TableEtl(self, "TableEtl", config, shared, source)
        for name, value in _outputs(self.table_etl).items():
            CfnOutput(self, name, value=value)


def _outputs(etl: TableEtl) -> dict[str, str]:
    history, targets = etl.history, etl.targets
    outputs = {
        "SourceTableName": etl.source.table_name,
        "QuarantineBucketName": etl.quarantine.bucket_name,
        "FailureBucketName": etl.failures.bucket_name,
        "LoadFunctionName": etl.load.function.function_name,
        "BackfillBucketName": etl.backfill.bucket_name,
        "PlanFunctionName": history.plan.function.function_name,
        "PlanFailureQueueUrl": history.plan_failures.queue_url,
        "TasksQueueUrl": history.tasks.queue_url,
        "TasksDeadLetterQueueUrl": history.dead_letters.queue_url,
        "BackfillFunctionName": history.backfill.function.function_name,
    }
    if targets.read_model:
        outputs["ReadModelTableName"] = targets.read_model.table_name
    if targets.lake:
        outputs["LakeBucketName"] = targets.lake.bucket.bucket_name
        outputs["GlueDatabaseName"] = targets.lake.database.database_name
        outputs["AthenaWorkgroupName"] = targets.lake.workgroup.ref
    if targets.outlet:
        outputs["EventBusName"] = targets.outlet.event_bus_name
    if etl.compaction:
        outputs["CompactFunctionName"] = etl.compaction.compact.function.function_name
    return outputs
