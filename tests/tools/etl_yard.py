"""A deployed table ETL stack over fakes: the real Load function, and what the tools see of the stack."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec

from lambdas.table_etl.contract import (
    FilePosition,
    Form,
    Limits,
    Quarantined,
    ReasonCode,
    live_version,
    quarantine_prefix,
)
from lambdas.table_etl.domain.transform import Transformer
from lambdas.table_etl.pipelines.orders import PIPELINE
from tests.support.event_source import Record
from tests.support.event_source.discards import Condition, invocation_record, key
from tests.support.fake_aws import FakeS3, Fault, Outside, client_error
from tests.table_etl.sources import START, Table
from tests.table_etl.world import LIMITS, World
from tools.table_etl import TableEtl

DAY = datetime.fromtimestamp(START, UTC).date()
WIDE = Limits(max_row_bytes=20_000)
CUSTOMER = "c-1"


@dataclass
class Message:
    """In a queue."""

    id: str
    body: str
    visible: bool = True
    sent: float = START
    received: int = 0
    source: str | None = None
    """ARN of the queue that gave it up."""

    @property
    def handle(self) -> str:
        """Of when it was received last."""
        return f"{self.id}, {self.received}"


class FakeSqs:
    """Queues; what is received stays invisible until it is given back."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.queues: dict[str, list[Message]] = {"tasks": [], "dead": [], "plan-failures": []}

    def put(self, queue: str, *bodies: str) -> None:
        for body in bodies:
            self.queues[queue].append(Message(f"{queue}-{len(self.queues[queue])}", body))

    def show_all(self) -> None:
        """Time passes."""
        for message in chain.from_iterable(self.queues.values()):
            message.visible = True

    def bodies(self, queue: str) -> list[str]:
        return [each.body for each in self.queues[queue]]

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **options: Any) -> Any:  # noqa: N803
        assert options == {
            "VisibilityTimeout": 120,
            "WaitTimeSeconds": 1,
            "MessageSystemAttributeNames": ["SentTimestamp", "DeadLetterQueueSourceArn"],
        }

        def effect(_: bool) -> Any:  # noqa: FBT001
            found = [each for each in self.queues[QueueUrl] if each.visible][: min(3, MaxNumberOfMessages)]
            for each in found:
                each.visible = False
                each.received += 1
            messages = [
                {
                    "MessageId": each.id,
                    "ReceiptHandle": each.handle,
                    "Body": each.body,
                    "Attributes": {"SentTimestamp": str(int(each.sent * 1000))}
                    | ({"DeadLetterQueueSourceArn": each.source} if each.source else {}),
                }
                for each in found
            ]
            return {"Messages": messages} if messages else {}

        return self.outside.call("ReceiveMessage", effect)

    def _one(self, queue: str, handle: str) -> Message:
        return next(each for each in self.queues[queue] if each.handle == handle)

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> Any:  # noqa: N803
        message = self._one(QueueUrl, ReceiptHandle)
        return self.outside.call("DeleteMessage", lambda _: self.queues[QueueUrl].remove(message))

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> Any:  # noqa: N803
        assert VisibilityTimeout == 0
        message = self._one(QueueUrl, ReceiptHandle)
        if message.visible:
            raise client_error("ChangeMessageVisibility", "AWS.SimpleQueueService.MessageNotInflight")
        return self.outside.call("ChangeMessageVisibility", lambda _: setattr(message, "visible", True))

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> Any:  # noqa: N803
        return self.outside.call("SendMessage", lambda _: self.put(QueueUrl, MessageBody))

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:  # noqa: N803
        (name,) = AttributeNames
        hidden = sum(not each.visible for each in self.queues[QueueUrl])
        return self.outside.call("GetQueueAttributes", lambda _: {"Attributes": {name: str(hidden)}})


@dataclass
class FakeLambda:
    """Functions by name; what they raise is answered as Lambda does."""

    outside: Outside
    functions: dict[str, Callable[[Any], Any]]
    sizes: list[int] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:  # noqa: N803
        assert len(Payload) <= 6 * 1024 * 1024
        self.sizes.append(len(Payload))

        def effect(_: bool) -> Any:  # noqa: FBT001
            try:
                said, more = self.functions[FunctionName](json.loads(Payload)), {}
            except Exception as error:  # noqa: BLE001  as Lambda does
                said = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}
                more = {"FunctionError": "Unhandled"}
            return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(said).encode()), **more}

        return self.outside.call("Invoke", effect)


class Deleting(FakeS3):
    """Deletes objects, too."""

    def delete_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803
        return self.outside.call("DeleteObject", lambda _: self.buckets[Bucket].pop(Key, None))


class EtlYard(World):
    """A source table, its function, its failures; ``desk`` decides on the tools' own calls."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Outside()
        self.tool_s3 = Deleting(self.desk)
        self.tool_s3.buckets = self.s3.buckets
        self.sqs = FakeSqs(self.desk)
        self.planned: list[Any] = []
        self.functions = FakeLambda(self.desk, {"load": self.invoke, "plan": self.planned.append})
        self.failures: dict[str, bytes] = self.s3.buckets["failures"]
        self.quarantine: dict[str, bytes] = self.s3.buckets["quarantine"]
        self.table = Table()
        self.states: dict[str, str] = {}
        """By version."""

    @property
    def etl(self) -> TableEtl:
        """As the tools see it."""
        clients: Any = {"s3": self.tool_s3, "sqs": self.sqs, "functions": self.functions}
        return TableEtl(
            load_function="load",
            plan_function="plan",
            quarantine_bucket="quarantine",
            failure_bucket="failures",
            tasks_queue="tasks",
            dead_letter_queue="dead",
            plan_failure_queue="plan-failures",
            **clients,
        )

    def deploy(self, limits: Limits = WIDE) -> None:
        """From now on the function has these limits."""
        self.loader = replace(self.loader, transformer=Transformer(PIPELINE, limits))

    def _put(self, states: Sequence[str]) -> list[Record]:
        records = []
        for state in states:
            record = self.table.put(CUSTOMER, len(self.states) + 1, state, 1)
            self.states[live_version(record.sequence_number)] = state
            records.append(record)
        return records

    def write(self, *states: str) -> None:
        """Orders in these states."""
        records = self._put(states)
        self.invoke({"Records": [json.loads(record.text) for record in records]})

    def discard(self, *states: str) -> None:
        """As `write`, but the event source gave the batch up."""
        shard, records = self.table.shards[CUSTOMER], self._put(states)
        body = invocation_record(shard, records, Condition.RETRIES, invocations=3, function_error=None)
        self.failures[key(shard, len(self.failures))] = body

    def put_in_quarantine(self, *lines: Quarantined, name: str = "object") -> str:
        """Writes an object by hand, and returns its key."""
        found = f"{quarantine_prefix(DAY)}{name}.jsonl"
        self.quarantine[found] = msgspec.json.Encoder().encode_lines(lines)
        return found

    def loaded(self) -> list[str]:
        """States of the orders that readers see."""
        return sorted(self.states[version] for version, row in self.rows_of_the_read_model().values() if row)

    def somewhere(self) -> set[str]:
        """Versions of what readers see, or what is in quarantine or among the discarded batches."""
        seen = {version for version, _ in self.rows_of_the_read_model().values()}
        batches = [json.loads(json.loads(body)["payload"])["Records"] for body in self.failures.values()]
        numbers = [record["dynamodb"]["SequenceNumber"] for batch in batches for record in batch]
        return seen | {line.version for line in self.quarantined()} | set(map(live_version, numbers))

    def throttle(self) -> None:
        """The targets take nothing."""
        self.outside.decide = lambda name: Fault.THROTTLED if name == "TransactWriteItems" else Fault.NONE

    def calm(self) -> None:
        """No more faults."""
        self.outside.decide = self.desk.decide = lambda _: Fault.NONE


def file_line(row: int, *, complete: bool = True, form: Form | None = Form.JSON, payload: bytes = b"{}") -> Quarantined:
    """A line about a file."""
    return Quarantined(
        reason=ReasonCode.BAD_LINE if form else ReasonCode.BAD_GZIP,
        message="as the test says",
        position=FilePosition("files", "old/orders.csv", "v1", row),
        form=form,
        payload=payload,
        complete=complete,
        version="0#1",
    )


def narrow() -> EtlYard:
    """A stack whose limits reject what is too big."""
    yard = EtlYard()
    yard.deploy(LIMITS)
    return yard
