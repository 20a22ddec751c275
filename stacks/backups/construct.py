"""Automated backups: what is tagged is backed up by policy, old backups go, and restores are proven."""

from __future__ import annotations

from typing import TypedDict

import msgspec
from aws_cdk import Stack
from constructs import Construct

from lambdas.backups.contract import (
    ENTRY,
    EXPIRES_AT,
    PARTITION,
    SCHEDULED_TIME,
    BackupEvent,
    BackupSettings,
    RestoreCheckEvent,
    RestoreCheckSettings,
)
from stacks.backups.config import BackupsConfig
from stacks.backups.monitoring import Monitoring
from stacks.backups.rights import Stores, backing_up, checking
from stacks.blocks.bucket import private_bucket
from stacks.blocks.function import HandlerFunction
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.schedule import IntervalSchedule
from stacks.blocks.table import on_demand_table
from stacks.blocks.topic import encrypted_topic

_LEASE_MARGIN_SECONDS = 60
"""That a lease is longer than an invocation can be: clocks differ, and what was asked of AWS last takes a moment."""


class _Told(TypedDict):
    """What both functions are told."""

    service: str
    metrics_namespace: str
    status_table_name: str
    vault_bucket_name: str
    reports_topic_arn: str


class Backups(Construct):
    """Backs up tables, buckets and volumes by their tag; see docs/backups.md.

    Attributes are L2 constructs, or constructs of them: ``status``, ``vault``, ``reports``, ``backup``,
    ``backup_schedule``, ``restore_check``, ``restore_check_schedule``, ``monitoring``.
    """

    def __init__(self, scope: Construct, construct_id: str, config: BackupsConfig, shared: SharedPolicy) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._shared = shared
        self.status = on_demand_table(
            self, "Status", shared, partition_key=PARTITION, sort_key=ENTRY, time_to_live=EXPIRES_AT
        )
        # Lockable whether or not anything is locked: who wants locks later would get another bucket otherwise.
        self.vault = private_bucket(self, "Vault", shared, lockable=True)
        self.reports = encrypted_topic(self, "Reports")
        self._stores = Stores(self.status, self.vault, self.reports)
        self.backup, self.backup_schedule = self._backup()
        self.restore_check, self.restore_check_schedule = self._restore_check()
        self.monitoring = Monitoring(
            self,
            shared,
            config.policies,
            backup=self.backup.function,
            backup_undelivered=self.backup_schedule.undelivered,
            restore_check=self.restore_check.function,
            restore_check_undelivered=self.restore_check_schedule.undelivered,
        )

    def _backup(self) -> tuple[HandlerFunction, IntervalSchedule]:
        config = self._config
        backup = HandlerFunction(
            self,
            "Backup",
            module="lambdas.backups.backup",
            description="Backs up what has a policy's tag, and deletes old backups",
            settings=BackupSettings(
                volume_arn_prefix=Stack.of(self).format_arn(service="ec2", resource="volume", resource_name=""),
                policies=config.policies,
                exporter="dynamodb" if config.point_in_time else "scan",
                lock=config.lock,
                lease_seconds=config.backup_function.timeout_seconds + _LEASE_MARGIN_SECONDS,
                **self._told(),
            ),
            grants=backing_up(self, self._stores, config),
            config=config.backup_function,
            shared=self._shared,
        )
        schedule = IntervalSchedule(self, "BackupSchedule", function=backup.function, minutes=1)
        for each in config.policies:
            event = BackupEvent(policy=each.name)
            schedule.at(f"{each.name.title().replace('-', '')}Slot", each.cadence.cron, msgspec.to_builtins(event))
        return backup, schedule

    def _restore_check(self) -> tuple[HandlerFunction, IntervalSchedule]:
        config = self._config
        check = HandlerFunction(
            self,
            "RestoreCheck",
            module="lambdas.backups.restore_check",
            description="Restores the newest backup of each table, and compares it with the export of the same moment",
            settings=RestoreCheckSettings(
                cadence=config.check,
                restore_from="point_in_time" if config.point_in_time else "on_demand_backup",
                lease_seconds=config.restore_check_function.timeout_seconds + _LEASE_MARGIN_SECONDS,
                **self._told(),
            ),
            grants=checking(self, self._stores, config),
            config=config.restore_check_function,
            shared=self._shared,
        )
        schedule = IntervalSchedule(self, "RestoreCheckSchedule", function=check.function, minutes=1)
        schedule.at("Slot", config.check.cron, msgspec.to_builtins(RestoreCheckEvent(slot=SCHEDULED_TIME)))
        return check, schedule

    def _told(self) -> _Told:
        return _Told(
            service=self.node.id,
            metrics_namespace=Stack.of(self).stack_name,
            status_table_name=self.status.table_name,
            vault_bucket_name=self.vault.bucket_name,
            reports_topic_arn=self.reports.topic_arn,
        )
