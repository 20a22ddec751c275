"""The deployment unit of log analysis."""

from __future__ import annotations

from aws_cdk import CfnOutput, Fn, Stack
from constructs import Construct

from stacks.blocks.policy import SharedPolicy
from stacks.log_analysis.config import LogAnalysisConfig
from stacks.log_analysis.construct import LogAnalysis


class LogAnalysisStack(Stack):
    """Event-driven log analysis; ``cdk deploy LogAnalysis``."""

    def __init__(self, scope: Construct, construct_id: str, config: LogAnalysisConfig, shared: SharedPolicy) -> None:
        super().__init__(scope, construct_id, description="Log analysis: error signatures, access figures, alerts")
        self.log_analysis = analysis = LogAnalysis(self, "LogAnalysis", config, shared)
        CfnOutput(self, "AnalyzerFunctionName", value=analysis.analyze.function.function_name)
        CfnOutput(self, "SignaturesTableName", value=analysis.signatures.table_name)
        CfnOutput(self, "AlertsTopicArn", value=analysis.alerts.topic_arn)
        CfnOutput(self, "FailureQueueUrl", value=analysis.failures.queue_url)
        if analysis.demo_log_groups:
            names = [each.log_group_name for each in analysis.demo_log_groups]
            CfnOutput(self, "DemoLogGroupNames", value=Fn.join(",", names))
