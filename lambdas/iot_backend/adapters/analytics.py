"""Readings for stream analytics, in Kinesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.common.failures import UnavailableError
from lambdas.common.producer import Producer, Record, UndeliveredError, pack


@dataclass(frozen=True)
class KinesisAnalytics:
    """The `Analytics` by a producer; a message's readings share a record, since Kinesis bills records."""

    producer: Producer

    def forward(self, device_id: str, events: Sequence[bytes]) -> None:
        """Puts events under the device's id, so that they stay in one shard."""
        try:
            self.producer.put([Record(data, device_id) for data in pack(events)])
        except UndeliveredError as error:
            raise UnavailableError(f"forward readings: {error}") from error
