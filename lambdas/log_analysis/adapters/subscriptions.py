"""Subscription filters of log groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lambdas.common.calls import aws_call
from lambdas.common.errors import has_code

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


@dataclass(frozen=True)
class LogsSubscriptions:
    """The `Subscriptions` of CloudWatch Logs."""

    client: CloudWatchLogsClient

    def remove(self, log_group: str, name: str) -> None:
        """Deletes a subscription filter, whether there or not."""
        with aws_call(f"delete subscription filter {name} of {log_group}"):
            try:
                self.client.delete_subscription_filter(logGroupName=log_group, filterName=name)
            except ClientError as error:
                if not has_code(error, {"ResourceNotFoundException"}):
                    raise
