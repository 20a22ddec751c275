"""Shards of a Kinesis stream and of a DynamoDB stream: ordered records with real sequence numbers and times."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from tests.events import dynamodb, kinesis

MAXIMUM_PAYLOAD = 6 * 1024 * 1024
"""Bytes of one synchronous invocation (Lambda quotas: invocation payload, 6 MB each for request and response)."""
EMPTY_EVENT = '{"Records":[]}'
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_MAXIMUM_KINESIS_RECORD = 1024 * 1024
"""Bytes of data and partition key (Kinesis "Quotas and limits": maximum record size, by default 1 MiB)."""


@dataclass
class Clock:
    """The model's time, in seconds since 1970."""

    now: float = 1_795_262_400.0

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"time does not run back: {seconds} seconds")
        self.now += seconds


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its place in the shard from 0, arrival in seconds since 1970, and its JSON in an event."""

    position: int
    sequence_number: str
    arrival: float
    text: str


class Shard:
    """Records in the order in which they were put."""

    stream_arn: ClassVar[str]
    batch_info: ClassVar[str]
    """The name under which an invocation record describes a batch of such a stream."""
    filter_keys: ClassVar[frozenset[str] | None]
    """What filter patterns may hold at the top; None for any field of a record."""
    arrival_precision: ClassVar[str]
    """As in `datetime.isoformat`, for arrival times in an invocation record."""

    def __init__(self, clock: Clock, shard_id: str, first_sequence_number: int, largest_gap: int) -> None:
        self.clock = clock
        self.shard_id = shard_id
        self.records: list[Record] = []
        self._sequence_number = first_sequence_number
        self._largest_gap = largest_gap
        self._gaps = Random(shard_id)

    def fields(self, record: Record) -> dict[str, Any] | None:
        """What filters see of a record; None for one that Lambda drops because it cannot be filtered."""
        raise NotImplementedError

    def _add(self, build: Callable[[str], dict[str, Any]]) -> Record:
        sequence_number = str(self._sequence_number)
        text = _ENCODER.encode(build(sequence_number))
        if len(EMPTY_EVENT) + len(text) > MAXIMUM_PAYLOAD:
            raise ValueError(f"a record of {len(text)} bytes does not fit an invocation")
        self._sequence_number += self._gaps.randint(1, self._largest_gap)
        added = Record(len(self.records), sequence_number, self.clock.now, text)
        self.records.append(added)
        return added


class KinesisShard(Shard):
    """A shard of a data stream; `put` is PutRecord.

    Sequence numbers have the length that AWS's examples show (56 digits) unless ``first_sequence_number`` says
    otherwise: a test that starts it just below a power of ten sees the number of digits grow.
    """

    stream_arn = kinesis.STREAM_ARN
    batch_info = "KinesisBatchInfo"
    filter_keys = frozenset({"data"})  # "Kinesis event source mappings only support filtering on the data key"
    arrival_precision = "milliseconds"

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        shard_id: str = kinesis.SHARD_ID,
        first_sequence_number: int = 49590338271490256608559692538361571095921575989136588898,
    ) -> None:
        super().__init__(clock or Clock(), shard_id, first_sequence_number, largest_gap=2**80)

    def put(self, data: bytes, partition_key: str = "1") -> Record:
        """Adds a record that arrives now; ValueError for one above PutRecord's limits."""
        if len(data) + len(partition_key.encode()) > _MAXIMUM_KINESIS_RECORD:
            raise ValueError(f"{len(data)} bytes of data are above the maximum record size of 1 MiB")

        def build(sequence_number: str) -> dict[str, Any]:
            return kinesis.record(
                data,
                sequence_number=sequence_number,
                partition_key=partition_key,
                arrival=round(self.clock.now, 3),
                shard_id=self.shard_id,
            )

        return self._add(build)

    def fields(self, record: Record) -> dict[str, Any] | None:
        data = b64decode(json.loads(record.text)["kinesis"]["data"])
        try:
            return {"data": json.loads(data)}
        except (ValueError, RecursionError):  # not UTF-8, not JSON, or too deep for a parser
            return None


class DynamoDBShard(Shard):
    """A shard of a table's stream of new and old images; `put` is a change of an item."""

    stream_arn = dynamodb.STREAM_ARN
    batch_info = "DDBStreamBatchInfo"
    filter_keys = None
    arrival_precision = "seconds"

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        shard_id: str = "shardId-00000001573689847184-864758bb",
        first_sequence_number: int = 800000000003126276362,
    ) -> None:
        super().__init__(clock or Clock(), shard_id, first_sequence_number, largest_gap=2**32)

    def put(
        self,
        keys: dynamodb.Image,
        *,
        new_image: dynamodb.Image | None = None,
        old_image: dynamodb.Image | None = None,
        expired: bool = False,
    ) -> Record:
        """Adds the change from the old image to the new one; None for an item that is not there."""

        def build(sequence_number: str) -> dict[str, Any]:
            return dynamodb.record(
                keys,
                sequence_number=sequence_number,
                new_image=new_image,
                old_image=old_image,
                created=float(int(self.clock.now)),
                expired=expired,
            )

        return self._add(build)

    def fields(self, record: Record) -> dict[str, Any] | None:
        fields: dict[str, Any] = json.loads(record.text)
        return fields
