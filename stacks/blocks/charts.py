"""Dashboards: one screen, alarms first, then rows of two charts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.blocks.alarms import Alarms


def dashboard(
    scope: Construct,
    alarms: Iterable[Alarms],
    rows: Sequence[Sequence[cloudwatch.IWidget]],
    others: Sequence[cloudwatch.IAlarm] = (),
) -> None:
    """The dashboard of a use case; ``others`` are alarms that stand elsewhere. Rows without charts are left out."""
    states = [*others, *(alarm for each in alarms for alarm in each.by_name.values())]
    first = cloudwatch.AlarmStatusWidget(alarms=states, width=24, title="Alarms")
    cloudwatch.Dashboard(scope, "Dashboard", widgets=[[first], *(list(row) for row in rows if row)])


def chart(
    title: str, left: Sequence[cloudwatch.IMetric], right: Sequence[cloudwatch.IMetric] = ()
) -> cloudwatch.GraphWidget:
    """Half a row; ``right`` has a scale of its own."""
    return cloudwatch.GraphWidget(title=title, left=list(left), right=list(right) or None, width=12)


def invocations(functions: Sequence[lambda_.IFunction]) -> cloudwatch.GraphWidget:
    """How often functions run, and how often they fail or find no concurrency left."""
    return chart(
        "Invocations; errors and throttles on the right",
        [function.metric_invocations() for function in functions],
        [metric for function in functions for metric in (function.metric_errors(), function.metric_throttles())],
    )


def of_function(function: lambda_.IFunction) -> cloudwatch.GraphWidget:
    """As `invocations`, of the only function that there is, and how many of it run at a time."""
    return chart(
        "Function; how many run at a time on the right",
        [function.metric_invocations(), function.metric_errors(), function.metric_throttles()],
        [function.metric("ConcurrentExecutions", statistic="Maximum")],
    )


def waiting(queue: sqs.IQueue) -> cloudwatch.Metric:
    """Messages in a queue."""
    return queue.metric_approximate_number_of_messages_visible(statistic="Maximum")
