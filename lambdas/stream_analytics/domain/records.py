"""The event that Lambda gets from Kinesis, as AWS documents it ("Using Lambda with Kinesis", example event)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from lambdas.stream_analytics.contract import SEQUENCE_DIGITS


class Record(msgspec.Struct, gc=False):
    """One record of a batch, as it stands under ``kinesis``."""

    sequence_number: str = msgspec.field(name="sequenceNumber")
    """As Kinesis writes it, which is how the event source wants it back."""
    data: bytes
    arrived: float = msgspec.field(name="approximateArrivalTimestamp")
    """Unix time, s."""

    @property
    def padded(self) -> str:
        """The sequence number so that the order of strings is the order of the shard."""
        return self.sequence_number.zfill(SEQUENCE_DIGITS)


@dataclass(frozen=True)
class Batch:
    """What one invocation gets: records of one shard, in order."""

    shard_id: str
    records: list[Record]


def parse(event: Mapping[str, Any]) -> Batch:
    """The batch in an invocation's event.

    Raises:
        ValueError: the event is not one of a Kinesis event source mapping, with records.
    """
    try:
        # What stands around the records is of no interest, and converting it would take half as long again.
        records = msgspec.convert([each["kinesis"] for each in event["Records"]], list[Record])
        # Lambda gives each invocation records of one shard ("Polling and batching streams").
        shard_id = event["Records"][0]["eventID"].partition(":")[0] if records else ""
    except (msgspec.ValidationError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no event of a Kinesis event source mapping: {error!r}") from error
    if not records:
        raise ValueError("a batch of a Kinesis event source mapping holds at least one record")
    return Batch(shard_id, records)
