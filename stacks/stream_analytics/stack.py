"""The deployment unit of stream analytics."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.blocks.policy import SharedPolicy
from stacks.stream_analytics.construct import StreamAnalytics, StreamAnalyticsConfig


class StreamAnalyticsStack(Stack):
    """Kinesis stream analytics; ``cdk deploy StreamAnalytics``."""

    def __init__(
        self, scope: Construct, construct_id: str, config: StreamAnalyticsConfig, shared: SharedPolicy
    ) -> None:
        super().__init__(scope, construct_id, description="Kinesis stream analytics: counters, archive, quarantine")
        self.stream_analytics = StreamAnalytics(self, "StreamAnalytics", config, shared)
        CfnOutput(self, "EventsStreamName", value=self.stream_analytics.events.stream_name)
        CfnOutput(self, "MetricsTableName", value=self.stream_analytics.metrics.table_name)
        CfnOutput(self, "ProgressTableName", value=self.stream_analytics.progress.table_name)
        CfnOutput(self, "OrdersTableName", value=self.stream_analytics.orders.table_name)
        CfnOutput(self, "IndexTableName", value=self.stream_analytics.index.table_name)
        CfnOutput(self, "ArchiveBucketName", value=self.stream_analytics.archive.bucket_name)
        CfnOutput(self, "QuarantineBucketName", value=self.stream_analytics.quarantine.bucket_name)
        CfnOutput(self, "FailureBucketName", value=self.stream_analytics.failures.bucket_name)
        CfnOutput(self, "AnalyzeFunctionName", value=self.stream_analytics.analyze.function.function_name)
