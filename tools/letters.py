"""Messages in a queue of what failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from lambdas.common.errors import has_code

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_HIDDEN_SECONDS = 120
"""How long a message that was received is kept from others, and from the next run if this one is killed."""


NOT_IN_FLIGHT = {"AWS.SimpleQueueService.MessageNotInflight", "InvalidParameterValue", "ReceiptHandleIsInvalid"}
"""Its time was over: it has come back by itself, or somebody else has received it."""


@dataclass(frozen=True)
class Letter:
    """A message."""

    id: str
    body: str
    sent: float
    """Unix time, s."""
    source: str | None = None
    """ARN of the queue that gave it up, where it was one."""


@dataclass
class Letters:
    """The messages of one queue."""

    sqs: SQSClient
    queue: str
    _handles: dict[str, str] = field(default_factory=dict)
    """By message, of when it was received last: SQS may forget the ones before."""

    def in_flight(self) -> int:
        """How many messages somebody has received and neither deleted nor given back; as SQS counts, about."""
        name: Literal["ApproximateNumberOfMessagesNotVisible"] = "ApproximateNumberOfMessagesNotVisible"
        answer = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def each(self) -> Iterator[Letter]:
        """Each message once, until the queue answers with none."""
        while True:
            answer = self.sqs.receive_message(
                QueueUrl=self.queue,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_HIDDEN_SECONDS,
                # Without waiting, SQS asks some of its servers only, and may answer that there are none.
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["SentTimestamp", "DeadLetterQueueSourceArn"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                return
            new = [each for each in messages if each["MessageId"] not in self._handles]
            self._handles.update({each["MessageId"]: each["ReceiptHandle"] for each in messages})
            for each in new:
                attributes = each["Attributes"]
                sent, source = int(attributes["SentTimestamp"]) / 1000, attributes.get("DeadLetterQueueSourceArn")
                yield Letter(each["MessageId"], each["Body"], sent, source)

    def delete(self, letter: Letter) -> None:
        """For good."""
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=self._handles[letter.id])

    def give_back(self, letter: Letter) -> None:
        """Lets the next run receive it at once."""
        try:
            self.sqs.change_message_visibility(
                QueueUrl=self.queue, ReceiptHandle=self._handles[letter.id], VisibilityTimeout=0
            )
        except ClientError as error:
            if not has_code(error, NOT_IN_FLIGHT):
                raise
