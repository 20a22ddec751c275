"""Subscription filters: which log groups' lines a function gets, and CloudWatch Logs' permission to bring them."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_logs_destinations as destinations
from constructs import Construct

from stacks.blocks.alarms import FIVE_MINUTES

MOST_PERMISSIONS = 30
"""Of log groups with names of 150 characters on average: a statement for each takes about 500 bytes and the name, and
a function's policy holds 20 KB ("Lambda quotas", Lambda Developer Guide)."""

_REMEDY = (
    "each line that it would get would make it write more lines, for ever. Let another LogAnalysis watch the log of "
    "this one, or its alarms, which are there already"
)


class Subscriptions(Construct):
    """Subscribes ``function`` to log groups, but never to ``own``, the one to which it writes itself.

    CloudWatch Logs may invoke the function for the log groups that are subscribed here and for no other, and so refuses
    to subscribe it to its own one by hand; with ``any_log_group`` it may for all of this account and region.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.IFunction,
        own: logs.LogGroup,
        any_log_group: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._function = function
        self._own = own
        self._count = 0
        self._analysis_id = scope.node.id
        self._for_all = self._permission(self, self._any_log_group_arn) if any_log_group else None

    def add(self, log_group: logs.ILogGroup, pattern: str) -> logs.SubscriptionFilter:
        """Brings the lines that match a filter pattern, or all where it is empty.

        Raises:
            ValueError: it is the function's own log group, or one more than the function's policy has room for.
        """
        if _name(log_group) == _name(self._own) or _arn(log_group) == _arn(self._own):
            raise ValueError(f"{self._own.node.path} is where the function itself writes: {_REMEDY}")
        return self._subscribe(Construct(self, log_group.node.path), log_group, pattern)

    def add_named(self, name: str, pattern: str) -> logs.SubscriptionFilter:
        """As `add`, of a log group that is there already."""
        if name.startswith(self._generated_name):
            raise ValueError(f"{name} is where the function itself writes: {_REMEDY}")
        scope = Construct(self, name)
        return self._subscribe(scope, logs.LogGroup.from_log_group_name(scope, "LogGroup", name), pattern)

    @property
    def undelivered(self) -> cloudwatch.MathExpression:
        """How many lines CloudWatch Logs could not bring, of all filters that are made here."""
        metric = 'SUM(DeliveryErrors) FROM SCHEMA("AWS/Logs", DestinationType, FilterName, LogGroupName)'
        return cloudwatch.MathExpression(
            expression=f"SELECT {metric} WHERE FilterName = '{self._filter_name}'",
            label="DeliveryErrors",
            period=FIVE_MINUTES,
        )

    def _subscribe(self, scope: Construct, log_group: logs.ILogGroup, pattern: str) -> logs.SubscriptionFilter:
        self._count += 1
        if self._for_all is None and self._count > MOST_PERMISSIONS:
            raise ValueError(
                f"{self._count} log groups are more than the function's policy holds permissions for, which are "
                f"{MOST_PERMISSIONS}: set any_log_group, which is one for all of them, or deploy several stacks"
            )
        permission = self._for_all or self._permission(scope, log_group.log_group_arn)
        made = logs.SubscriptionFilter(
            scope,
            "Filter",
            filter_name=self._filter_name,
            log_group=log_group,
            # The permission of the L2 would say nothing of the account.
            destination=destinations.LambdaDestination(self._function, add_permissions=False),
            filter_pattern=logs.FilterPattern.literal(pattern) if pattern else logs.FilterPattern.all_events(),
        )
        # CloudWatch Logs makes a filter only once it may invoke the function.
        made.node.add_dependency(permission)
        return made

    def _permission(self, scope: Construct, log_group_arn: str) -> lambda_.CfnPermission:
        return lambda_.CfnPermission(
            scope,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=self._function.function_arn,
            principal="logs.amazonaws.com",
            source_arn=log_group_arn,
            source_account=Stack.of(self).account,
        )

    @property
    def _filter_name(self) -> str:
        """One for all filters: names have to differ within a log group alone, and metrics are found by this one."""
        return f"{Stack.of(self).stack_name}-{self._analysis_id}"

    @property
    def _any_log_group_arn(self) -> str:
        return Stack.of(self).format_arn(
            service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )

    @property
    def _generated_name(self) -> str:
        """How CloudFormation's name for the function's own log group begins; what follows is random."""
        stack = Stack.of(self)
        logical_id = stack.resolve(self._own.log_group_name)["Ref"]
        return f"{stack.stack_name}-{logical_id}-"


def _name(log_group: logs.ILogGroup) -> str:
    """As a token, where CloudFormation chooses it: the same one whoever names the log group."""
    return log_group.log_group_name


def _arn(log_group: logs.ILogGroup) -> str:
    """Without the asterisk, which the CDK puts behind imported ones."""
    return log_group.log_group_arn.removesuffix(":*")
