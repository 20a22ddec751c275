"""What to watch: how late changes are, what becomes of them and of files, the lake's age, and a dashboard."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from lambdas.table_etl.contract import Metric
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, invocations, waiting
from stacks.blocks.metrics import own_metric
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.stream_source import StreamSource
from stacks.table_etl.config import TableEtlConfig
from stacks.table_etl.history import History
from stacks.table_etl.lake import Compaction
from stacks.table_etl.targets import Targets

_PERCENTILES = ("p50", "p95", "p99")


class Monitoring(Construct):
    """Metrics of the functions and of what stands between them.

    ``alarms`` holds those of each function, by its name.
    """

    def __init__(
        self,
        scope: Construct,
        shared: SharedPolicy,
        config: TableEtlConfig,
        *,
        load: lambda_.IFunction,
        changes: StreamSource,
        history: History,
        targets: Targets,
        compaction: Compaction | None,
    ) -> None:
        super().__init__(scope, "Monitoring")
        self._etl = scope
        self._load = load
        self._changes = changes
        self._history = history
        self._read_model = targets.read_model
        self._compaction = compaction
        functions = ("Load", "Plan", "Backfill", *(["Compact"] if compaction else []))
        self.alarms = {name: Alarms(self, f"{name}Alarms", shared) for name in functions}
        self._watch_loading(config)
        self._watch_history()
        if compaction:
            self._watch_compaction(compaction, config)
        self._dashboard()

    def metric(self, name: Metric, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """One of the functions' own metrics."""
        return own_metric(self._etl, name, statistic, period)

    @property
    def quarantine_rate(self) -> cloudwatch.Metric:
        """Percentage of a batch's changes, or of a file's rows, that were rejected; no data while there are none."""
        return self.metric(Metric.REJECTED_SHARE, "Average")

    def _watch_loading(self, config: TableEtlConfig) -> None:
        alarms = self.alarms["Load"]
        alarms.of_stream_function(self._load, self._changes, Duration.seconds(config.max_lag_seconds))
        retried = self.metric(Metric.RETRIED, period=FIVE_MINUTES)
        alarms.above("RetriedBatches", retried, 0, "AWS calls failed, and changes or rows are retried: see the logs")
        reason = "this percentage of changes or rows was rejected: look at the reasons in the quarantine bucket"
        alarms.above("QuarantineRate", self.quarantine_rate, config.quarantine_alarm_percent, reason)
        if self._read_model:
            reason = "the read model refused writes, which are tried again: one partition gets more than 1,000 a second"
            alarms.above("ReadModelThrottles", _throttled(self._read_model), 0, reason)

    def _watch_history(self) -> None:
        history = self._history
        self.alarms["Plan"].of_asynchronous_function(history.plan.function, history.plan_failures)
        self.alarms["Backfill"].of_queue_function(history.backfill.function, history.tasks, history.dead_letters)

    def _watch_compaction(self, compaction: Compaction, config: TableEtlConfig) -> None:
        alarms = self.alarms["Compact"]
        alarms.of_scheduled_function(compaction.compact.function, compaction.schedule.undelivered)
        age = self.metric(Metric.STAGED_AGE, "Maximum", period=Duration.minutes(15))
        most = Duration.minutes(config.max_staged_age_minutes).to_milliseconds()
        reason = "rows wait too long to be compacted: look for errors, else give the function more memory"
        alarms.above("StagedAge", age, most, reason)

    def _dashboard(self) -> None:
        """One screen: alarms first, then how late, how many, what failed, history, the lake, and the functions."""
        dashboard(
            self,
            self.alarms.values(),
            [
                [self._lateness(), self._throughput()],
                [self._failures(), self._batch_times()],
                [self._files(), self._queues()],
                [self._lake(), self._compaction_times()] if self._compaction else [],
                [invocations(self._functions), *([_limits(self._read_model)] if self._read_model else [])],
            ],
        )

    def _lateness(self) -> cloudwatch.GraphWidget:
        iterator_age = self._load.metric("IteratorAge", statistic="Maximum")
        return chart(
            "Milliseconds that changes wait (iterator age), and until they are loaded (lag)",
            [iterator_age, self.metric(Metric.LAG, "p50"), self.metric(Metric.LAG, "p99")],
        )

    def _throughput(self) -> cloudwatch.GraphWidget:
        counts = [self.metric(name) for name in (Metric.CHANGES, Metric.ROWS, Metric.LOADED)]
        return chart("Changes and historical rows, and what was loaded", counts)

    def _failures(self) -> cloudwatch.GraphWidget:
        counts = [self.metric(name) for name in (Metric.REJECTED, Metric.RETRIED)]
        return chart(
            "Changes and rows rejected, batches retried, changes given up; quarantine rate on the right",
            [*counts, self._changes.given_up, self._changes.lost],
            [self.quarantine_rate],
        )

    def _batch_times(self) -> cloudwatch.GraphWidget:
        times = [self.metric(Metric.BATCH_TIME, statistic) for statistic in _PERCENTILES]
        return chart("Milliseconds per batch", times)

    def _files(self) -> cloudwatch.GraphWidget:
        counts = [self.metric(name) for name in (Metric.FILES, Metric.FILES_REJECTED)]
        return chart("Historical files planned and rejected", counts)

    def _queues(self) -> cloudwatch.GraphWidget:
        history = self._history
        queues = (history.tasks, history.dead_letters, history.plan_failures)
        return chart(
            "Files that wait, that failed for good, and that could not be planned", [waiting(queue) for queue in queues]
        )

    def _lake(self) -> cloudwatch.GraphWidget:
        return chart(
            "Staged objects that were merged, and that are left; milliseconds of the oldest on the right",
            [self.metric(Metric.COMPACTED), self.metric(Metric.STAGED, "Maximum")],
            [self.metric(Metric.STAGED_AGE, "Maximum")],
        )

    def _compaction_times(self) -> cloudwatch.GraphWidget:
        return chart(
            "Milliseconds per compaction; bytes merged on the right",
            [self.metric(Metric.COMPACTION_TIME, statistic) for statistic in _PERCENTILES],
            [self.metric(Metric.COMPACTED_BYTES)],
        )

    @property
    def _functions(self) -> list[lambda_.IFunction]:
        history, compaction = self._history, self._compaction
        functions = [self._load, history.plan.function, history.backfill.function]
        return [*functions, compaction.compact.function] if compaction else functions


def _throttled(table: dynamodb.ITable) -> cloudwatch.Metric:
    return table.metric("WriteThrottleEvents", statistic="Sum", period=FIVE_MINUTES)


def _limits(read_model: dynamodb.ITable) -> cloudwatch.GraphWidget:
    conflicts = read_model.metric("TransactionConflict", statistic="Sum")
    return chart(
        "Writes that the read model refused: throttled, or in conflict with another transaction",
        [_throttled(read_model), conflicts],
    )
