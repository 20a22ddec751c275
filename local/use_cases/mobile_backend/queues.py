"""What waits in the consumers' queues, and what their functions have counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from lambdas.mobile_backend.contract import Metric
from local.use_cases import counters
from local.use_cases.mobile_backend.visit import Visit

_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_HIDDEN = "VisibilityTimeout"
_HIDDEN_SECONDS = 1


def waiting(visit: Visit, queue: str) -> int:
    """Messages of a queue, those that a function has at the moment included."""
    attributes = visit.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=list(_WAITING))["Attributes"]
    return sum(int(attributes[name]) for name in _WAITING)


def dead_letters(visit: Visit, queue: str) -> str:
    """URL of the queue that takes what failed too often in this one."""
    attributes = visit.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy"])["Attributes"]
    arn = json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"]
    url: str = visit.sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    return url


@contextmanager
def impatient(visit: Visit, queue: str) -> Iterator[None]:
    """While inside, what failed comes again after a second instead of after minutes."""
    before = visit.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[_HIDDEN])["Attributes"]
    visit.sqs.set_queue_attributes(QueueUrl=queue, Attributes={_HIDDEN: str(_HIDDEN_SECONDS)})
    try:
        yield
    finally:
        visit.sqs.set_queue_attributes(QueueUrl=queue, Attributes={_HIDDEN: before[_HIDDEN]})


def counted(visit: Visit, function: str, metric: Metric) -> int:
    """A metric of a function."""
    return counters.total(visit.functions, visit.logs, function, metric)
