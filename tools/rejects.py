"""Reads what was rejected and what was discarded, down to single events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec

from lambdas.stream_analytics.contract import (
    LAST_INDEX,
    QUARANTINE_PREFIX,
    Origin,
    Position,
    QuarantinedEvent,
    ReasonCode,
)
from lambdas.stream_analytics.contract import RedrivenEvent as Redriven
from lambdas.stream_analytics.domain.records import Batch, Record, parse
from lambdas.stream_analytics.domain.unpacking import Broken, unpack
from tools.progress import within
from tools.stack import Stack

FAILURE_PREFIX = "aws/lambda/"
"""``aws/lambda/<ESM-UUID>/<shardID>/YYYY/MM/DD/...``: "Retain discarded batch records for a Kinesis Data Streams event
source in Lambda", AWS Lambda Developer Guide."""
DISCARDED = "discarded"
"""Reason of events that the event source gave up."""

BROKEN = {ReasonCode.BAD_GZIP, ReasonCode.DECOMPRESSION_BOMB, ReasonCode.TOO_MANY_EVENTS}
"""Reasons of what could not be taken apart: the payload is a record, or a part of one, instead of an event."""
LIMITED = {ReasonCode.DECOMPRESSION_BOMB, ReasonCode.TOO_MANY_EVENTS}
"""Those that wider limits make good."""

_QUARANTINED = msgspec.json.Decoder(QuarantinedEvent)
_REDRIVEN = msgspec.json.Decoder(Redriven)


class UnreadableError(Exception):
    """An object is not what belongs in its bucket."""


@dataclass(frozen=True, kw_only=True)
class Reject:
    """An event that did not count."""

    origin: Origin
    payload: bytes
    reason: str
    """A `ReasonCode`, or `DISCARDED`."""
    uri: str
    """Of the object that holds it."""
    broken: Broken | None = None
    """Set if the payload is not an event and, by the present limits, cannot be taken apart into events."""


class Place(NamedTuple):
    """Of a record."""

    shard_id: str
    sequence_number: str


@dataclass(frozen=True)
class Discards:
    """A failure object: the batch that the event source gave up."""

    uri: str
    batch: Batch

    @property
    def places(self) -> list[Place]:
        """Of its records."""
        return [Place(self.batch.shard_id, record.padded) for record in self.batch.records]

    @property
    def last(self) -> Position:
        """Nothing of the batch stands behind it."""
        return Position(self.batch.records[-1].padded, LAST_INDEX)


@dataclass(frozen=True)
class Rejects:
    """The two buckets of a stack."""

    stack: Stack

    def failure_keys(self) -> list[str]:
        """Of the objects that the event source wrote."""
        return self.stack.keys(self.stack.failure_bucket, FAILURE_PREFIX)

    def quarantine_keys(self) -> list[str]:
        """Of the objects that the function wrote."""
        return self.stack.keys(self.stack.settings.quarantine_bucket_name, QUARANTINE_PREFIX)

    def discards(self, key: str) -> Discards:
        """Raises UnreadableError."""
        uri = f"s3://{self.stack.failure_bucket}/{key}"
        body = self.stack.read(self.stack.failure_bucket, key)
        try:
            return Discards(uri, parse(json.loads(json.loads(body)["payload"])))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableError(f"{uri} is not what Lambda writes of discarded Kinesis records: {error}") from error

    def quarantined(self, key: str) -> Iterator[Reject]:
        """Lines of a quarantine object, each as it is. Raises UnreadableError."""
        bucket = self.stack.settings.quarantine_bucket_name
        uri = f"s3://{bucket}/{key}"
        for number, line in enumerate(self.stack.read(bucket, key).splitlines(), 1):
            try:
                event = _QUARANTINED.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise UnreadableError(f"{uri}, line {number}, is no quarantined event: {error}") from error
            broken = Broken(event.payload, event.reason, event.message) if event.reason in BROKEN else None
            origin = _origin(event, event.index)
            yield Reject(origin=origin, payload=event.payload, reason=event.reason, uri=uri, broken=broken)

    def of_record(self, discards: Discards, record: Record) -> list[Reject]:
        """The events of a discarded record.

        How many events stand before another depends on the limits, as long as one piece is beyond them: then the record
        is given back as one that is broken, so that nothing of it goes out under a number that it may not keep.
        """
        pieces = unpack(record.data, self.stack.settings.limits)
        beyond = _beyond_limits(pieces)
        if beyond and len(pieces) > 1:
            pieces = [Broken(record.data, beyond.code, beyond.message)]
        shard_id = discards.batch.shard_id
        found = []
        for index, piece in enumerate(pieces):
            origin = Origin(shard_id=shard_id, sequence_number=record.padded, index=index, arrived=record.arrived)
            found.append(_reject(origin, piece, DISCARDED, discards.uri))
        return [unwrapped(each) for each in found]

    def taken_apart(self, reject: Reject) -> list[Reject]:
        """The events of one that was broken when it came, by the present limits; itself if it still is."""
        pieces = unpack(reject.payload, self.stack.settings.limits)
        if beyond := _beyond_limits(pieces):
            return [replace(reject, broken=beyond)]
        if isinstance(pieces[0], Broken) and len(pieces) == 1:
            return [replace(reject, broken=pieces[0])]
        origin = reject.origin
        found = (
            _reject(_origin(origin, within(origin.index, at)), piece, reject.reason, reject.uri)
            for at, piece in enumerate(pieces)
        )
        return [unwrapped(each) for each in found]


def unwrapped(reject: Reject) -> Reject:
    """Of a redriven event that was rejected with its envelope, or discarded: the event that is in it."""
    while reject.payload.startswith(b'{"type":"redriven"') and not reject.broken:
        try:
            event = _REDRIVEN.decode(reject.payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            break
        reject = replace(reject, origin=_origin(event, event.index), payload=event.payload)
    return reject


def _beyond_limits(pieces: list[bytes | Broken]) -> Broken | None:
    return next((each for each in pieces if isinstance(each, Broken) and each.code in LIMITED), None)


def _reject(origin: Origin, piece: bytes | Broken, reason: str, uri: str) -> Reject:
    if isinstance(piece, Broken):
        return Reject(origin=origin, payload=piece.payload, reason=reason, uri=uri, broken=piece)
    return Reject(origin=origin, payload=piece, reason=reason, uri=uri)


def _origin(origin: Origin, index: int) -> Origin:
    return Origin(shard_id=origin.shard_id, sequence_number=origin.sequence_number, index=index, arrived=origin.arrived)
