"""A queue that gets what is published to the topic of alerts."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.log_analysis.contract import KIND_ATTRIBUTE, LOG_GROUP_ATTRIBUTE, MINUTE_ATTRIBUTE, SIGNATURE_ATTRIBUTE
from local.use_cases.log_analysis.stack import Deployed

NAME = "log-alerts"


@dataclass(frozen=True, order=True)
class Alert:
    """What somebody is told."""

    kind: str
    log_group: str
    signature: str
    minute: str
    body: str


@dataclass(frozen=True)
class Inbox:
    """Alerts that came."""

    deployed: Deployed
    url: str

    @classmethod
    def opened(cls, deployed: Deployed) -> Inbox:
        """A new queue, subscribed to the topic."""
        url = deployed.sqs.create_queue(QueueName=NAME)["QueueUrl"]
        attributes = deployed.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        deployed.sns.subscribe(
            TopicArn=deployed.topic,
            Protocol="sqs",
            Endpoint=attributes["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
        return cls(deployed, url)

    def taken(self) -> list[Alert]:
        """Those that have come since the last time."""
        found: list[Alert] = []
        while messages := self.deployed.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages", []):
            for each in messages:
                told = {name: value["StringValue"] for name, value in each["MessageAttributes"].items()}
                found.append(
                    Alert(
                        kind=told[KIND_ATTRIBUTE],
                        log_group=told[LOG_GROUP_ATTRIBUTE],
                        signature=told[SIGNATURE_ATTRIBUTE],
                        minute=told[MINUTE_ATTRIBUTE],
                        body=each["Body"],
                    )
                )
                self.deployed.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
        return found
