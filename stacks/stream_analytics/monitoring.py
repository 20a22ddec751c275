"""What to watch: how late events are, what becomes of them, and a dashboard."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from lambdas.stream_analytics.contract import Metric
from stacks.blocks.alarms import FIVE_MINUTES, Alarms
from stacks.blocks.charts import chart, dashboard, of_function
from stacks.blocks.metrics import own_metric
from stacks.blocks.stream_source import StreamSource


class Monitoring(Construct):
    """Metrics of the stream, of the Analyze function and of what stands between them."""

    def __init__(
        self, scope: Construct, function: lambda_.IFunction, stream: kinesis.IStream, source: StreamSource
    ) -> None:
        super().__init__(scope, "Monitoring")
        self._analytics = scope
        self._function = function
        self._stream = stream
        self._source = source

    def metric(self, name: Metric, statistic: str = "Sum") -> cloudwatch.Metric:
        """One of the function's own metrics."""
        return own_metric(self._analytics, name, statistic)

    @property
    def quarantine_rate(self) -> cloudwatch.Metric:
        """Percentage of a batch's events that were rejected, on average; no data while there are no events."""
        return self.metric(Metric.REJECTED_SHARE, "Average")

    def watch(self, alarms: Alarms, max_lag_seconds: int, quarantine_percent: float) -> None:
        """An alarm for each way in which events can be late, rejected or lost."""
        alarms.of_stream_function(self._function, self._source, Duration.seconds(max_lag_seconds))
        retried = own_metric(self._analytics, Metric.RETRIED, period=FIVE_MINUTES)
        alarms.above("RetriedBatches", retried, 0, "AWS calls failed, and the rest of a batch is retried: see the logs")
        slowed = self._stream.metric_write_provisioned_throughput_exceeded(period=FIVE_MINUTES, statistic="Sum")
        reason = "producers have to try again: take more shards; on-demand streams need 15 minutes to double"
        alarms.above("StreamThrottles", slowed, 0, reason)
        reason = "this percentage of events was rejected: look at the reasons in the quarantine bucket"
        alarms.above("QuarantineRate", self.quarantine_rate, quarantine_percent, reason)

    def show(self, alarms: Alarms) -> None:
        """One screen: alarms first, then how late, how many, what failed, and how long it took."""
        times = [self.metric(Metric.BATCH_TIME, statistic) for statistic in ("p50", "p95", "p99")]
        dashboard(
            self,
            [alarms],
            [
                [self._lateness(), self._throughput()],
                [self._failures(), chart("Milliseconds per batch", times)],
                [of_function(self._function), self._limits_of_the_stream()],
            ],
        )

    def _lateness(self) -> cloudwatch.GraphWidget:
        iterator_age = self._function.metric("IteratorAge", statistic="Maximum")
        return chart(
            "Milliseconds that records wait (iterator age), and until they are counted (lag)",
            [iterator_age, self.metric(Metric.LAG, "p50"), self.metric(Metric.LAG, "p99")],
        )

    def _throughput(self) -> cloudwatch.GraphWidget:
        arriving = self._stream.metric_incoming_records(statistic="Sum", period=Duration.minutes(15))
        return chart(
            "Records that arrive and are handled, events counted; bytes on the right",
            [arriving, self.metric(Metric.RECORDS), self.metric(Metric.EVENTS)],
            [self._stream.metric_incoming_bytes(statistic="Sum", period=Duration.minutes(15))],
        )

    def _failures(self) -> cloudwatch.GraphWidget:
        counts = [self.metric(name) for name in (Metric.REJECTED, Metric.REPEATED, Metric.RETRIED)]
        return chart(
            "Events rejected and repeated, batches retried, records given up; quarantine rate on the right",
            [*counts, self._source.given_up, self._source.lost],
            [self.quarantine_rate],
        )

    def _limits_of_the_stream(self) -> cloudwatch.GraphWidget:
        return chart(
            "Records that the stream refused, and reads",
            [
                self._stream.metric_write_provisioned_throughput_exceeded(statistic="Sum"),
                self._stream.metric_read_provisioned_throughput_exceeded(statistic="Sum"),
            ],
        )
