"""Metrics that functions write themselves, as CloudWatch sees them."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct


def own_metric(
    service: Construct,
    name: str,
    statistic: str = "Sum",
    period: Duration | None = None,
    dimensions: Mapping[str, str] | None = None,
) -> cloudwatch.Metric:
    """A metric of the function whose settings name this construct as its service, over 15 minutes by default.

    ``dimensions`` are those that the function writes beside that of the service.
    """
    return cloudwatch.Metric(
        namespace=Stack.of(service).stack_name,
        metric_name=name,
        dimensions_map={"service": service.node.id, **(dimensions or {})},
        statistic=statistic,
        period=period or Duration.minutes(15),
    )
