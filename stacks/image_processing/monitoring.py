"""What to watch: the quarantine rate, and a dashboard."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from lambdas.image_processing.contract import Metric
from stacks.blocks.alarms import Alarms
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

    def dashboard(self, alarms: Alarms) -> cloudwatch.Dashboard:
        """One screen: alarms first, then pictures, function and failures."""
        function = self._function
        counts = [self.metric(name) for name in _OUTCOMES]
        times = [self.metric(Metric.HANDLING_TIME, statistic) for statistic in ("p50", "p95", "p99")]
        waiting = self._failures.metric_approximate_number_of_messages_visible()
        return cloudwatch.Dashboard(
            self,
            "Dashboard",
            widgets=[
                [cloudwatch.AlarmStatusWidget(alarms=list(alarms.by_name.values()), width=24, title="Alarms")],
                [
                    cloudwatch.GraphWidget(title="Events by outcome", left=counts, stacked=True, width=12),
                    cloudwatch.GraphWidget(title="Milliseconds per event", left=times, width=12),
                ],
                [
                    cloudwatch.GraphWidget(
                        title="Function",
                        left=[function.metric_invocations(), function.metric_errors(), function.metric_throttles()],
                        right=[function.metric("ConcurrentExecutions", statistic="Maximum")],
                        width=12,
                    ),
                    cloudwatch.GraphWidget(
                        title="Failure queue and quarantine rate",
                        left=[waiting],
                        right=[self.quarantine_rate],
                        width=12,
                    ),
                ],
            ],
        )
