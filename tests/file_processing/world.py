"""The real functions over fakes of AWS, and what users do to the inbox."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from lambdas.common.calls import Patience
from lambdas.common.tables.metrics import layout
from lambdas.file_processing import recognize
from lambdas.file_processing.adapters.catalog import DynamoCatalog
from lambdas.file_processing.adapters.items import from_item
from lambdas.file_processing.adapters.members import QueuedMembers
from lambdas.file_processing.adapters.metrics import DynamoMetrics
from lambdas.file_processing.adapters.objects import S3Originals, S3Products, S3Quarantine
from lambdas.file_processing.adapters.queues import SqsIndex, SqsLanes, SqsMessages
from lambdas.file_processing.contract import TEXT_PRODUCT, Lane, generation_prefix
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.messages import Changed
from lambdas.file_processing.contract.tables import CURRENT, PARTITION, SORT, Status
from lambdas.file_processing.domain import recognition
from lambdas.file_processing.domain.catalog import Current, Version
from lambdas.file_processing.runtime.consuming import Consumer
from lambdas.file_processing.runtime.lanes import LaneRuntime, consume
from lambdas.file_processing.workflow.admission import Admission
from lambdas.file_processing.workflow.lanes import Effects, LaneWorkflow
from lambdas.file_processing.workflow.measuring import Measuring
from lambdas.file_processing.workflow.unpacking import Unpacking
from tests.events import sqs
from tests.file_processing.fakes import ARRIVALS, INDEX, PRODUCTS, QUARANTINE, FakeObjects, FakeQueues, Stepped
from tests.file_processing.model import KINDS, MAX_BYTES
from tests.support.fake_aws import FakeDynamoDB
from tests.support.silent import Silent

T = TypeVar("T")
U = TypeVar("U")

TABLE, METRICS = "catalog", "metrics"
LANES: dict[Lane, str] = {lane: f"lane/{lane}" for lane in Lane}
KEEP_DAYS = 30
LONGEST_WAIT = 4_500


def one_by_one(call: Callable[[T], U], items: Sequence[T]) -> list[U]:
    """As calls go that end with the first that fails, such as those of a function that is killed."""
    return [call(item) for item in items]


class FailedError(Exception):
    """A function named the message that it was handed: it is to come again."""


class Recording(Silent):
    """Observability that keeps warnings, and apart from them what is worse than a retry."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.warnings: list[str] = []

    @property
    def logger(self) -> Recording:
        return self

    def warning(self, message: str, **_: object) -> None:
        self.warnings.append(message)

    def exception(self, *_: object, **__: object) -> None:
        self.errors.append(traceback.format_exc())


@dataclass
class World:
    """One stack, its functions, and an index that is a dictionary."""

    outside: Stepped = field(default_factory=Stepped)
    documents: dict[str, tuple[str, str, bytes | None]] = field(default_factory=dict)
    """By file id: name, generation and text, as the index found them when it was told."""
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        keys = {TABLE: (PARTITION, SORT), METRICS: (layout.METRIC, layout.PERIOD_AND_SHARD)}
        dynamodb: Any = FakeDynamoDB(self.outside, keys)
        sqs: Any = FakeQueues(self.outside)
        s3: Any = FakeObjects(self.outside, sqs)
        self.dynamodb, self.sqs, self.s3 = dynamodb, sqs, s3
        self.observability: Any = Recording()
        self.catalog = DynamoCatalog(dynamodb, TABLE, KEEP_DAYS, now=lambda: s3.now, sleep=lambda _: None)
        patience = Patience(lambda _: None)
        self.products = S3Products(s3, PRODUCTS, patience)
        members = QueuedMembers(dynamodb, TABLE, sqs, ARRIVALS, patience)
        metrics = DynamoMetrics(dynamodb, METRICS, 90, patience, one_by_one)
        effects: dict[Lane, Effects] = {
            Lane.UNPACK: Unpacking(members, self.catalog, self.products, PRODUCTS, one_by_one, self.limits.archives),
            Lane.MEASURE: Measuring(metrics, self.products),
        }
        self.lanes = {LANES[lane]: self._lane(LANES[lane], effects.get(lane)) for lane in Lane}
        self.admission = self._admission()

    def _lane(self, queue: str, effects: Effects | None) -> LaneRuntime:
        workflow = LaneWorkflow(
            catalog=self.catalog,
            originals=S3Originals(self.s3),
            products=self.products,
            quarantine=S3Quarantine(self.s3, QUARANTINE),
            index=SqsIndex(self.sqs, INDEX),
            kinds=KINDS,
            limits=self.limits,
            effects=effects,
        )
        return LaneRuntime(self.consumer(queue), workflow)

    def _admission(self) -> Admission:
        return Admission(
            catalog=self.catalog,
            originals=S3Originals(self.s3),
            quarantine=S3Quarantine(self.s3, QUARANTINE),
            lanes=SqsLanes(self.sqs, LANES),
            index=SqsIndex(self.sqs, INDEX),
            recognize=lambda head: recognition.recognize(head, KINDS.values()),
            max_bytes=MAX_BYTES,
            now=lambda: self.s3.now,
        )

    def consumer(self, queue: str) -> Consumer:
        """What reads a queue, without any chance in it."""
        return Consumer(self.observability, SqsMessages(self.sqs, queue), LONGEST_WAIT, chance=lambda: 0.0)

    def deliver(self, queue: str, body: str) -> None:
        """One message to the real handler. Raises FailedError if it is to come again."""
        event = sqs.event(sqs.message(body))
        if queue == ARRIVALS:
            runtime = recognize.Runtime(self.consumer(ARRIVALS), self.admission)
            answer = recognize.consume(event, None, runtime)  # type: ignore[arg-type]
        else:
            answer = consume(event, None, self.lanes[queue])  # type: ignore[arg-type]
        if answer["batchItemFailures"]:
            raise FailedError(body)

    def index(self) -> None:
        """The index's writer reads its next message, and looks at what the catalog says."""
        if self.sqs.queues[INDEX]:
            identity = msgspec.json.decode(self.sqs.queues[INDEX].pop(0), type=Changed).file_id
            found = [each for each in self.states() if each.file_id == identity]
            self.documents.pop(identity, None)
            if found and (document := self.document(found[0])):
                self.documents[identity] = document

    def document(self, state: Current) -> tuple[str, str, bytes | None] | None:
        """What the index is to hold of a file."""
        if state.generation is None or state.status is Status.REJECTED:
            return None
        text = self.s3.buckets[PRODUCTS].get(generation_prefix(state.file_id, state.generation) + TEXT_PRODUCT)
        return state.name, state.generation, text

    # --- what the catalog holds ---------------------------------------------------------------------------------------

    def items(self, partition: str) -> list[dict[str, Any]]:
        """Items whose partition key begins so."""
        return [each for each in self.dynamodb.items(TABLE) if each[PARTITION]["S"].startswith(partition)]

    def states(self) -> list[Current]:
        """Every file."""
        return [from_item(each, Current) for each in self.items("file#") if each[SORT]["S"] == CURRENT]

    def versions(self) -> list[Version]:
        """Every version."""
        return [from_item(each, Version) for each in self.items("file#") if each[SORT]["S"] != CURRENT]
