"""What the workflow needs of the outside world; ``adapters`` answers it with AWS, tests with fakes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lambdas.stream_analytics.contract import ArchivedEvent, Origin, Position, QuarantinedEvent
from lambdas.stream_analytics.domain.tally import Item, Tally


class CheckpointMovedError(Exception):
    """Another invocation has counted events of this shard in the meantime."""


class AlreadyCountedError(Exception):
    """Others have written in the meantime: a unique event is stored, a redriven one counted, or an item replaced."""


class TooLargeError(Exception):
    """What is to be committed is more than one transaction takes."""


@dataclass(frozen=True, kw_only=True)
class UniqueEvent:
    """An event that is stored under a key of its own."""

    origin: Origin
    time: datetime
    content: bytes
    """Its canonical JSON."""


@dataclass(frozen=True, kw_only=True)
class Commit:
    """What one transaction writes: counters, and how far they go."""

    shard_id: str
    expected: Position | None
    """The checkpoint that the counters were reckoned from."""
    first: Position
    last: Position
    """The new checkpoint; the commit covers everything from ``first`` on."""
    rejected: Sequence[Position]
    tally: Tally
    """Items of this shard as they shall stand."""
    present: Collection[Item]
    """Those of them that stood there when they were read; the others did not."""
    unique: Mapping[str, UniqueEvent]
    counted_again: Collection[Origin]
    """Redriven events among those counted."""


class Ledger(Protocol):
    """Checkpoints, counters, unique events and markers: everything that changes together."""

    def checkpoint(self, shard_id: str) -> Position | None:
        """The last event of a shard that is committed."""

    def tally(self, shard_id: str, items: Collection[Item]) -> Tally:
        """Those of the items that this shard has written."""

    def stored(self, keys: Collection[str]) -> Mapping[str, bytes]:
        """Content of the unique events that are stored already, by key."""

    def counted_again(self, origins: Collection[Origin]) -> Collection[str]:
        """Those of the redriven events that are counted already, as text."""

    def commit(self, commit: Commit) -> None:
        """Writes all of it, or nothing.

        Raises:
            CheckpointMovedError, AlreadyCountedError, TooLargeError: nothing was written.
            UnavailableError: nothing was written, or all.
        """


class Archive(Protocol):
    """The bucket of cleansed events."""

    def keep(self, event_type: str, hour: datetime, events: Sequence[ArchivedEvent]) -> None:
        """Writes events of one type and hour, in this order."""


class Quarantine(Protocol):
    """The bucket of rejected events."""

    def keep(self, events: Sequence[QuarantinedEvent]) -> None:
        """Writes rejected events, in this order."""


@dataclass(frozen=True, kw_only=True)
class IndexEntry:
    """An event under one of its entities."""

    entity: str
    time: datetime
    event_type: str
    event: ArchivedEvent


class Index(Protocol):
    """The table of events by entity."""

    def put(self, entries: Iterable[IndexEntry]) -> None:
        """Writes entries; the same ones twice leave one of each."""
