"""Log analysis: subscribed log groups in; counted signatures, access figures and alerts out."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

from lambdas.log_analysis.contract import ENTRY, EXPIRES_AT, PARTITION, AnalyzeSettings
from stacks.blocks.function import GrantTo, HandlerFunction, allow, log_group_of
from stacks.blocks.policy import SharedPolicy
from stacks.blocks.queue import failure_queue
from stacks.blocks.table import on_demand_table
from stacks.blocks.topic import encrypted_topic
from stacks.log_analysis.config import LogAnalysisConfig
from stacks.log_analysis.monitoring import Monitoring
from stacks.log_analysis.subscriptions import Subscriptions


class LogAnalysis(Construct):
    """Groups the errors of log groups by signature, counts them, and alerts; see docs/log_analysis.md.

    Attributes are L2 constructs, or constructs of them: ``signatures``, ``alerts``, ``failures``, ``analyze``,
    ``subscriptions``, ``demo_log_groups``, ``monitoring``.

    Raises:
        ValueError: a log group to be subscribed is the function's own.
    """

    def __init__(self, scope: Construct, construct_id: str, config: LogAnalysisConfig, shared: SharedPolicy) -> None:
        super().__init__(scope, construct_id)
        self.signatures = on_demand_table(
            self, "Signatures", shared, partition_key=PARTITION, sort_key=ENTRY, time_to_live=EXPIRES_AT
        )
        self.alerts = encrypted_topic(self, "Alerts")
        self.failures = failure_queue(self, "Failures")
        self.analyze = self._analyze(config, shared)
        self.subscriptions = Subscriptions(
            self,
            "Subscriptions",
            function=self.analyze.function,
            own=self.analyze.log_group,
            any_log_group=config.any_log_group,
        )
        for each in config.subscriptions:
            self.subscriptions.add_named(each.name, each.pattern)
        self.demo_log_groups = [self._demo_log_group(number, shared) for number in range(config.demo_log_groups)]
        self.monitoring = Monitoring(
            self,
            shared,
            config,
            subscriptions=self.subscriptions,
            analyze=self.analyze.function,
            failures=self.failures,
            signatures=self.signatures,
        )

    def subscribe(self, log_group: logs.ILogGroup, pattern: str = "") -> logs.SubscriptionFilter:
        """Analyzes the lines of a log group that match a filter pattern, or all where it is empty.

        Raises:
            ValueError: it is the function's own log group, or one more than the function's policy has room for.
        """
        return self.subscriptions.add(log_group, pattern)

    def _analyze(self, config: LogAnalysisConfig, shared: SharedPolicy) -> HandlerFunction:
        log_group = log_group_of(self, "AnalyzeLogs", shared)
        return HandlerFunction(
            self,
            "Analyze",
            module="lambdas.log_analysis.analyze",
            description="Groups errors of log groups by signature, counts them, and alerts",
            settings=AnalyzeSettings(
                service=self.node.id,
                metrics_namespace=Stack.of(self).stack_name,
                signatures_table_name=self.signatures.table_name,
                alerts_topic_arn=self.alerts.topic_arn,
                own_log_group_name=log_group.log_group_name,
                limits=config.limits,
                detection=config.detection,
                retention=config.retention,
            ),
            grants=[
                self._keeping_signatures(),
                allow("sns:Publish", on=[self.alerts.topic_arn]),
                # Somebody may subscribe it to its own log by hand: it takes that back, or it would go on for ever.
                allow("logs:DeleteSubscriptionFilter", on=[log_group.log_group_arn]),
            ],
            config=config.analyze_function,
            shared=shared,
            on_failure=self.failures,
            log_group=log_group,
        )

    def _keeping_signatures(self) -> GrantTo:
        """Exactly the calls of ``lambdas/log_analysis/adapters``; a transaction needs the rights of its parts."""
        return allow(
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            on=[self.signatures.table_arn],
        )

    def _demo_log_group(self, number: int, shared: SharedPolicy) -> logs.LogGroup:
        log_group = log_group_of(self, f"Demo{number + 1}", shared)
        self.subscribe(log_group)
        return log_group
