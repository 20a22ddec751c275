"""What to watch: that lines get to the function, that it counts them, that the table takes it; and a dashboard."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.log_analysis.contract import Metric
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, waiting
from stacks.blocks.metrics import own_metric
from stacks.blocks.policy import SharedPolicy
from stacks.log_analysis.config import LogAnalysisConfig
from stacks.log_analysis.subscriptions import Subscriptions

_PERCENTILES = ("p50", "p95", "p99")


class Monitoring(Construct):
    """Metrics of the function, and of what stands before and behind it.

    ``alarms`` tell of the analysis itself; what it finds in logs goes to the topic of alerts.
    """

    def __init__(
        self,
        scope: Construct,
        shared: SharedPolicy,
        config: LogAnalysisConfig,
        *,
        subscriptions: Subscriptions,
        analyze: lambda_.IFunction,
        failures: sqs.IQueue,
        signatures: dynamodb.ITable,
    ) -> None:
        super().__init__(scope, "Monitoring")
        self._analysis = scope
        self._subscriptions = subscriptions
        self._analyze = analyze
        self._failures = failures
        self._signatures = signatures
        self.alarms = Alarms(self, "Alarms", shared)
        self.alarms.of_asynchronous_function(analyze, failures)
        if config.delivery_alarm:
            reason = "CloudWatch Logs could not invoke the function, and skips lines: may it, and is there a function?"
            self.alarms.above("UndeliveredLines", subscriptions.undelivered, 0, reason)
        unnamed = self.metric(Metric.UNNAMED).with_(period=FIVE_MINUTES)
        reason = "a log group has more signatures than are kept apart: allow more, or mask what differs between them"
        self.alarms.above("TooManySignatures", unnamed, 0, reason)
        reason = "counts get more writes than a partition of the table takes; they are tried again"
        self.alarms.above("SignaturesWriteThrottles", self._throttles, 0, reason)
        self._dashboard()

    def metric(self, name: Metric, statistic: str = "Sum") -> cloudwatch.Metric:
        """One of the function's own metrics."""
        return own_metric(self._analysis, name, statistic)

    @property
    def _throttles(self) -> cloudwatch.Metric:
        return self._signatures.metric("WriteThrottleEvents", statistic="Sum", period=FIVE_MINUTES)

    def _dashboard(self) -> None:
        """One screen: alarms first, then what came, what was found, how long it took, and what failed."""
        dashboard(
            self,
            [self.alarms],
            [
                [self._lines(), self._errors()],
                [self._lag(), self._batch_times()],
                [self._invocations(), self._limits()],
            ],
        )

    def _lines(self) -> cloudwatch.GraphWidget:
        return chart(
            "Log events that came, requests among them, and what had been counted before",
            [self.metric(name) for name in (Metric.EVENTS, Metric.ACCESSES, Metric.REPEATED)],
        )

    def _errors(self) -> cloudwatch.GraphWidget:
        return chart(
            "Errors; new signatures and alerts on the right",
            [self.metric(name) for name in (Metric.ERRORS, Metric.UNNAMED)],
            [self.metric(name) for name in (Metric.NEW_SIGNATURES, Metric.ALERTS)],
        )

    def _lag(self) -> cloudwatch.GraphWidget:
        lag = [self.metric(Metric.LAG, statistic) for statistic in _PERCENTILES]
        return chart("Milliseconds from a line to its count", lag)

    def _batch_times(self) -> cloudwatch.GraphWidget:
        times = [self.metric(Metric.BATCH_TIME, statistic) for statistic in _PERCENTILES]
        return chart("Milliseconds per delivery", times)

    def _invocations(self) -> cloudwatch.GraphWidget:
        analyze = self._analyze
        return chart(
            "Invocations, errors and throttles; deliveries that failed for good on the right",
            [analyze.metric_invocations(), analyze.metric_errors(), analyze.metric_throttles()],
            [waiting(self._failures)],
        )

    def _limits(self) -> cloudwatch.GraphWidget:
        conflicts = self._signatures.metric("TransactionConflict", statistic="Sum")
        return chart(
            "Writes that the table refused, throttled or in conflict; lines that did not come on the right",
            [self._throttles, conflicts],
            [self._subscriptions.undelivered],
        )
