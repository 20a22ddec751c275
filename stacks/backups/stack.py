"""The deployment unit of backups."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.backups.config import BackupsConfig
from stacks.backups.construct import Backups
from stacks.blocks.policy import SharedPolicy


class BackupsStack(Stack):
    """Automated backups; ``cdk deploy Backups``."""

    def __init__(self, scope: Construct, construct_id: str, config: BackupsConfig, shared: SharedPolicy) -> None:
        super().__init__(scope, construct_id, description="Backups of tables, buckets and volumes, restores proven")
        self.backups = backups = Backups(self, "Backups", config, shared)
        CfnOutput(self, "VaultBucketName", value=backups.vault.bucket_name)
        CfnOutput(self, "BackupStatusTableName", value=backups.status.table_name)
        CfnOutput(self, "BackupFunctionName", value=backups.backup.function.function_name)
        CfnOutput(self, "RestoreCheckFunctionName", value=backups.restore_check.function.function_name)
        CfnOutput(self, "ReportsTopicArn", value=backups.reports.topic_arn)
