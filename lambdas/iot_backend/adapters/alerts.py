"""Alerts, in Amazon SNS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from lambdas.common.calls import aws_call
from lambdas.iot_backend.contract.devices import Alert

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_JSON = msgspec.json.Encoder()


@dataclass(frozen=True)
class SnsAlerts:
    """The `Alerts` of a topic; a subject is what its mails show first."""

    client: SNSClient
    topic_arn: str

    def send(self, alert: Alert) -> None:
        """Publishes the alert as JSON."""
        what = "is above its threshold" if alert.raised else "is back below its threshold"
        with aws_call("publish an alert"):
            self.client.publish(
                TopicArn=self.topic_arn,
                # Up to 99 characters; a device's id and a reading's name have 64 each.
                Subject=f"{alert.device_id[:32]}: {alert.reading[:32]} {what}",
                Message=_JSON.encode(alert).decode(),
            )
