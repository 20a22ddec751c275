"""The events of a batch that its shard's checkpoint does not cover, each with its payload and its origin."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import msgspec

from lambdas.stream_analytics.contract import LAST_INDEX, Limits, Origin, Position
from lambdas.stream_analytics.domain.records import Batch, Record
from lambdas.stream_analytics.domain.rejection import Rejected
from lambdas.stream_analytics.domain.unpacking import Broken, unpack

WIDEST_BYTES = 1024 * 1024 * 1024
MOST_BYTES = 64 * 1024 * 1024
MOST_EVENTS = 100_000
"""What is taken apart at a time: a batch of 6 MB may unpack to gigabytes."""


@dataclass
class Pieces:
    """Events before they are decoded; every list has one entry for each."""

    shard_id: str
    payloads: list[bytes]
    records: list[Record]
    """That the payload came in."""
    indices: list[int]
    """Of the event within its record."""
    rejected: dict[int, Rejected] = field(default_factory=dict)
    """What is known to be bad already, by its place in the lists."""
    complete: bool = True
    """Whether nothing of the batch is left to be taken apart."""

    def __len__(self) -> int:
        return len(self.payloads)

    @cached_property
    def arrived(self) -> list[float]:
        """When the records of the events arrived, in Unix seconds."""
        return [record.arrived for record in self.records]

    def position(self, at: int) -> Position:
        """Where an event stands in the shard."""
        return Position(self.records[at].padded, self.indices[at])

    def end(self, stop: int) -> Position:
        """Where a checkpoint stands that covers everything before ``stop``."""
        record = self.records[stop - 1]
        whole = stop == len(self) or self.records[stop] is not record
        return Position(record.padded, LAST_INDEX if whole else self.indices[stop - 1])

    def origin(self, at: int) -> Origin:
        """What identifies an event that came for the first time."""
        record = self.records[at]
        return Origin(
            shard_id=self.shard_id,
            sequence_number=record.padded,
            index=self.indices[at],
            arrived=record.arrived,
        )

    def only(self, at: int) -> Pieces:
        """One event alone."""
        rejected = {0: self.rejected[at]} if at in self.rejected else {}
        return Pieces(self.shard_id, [self.payloads[at]], [self.records[at]], [self.indices[at]], rejected)

    def rejecting(self, more: dict[int, Rejected]) -> Pieces:
        """The same, with more known to be bad."""
        return replace(self, rejected=self.rejected | more)


def pieces(batch: Batch, after: Position | None, limits: Limits) -> Pieces:
    """What a batch holds behind a checkpoint, with packed and aggregated records taken apart; at least one record."""
    records = batch.records
    if after:
        records = [record for record in records if record.padded >= after.sequence_number]
    found = Pieces(batch.shard_id, [], [], [])
    if records and after and records[0].padded == after.sequence_number:
        if after.index < LAST_INDEX:
            first = after.index + 1
            _add(found, records[0], _rest(records[0], first, limits), first)
        records = records[1:]
    payloads = [record.data for record in records]
    if b"\n" not in b"".join(payloads) and {data[:1] for data in payloads} <= {b"{"}:
        found.payloads.extend(payloads)
        found.records.extend(records)
        found.indices.extend([0] * len(records))
        return found
    size = 0
    for record in records:
        if size > MOST_BYTES or len(found) > MOST_EVENTS:
            found.complete = False
            break
        size += _add(found, record, unpack(record.data, limits), 0)
    return found


def _rest(record: Record, first: int, limits: Limits) -> list[bytes | Broken]:
    """A record's events from the index ``first`` on; under narrower limits than before it must come apart as it did."""
    events = unpack(record.data, limits)
    if len(events) <= first:
        wide = msgspec.structs.replace(limits, max_events_per_record=LAST_INDEX, max_decompressed_bytes=WIDEST_BYTES)
        events = unpack(record.data, wide)
    return events[first:]


def _add(found: Pieces, record: Record, events: list[bytes | Broken], first: int) -> int:
    """Adds a record's events, of which the first has the index ``first``; how many bytes they have."""
    size = 0
    for index, event in enumerate(events, first):
        if isinstance(event, Broken):
            found.rejected[len(found)] = Rejected(event.code, event.message)
        payload = event.payload if isinstance(event, Broken) else event
        size += len(payload)
        found.payloads.append(payload)
        found.records.append(record)
        found.indices.append(index)
    return size
