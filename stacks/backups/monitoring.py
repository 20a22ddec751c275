"""What to watch: how old backups are, what failed, whether restores are what was backed up; and a dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.backups.contract import POLICY_DIMENSION, Metric, Policy
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, invocations
from stacks.blocks.metrics import own_metric
from stacks.blocks.policy import SharedPolicy

_HOUR = Duration.hours(1)


class Monitoring(Construct):
    """Metrics of the functions and of what stands between them and their schedules.

    ``alarms`` holds those of each function, by its name.
    """

    def __init__(
        self,
        scope: Construct,
        shared: SharedPolicy,
        policies: Sequence[Policy],
        *,
        backup: lambda_.IFunction,
        backup_undelivered: sqs.IQueue,
        restore_check: lambda_.IFunction,
        restore_check_undelivered: sqs.IQueue,
    ) -> None:
        super().__init__(scope, "Monitoring")
        self._backups = scope
        self._policies = policies
        self._functions = (backup, restore_check)
        self.alarms = {name: Alarms(self, f"{name}Alarms", shared) for name in ("Backup", "RestoreCheck")}
        self.alarms["Backup"].of_scheduled_function(backup, backup_undelivered)
        self.alarms["RestoreCheck"].of_scheduled_function(restore_check, restore_check_undelivered)
        self._watch_backups()
        self._watch_restores()
        self._dashboard()

    def metric(self, name: Metric, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """One of the functions' own metrics."""
        return own_metric(self._backups, name, statistic, period)

    def age(self, policy: Policy) -> cloudwatch.Metric:
        """Hours of the newest good backup, of the resource of a policy whose one is the oldest."""
        return own_metric(self._backups, Metric.AGE, "Maximum", _HOUR, {POLICY_DIMENSION: policy.name})

    def _watch_backups(self) -> None:
        alarms = self.alarms["Backup"]
        for each in self._policies:
            name = f"{each.name.title().replace('-', '')}BackupAge"
            reason = (
                f"a resource has had no good {each.name} backup for so many hours, or nobody looks: see the reports"
            )
            alarms.above(name, self.age(each), each.max_age_hours, reason, silence=True)
        failed = self.metric(Metric.FAILED, period=FIVE_MINUTES)
        alarms.above("FailedBackups", failed, 0, "resources could not be backed up: the report of the run says why")
        missed = self.metric(Metric.MISSED, period=FIVE_MINUTES)
        alarms.above("MissedSlots", missed, 0, "runs were never made: schedules did not fire, nor did the function run")

    def _watch_restores(self) -> None:
        alarms = self.alarms["RestoreCheck"]
        different = self.metric(Metric.DIFFERENT, period=FIVE_MINUTES)
        reason = "a restored table is not what was exported: do not rely on this backup, and read the report"
        alarms.above("DifferentRestores", different, 0, reason)
        failed = self.metric(Metric.CHECKS_FAILED, period=FIVE_MINUTES)
        alarms.above("FailedRestoreChecks", failed, 0, "restores could not be checked: the report says why")

    def _dashboard(self) -> None:
        """One screen: alarms first, then ages, what became of runs, restores, and the functions."""
        dashboard(
            self,
            self.alarms.values(),
            [
                [self._ages(), self._runs()],
                [self._restores(), self._restore_times()],
                [self._retries(), invocations(self._functions)],
            ],
        )

    def _ages(self) -> cloudwatch.GraphWidget:
        ages = [self.age(each).with_(label=each.name) for each in self._policies]
        return chart("Hours of the oldest newest good backup, by policy", ages)

    def _runs(self) -> cloudwatch.GraphWidget:
        names = (Metric.GOOD, Metric.FAILED, Metric.DELETED)
        late = (Metric.BEGUN, Metric.CAUGHT_UP, Metric.MISSED)
        return chart(
            "Backups that are good, failed, and deleted; runs begun, caught up and missed on the right",
            [self.metric(name) for name in names],
            [self.metric(name) for name in late],
        )

    def _restores(self) -> cloudwatch.GraphWidget:
        names = (Metric.EQUAL, Metric.DIFFERENT, Metric.CHECKS_FAILED)
        return chart(
            "Restores that are equal, different, and that could not be checked", [self.metric(name) for name in names]
        )

    def _restore_times(self) -> cloudwatch.GraphWidget:
        times = [self.metric(Metric.RESTORE_TIME, statistic) for statistic in ("Average", "Maximum")]
        return chart("Milliseconds that a restore takes", times)

    def _retries(self) -> cloudwatch.GraphWidget:
        retried = self.metric(Metric.RETRIED)
        return chart("Steps that failed and are tried again", [retried])
