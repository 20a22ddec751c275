"""Reports to SNS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.common.calls import aws_call

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True)
class SnsReports:
    """The `Reports` to a topic."""

    client: SNSClient
    topic_arn: str

    def publish(self, subject: str, message: str) -> None:
        """Subject: up to 100 ASCII characters; message: up to 256 KB."""
        with aws_call("report"):
            self.client.publish(TopicArn=self.topic_arn, Subject=subject, Message=message)
