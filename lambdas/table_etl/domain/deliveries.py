"""What the Load function is invoked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from lambdas.table_etl.contract import Redrive
from lambdas.table_etl.domain.changes import Change, StreamChange, again


@dataclass(frozen=True)
class Batch:
    """The changes of one invocation, of one shard, in order."""

    changes: list[StreamChange]
    first: str
    """Sequence number of the first one, as the event source wants it back."""
    created: float
    """Unix time (s) of the first one, in whole seconds."""

    @property
    def day(self) -> date:
        """Of the first change (UTC)."""
        return datetime.fromtimestamp(self.created, UTC).date()


def parse(event: Mapping[str, Any]) -> Batch:
    """The batch in the event of an event source mapping.

    Raises:
        ValueError: the event is not one of a DynamoDB stream, with records.
    """
    try:
        changes = [StreamChange.of(record) for record in event["Records"]]
        first = event["Records"][0]["dynamodb"]
        return Batch(changes, first["SequenceNumber"], first["ApproximateCreationDateTime"])
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no event of a DynamoDB stream's event source mapping: {error!r}") from error


def is_redrive(event: Mapping[str, Any]) -> bool:
    """Whether an event is one of ``tools redrive``."""
    return "redrive" in event


def redriven(event: Mapping[str, Any]) -> list[Change]:
    """The changes that ``tools redrive`` sends again.

    Raises:
        ValueError: the event is none of `Redrive`.
    """
    try:
        lines = msgspec.convert(event, Redrive).redrive
    except msgspec.ValidationError as error:
        raise ValueError(f"this is no event of a redrive: {error}") from error
    return [change for line in lines if (change := again(line))]
