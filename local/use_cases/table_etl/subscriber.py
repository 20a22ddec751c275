"""Another service: it subscribes to the rows' events, and keeps of each row the greatest version."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from lambdas.table_etl.contract import NEVER, event_source
from local.use_cases.table_etl.shop import Key

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient

_NAME = "rows-of-the-shop"
_MINUTES = 15
"""That events stay out of sight once they are received: nobody deletes them."""


class Event(NamedTuple):
    """What the service knows of a row."""

    dataset: str
    version: str
    kind: str
    row: Any
    """None for a deletion."""


@dataclass
class Subscriber:
    """A queue behind a rule, and what has come of it."""

    sqs: SQSClient
    queue: str
    rows: dict[Key, Event] = field(default_factory=dict)
    received: int = 0

    @classmethod
    def to(cls, events: EventBridgeClient, sqs: SQSClient, bus: str) -> Subscriber:
        """Subscribes to all rows of the pipeline."""
        queue = sqs.create_queue(QueueName=_NAME, Attributes={"VisibilityTimeout": str(_MINUTES * 60)})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        rule = events.put_rule(
            Name=_NAME, EventBusName=bus, EventPattern=json.dumps({"source": [event_source("orders")]})
        )["RuleArn"]
        permission = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [permission]})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        events.put_targets(Rule=_NAME, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
        return cls(sqs, queue)

    def take(self) -> None:
        """Receives what there is."""
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for each in messages:
                self.keep(json.loads(each["Body"]))

    def keep(self, event: Any) -> None:
        """Takes an event for what it is: one that comes twice, or late, changes nothing."""
        detail = event["detail"]
        partition, sort = json.loads(detail["key"])
        self.received += 1
        before = self.rows.get((partition, sort))
        if detail["version"] >= (before.version if before else NEVER):
            self.rows[partition, sort] = Event(
                detail["dataset"], detail["version"], event["detail-type"], detail["row"]
            )
