"""The topic that people subscribe to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.common.calls import aws_call
from lambdas.log_analysis.contract import (
    KIND_ATTRIBUTE,
    LOG_GROUP_ATTRIBUTE,
    MINUTE_ATTRIBUTE,
    SIGNATURE_ATTRIBUTE,
    minute_text,
)
from lambdas.log_analysis.domain.alerts import Alert

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True)
class SnsAlerts:
    """The `Alerts` in SNS."""

    client: SNSClient
    topic_arn: str

    def publish(self, alert: Alert) -> None:
        """Publishes an alert as text, with attributes that subscriptions can filter by."""
        attributes = {
            KIND_ATTRIBUTE: str(alert.kind),
            LOG_GROUP_ATTRIBUTE: alert.log_group,
            SIGNATURE_ATTRIBUTE: alert.signature_id,
            MINUTE_ATTRIBUTE: minute_text(alert.minute),
        }
        with aws_call(f"tell of signature {alert.signature_id} of {alert.log_group}"):
            self.client.publish(
                TopicArn=self.topic_arn,
                Subject=alert.subject,
                Message=alert.text,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
