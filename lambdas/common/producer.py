"""Packs events into Kinesis records and puts them into a stream.

Packing is worth more than any faster decoder, since Kinesis bills and limits records, not events. Provisioned streams
bill PUT payload units, each 25 KB of one record or a part of it; on-demand streams bill each record's size rounded up
to the next 1 KB (1,024 bytes): "Amazon Kinesis Data Streams pricing". A shard takes 1,000 records and 1 MB a second.
An event of 250 bytes in a record of its own wastes 99 % of a unit, or pays for four times its size.

Delivery is at least once: a call whose answer was lost is repeated by boto, and then its records are in the stream
twice.
"""

from __future__ import annotations

import itertools
import random
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import PutRecordsOutputTypeDef, PutRecordsRequestEntryTypeDef

PACKED_BYTES = 24 * 1024 - 64
"""Default size of packed records: with a key of up to 64 bytes 24 KB, so one PUT payload unit, nearly filled.

A bigger record costs no less, a unit holds no more; on demand the rounding is 2 % at the most. Lambda's 6 MB event
takes about 180 of them (base64), so that batches still end evenly, and one throttled record is little to retry.
"""
MAX_RAW_BYTES = 1024 * 1024
"""Of a packed record before compression, so that no consumer takes a well compressible one for a bomb."""
MAX_EVENTS = 10_000
"""Of a packed record."""

# PutRecords in the Kinesis Data Streams API Reference; the partition key counts in both sizes.
MAX_BATCH_RECORDS = 500
MAX_BATCH_BYTES = 10 * 1024 * 1024
MAX_RECORD_BYTES = 10 * 1024 * 1024
"""If the stream was told so (UpdateMaxRecordSize): streams are made for records of up to 1 MiB."""

MAX_FRUITLESS_ATTEMPTS = 10
"""Attempts in a row that deliver no record; with the waits below they last 6 s on average, 11 s at the most."""
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2.0
"""A shard's limits are counted by the second."""

_GZIP_WINDOW = 31
"""``wbits`` for the largest window, in a gzip wrapper; zlib leaves its time 0, so equal events give equal bytes."""


@dataclass(frozen=True)
class Record:
    """What is put: the data of one Kinesis record, and the key whose MD5 chooses the shard."""

    data: bytes
    partition_key: str

    @property
    def size(self) -> int:
        """Bytes, as Kinesis limits and bills them."""
        return len(self.data) + len(self.partition_key.encode())


class UndeliveredError(RuntimeError):
    """Records that are not known to be in the stream; all others of the same `Producer.put` are."""

    def __init__(self, undelivered: Sequence[Record], why: str) -> None:
        super().__init__(
            f"{len(undelivered)} records undelivered: {why}. Put `undelivered` again later; if the stream throttles, "
            "give it more shards, or spread the partition keys."
        )
        self.undelivered = tuple(undelivered)


# --- packing --------------------------------------------------------------------------------------------------------


def pack(events: Iterable[bytes], *, max_record_bytes: int = PACKED_BYTES, compress: bool = False) -> Iterator[bytes]:
    """Data of Kinesis records, each NDJSON of as many ``events`` (JSON in one line) as fit, in order.

    With ``compress`` a record is gzip of level 1, and ``max_record_bytes`` are compressed ones. That pays on shards and
    on-demand streams, and for PUT payload units, too, since a record then holds several times the events.

    Raises:
        ValueError: an event is blank, holds a line feed, or does not fit a record. Every event before it was yielded.
    """
    packer = _Packer(max_record_bytes, compress=compress)
    for event in events:
        try:
            yield from packer.add(event)
        except ValueError:
            yield from packer.flush()
            raise
    yield from packer.flush()


def pack_by_key(
    events: Iterable[tuple[str, bytes]],
    *,
    groups: int,
    max_record_bytes: int = PACKED_BYTES,
    compress: bool = False,
) -> Iterator[Record]:
    """Packs events, each with a key, so that the events of a key stay in order and in one shard.

    A record for each key would hold one event or two. So keys fall into ``groups`` by their CRC-32, whichever process
    packs them, and a group is one partition key and one row of records. Take several groups per shard, or some shards
    get none. Up to ``groups`` records are in the making at a time, and another number of groups moves keys to other
    shards: change it when the stream is drained, where order matters.

    Raises:
        ValueError: as `pack`, or no groups.
    """
    if groups < 1:
        raise ValueError(f"{groups} groups: at least one is needed")
    packers = [_Packer(max_record_bytes, compress=compress) for _ in range(groups)]
    refused: ValueError | None = None
    for key, event in events:
        group = zlib.crc32(key.encode()) % groups
        try:
            yield from (Record(data, _group_key(group)) for data in packers[group].add(event))
        except ValueError as error:
            refused = error
            break
    for group, packer in enumerate(packers):
        yield from (Record(data, _group_key(group)) for data in packer.flush())
    if refused:
        raise refused


def spread(packed: Iterable[bytes]) -> Iterator[Record]:
    """Records whose order is of no account, each under a random partition key, so that all shards get their share."""
    return (Record(data, uuid.uuid4().hex) for data in packed)


def _group_key(group: int) -> str:
    return f"group-{group}"


class _Packer:
    """Collects events until a record is full.

    What compression will give is known only once it is done. So the uncompressed size to aim at follows from how well
    the record before compressed, and what turns out too big is halved.
    """

    def __init__(self, max_record_bytes: int, *, compress: bool) -> None:
        self._most = max_record_bytes
        self._compress = compress
        self._aim = max_record_bytes
        self._lines: list[bytes] = []
        self._size = 0

    def add(self, event: bytes) -> Iterator[bytes]:
        """The records that are full before ``event`` is taken in."""
        if b"\n" in event or not event.strip():
            raise ValueError(f"an event of {len(event)} bytes is blank or holds a line feed: encode JSON in one line")
        if len(event) > self._most:
            raise ValueError(
                f"an event of {len(event)} bytes does not fit a record of {self._most}: make the event smaller, or "
                "raise max_record_bytes (streams are made for 1 MiB)"
            )
        if self._lines and (self._size + len(event) > self._aim or len(self._lines) == MAX_EVENTS):
            yield from self.flush()
        self._lines.append(event)
        self._size += len(event) + 1

    def flush(self) -> Iterator[bytes]:
        """The records of what was taken in."""
        lines, self._lines, self._size = self._lines, [], 0
        if lines:
            yield from self._records(lines)

    def _records(self, lines: list[bytes]) -> Iterator[bytes]:
        text = b"\n".join(lines)
        if not self._compress:
            yield text
            return
        data = _gzip(text)
        # A little less than the last ratio promises: a record that must be halved is compressed twice, and half empty.
        self._aim = min(MAX_RAW_BYTES, max(1, len(text) * self._most * 15 // (len(data) * 16)))
        if len(data) <= self._most:
            yield data
        elif len(lines) > 1:
            yield from self._records(lines[: len(lines) // 2])
            yield from self._records(lines[len(lines) // 2 :])
        else:
            # Random bytes grow by gzip's header; as they are, they fit.
            yield text


def _gzip(text: bytes) -> bytes:
    compressor = zlib.compressobj(level=1, wbits=_GZIP_WINDOW)
    return compressor.compress(text) + compressor.flush()


# --- sending --------------------------------------------------------------------------------------------------------


class KinesisClient(Protocol):
    """The one call of boto3's Kinesis client that is needed."""

    def put_records(
        self,
        *,
        Records: Sequence[PutRecordsRequestEntryTypeDef],  # noqa: N803  boto's names
        StreamName: str,  # noqa: N803
    ) -> PutRecordsOutputTypeDef:
        """PutRecords."""


@dataclass(frozen=True)
class Producer:
    """Puts records into a stream, until each of them is stored.

    PutRecords stores a call's records independently of each other: AWS guarantees no order among them, and one that
    is throttled and put again comes behind those that were not. Calls follow each other, and none begins before all
    records of the one before are stored, so order can change within a call only. Where the order of a key must hold
    under throttling, too, put one record of the key at a time.
    """

    client: KinesisClient
    stream_name: str
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    """From 0 to 1, chooses each wait: full jitter, so that producers throttled together do not come back together."""

    def put(self, records: Sequence[Record]) -> None:
        """Puts ``records`` in order, as few calls as the limits of PutRecords allow.

        Entries that fail (ProvisionedThroughputExceededException, InternalFailure) are put again after a wait, up to
        `MAX_FRUITLESS_ATTEMPTS` in a row that store none. Whole calls are retried by boto alone, as it is configured.

        Raises:
            ValueError: a record is bigger than Kinesis takes, or its key is not of 1 to 256 characters; nothing is put.
            UndeliveredError: from what the call raised, if it raised; then its own records may be stored or not.
        """
        for record in records:
            _check(record)
        done = 0
        for batch in _batches(records):
            done += len(batch)
            self._put(batch, records[done:])

    def _put(self, batch: Sequence[Record], later: Sequence[Record]) -> None:
        pending = list(batch)
        fruitless = 0
        for attempt in itertools.count():
            try:
                failed, code = self._attempt(pending)
            except Exception as error:
                raise UndeliveredError([*pending, *later], f"PutRecords failed: {error}") from error
            if not failed:
                return
            fruitless = fruitless + 1 if len(failed) == len(pending) else 0
            pending = failed
            if fruitless == MAX_FRUITLESS_ATTEMPTS:
                raise UndeliveredError([*pending, *later], f"{code} in {fruitless} attempts in a row")
            self.sleep(self.random() * min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(attempt, 10)))

    def _attempt(self, records: Sequence[Record]) -> tuple[list[Record], str]:
        """One call: the records that failed, and the error code of one of them."""
        response = self.client.put_records(
            Records=[{"Data": record.data, "PartitionKey": record.partition_key} for record in records],
            StreamName=self.stream_name,
        )
        results = zip(records, response["Records"], strict=True)
        codes = [(record, code) for record, result in results if (code := result.get("ErrorCode"))]
        return [record for record, _ in codes], codes[-1][1] if codes else ""


def _check(record: Record) -> None:
    if record.size > MAX_RECORD_BYTES:
        raise ValueError(f"a record of {record.size} bytes: Kinesis takes {MAX_RECORD_BYTES}; pack fewer events in it")
    if not 1 <= len(record.partition_key) <= 256:
        raise ValueError(f"a partition key of {len(record.partition_key)} characters: Kinesis takes 1 to 256")


def _batches(records: Sequence[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        if len(batch) == MAX_BATCH_RECORDS or size + record.size > MAX_BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += record.size
    if batch:
        yield batch
