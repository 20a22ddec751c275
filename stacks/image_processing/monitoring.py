"""What to watch: the quarantine rate, and a dashboard."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.image_processing.contract import Metric
from stacks.blocks.alarms import Alarms
from stacks.blocks.charts import chart, dashboard, of_function, waiting
from stacks.blocks.metrics import own_metric

_OUTCOMES = (Metric.READY, Metric.REJECTED, Metric.BLOCKED, Metric.DELETED, Metric.NO_EFFECT)


class Monitoring(Construct):
    """Metrics that the Render function writes, as CloudWatch sees them."""

    def __init__(self, scope: Construct, function: lambda_.IFunction, failures: sqs.IQueue) -> None:
        super().__init__(scope, "Monitoring")
        self._processing = scope
        self._function = function
        self._failures = failures

    def metric(self, name: Metric, statistic: str = "Sum") -> cloudwatch.Metric:
        """One of the function's own metrics."""
        return own_metric(self._processing, name, statistic)

    @property
    def quarantine_rate(self) -> cloudwatch.Metric:
        """Percentage of uploads that were rejected; no data while there are no uploads."""
        return self.metric(Metric.REJECTED_SHARE, "Average")

    def show(self, alarms: Alarms) -> None:
        """One screen: alarms first, then pictures, function and failures."""
        counts = [self.metric(name) for name in _OUTCOMES]
        times = [self.metric(Metric.HANDLING_TIME, statistic) for statistic in ("p50", "p95", "p99")]
        dashboard(
            self,
            [alarms],
            [
                [
                    cloudwatch.GraphWidget(title="Events by outcome", left=counts, stacked=True, width=12),
                    chart("Milliseconds per event", times),
                ],
                [
                    of_function(self._function),
                    chart("Failure queue and quarantine rate", [waiting(self._failures)], [self.quarantine_rate]),
                ],
            ],
        )
