"""Commits an analysis in transactions, each of which covers a prefix of what is left."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from lambdas.common.failures import UnavailableError
from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.stream_analytics.contract import Origin, Position, QuarantinedEvent, ReasonCode
from lambdas.stream_analytics.domain.analysis import Analysis
from lambdas.stream_analytics.domain.tally import Item
from lambdas.stream_analytics.ports import (
    AlreadyCountedError,
    Commit,
    Ledger,
    Quarantine,
    TooLargeError,
    UniqueEvent,
)

MOST_ITEMS = 98
"""DynamoDB takes 100 items in a transaction ("TransactWriteItems"): one is the checkpoint, one says what is covered."""
PATIENCE = 5
"""How often a transaction is planned anew because others wrote in between, before the rest is left to a retry."""
NOTHING: frozenset[int] = frozenset()


@dataclass
class Slice:
    """A part of an analysis, and those of its events that may count only once."""

    start: int
    stop: int
    unique: dict[str, UniqueEvent] = field(default_factory=dict)
    """To be stored."""
    counted_again: dict[str, Origin] = field(default_factory=dict)
    """Redriven events to be marked."""
    repeated: set[int] = field(default_factory=set)
    conflicting: set[int] = field(default_factory=set)


@dataclass
class Counting:
    """One analysis on its way into the ledger; ``done`` events of it are committed."""

    ledger: Ledger
    quarantine: Quarantine
    analysis: Analysis
    checkpoint: Position | None
    done: int = 0
    repeated: int = 0
    conflicting: int = 0

    def run(self) -> None:
        """Commits everything.

        Raises:
            CheckpointMovedError: another invocation counts this shard, too.
            UnavailableError: a call failed.
        """
        size = most = len(self.analysis)
        failures = 0
        while self.done < len(self.analysis):
            stop = min(self.done + size, len(self.analysis))
            items = self._items_at_most(self.done, stop)
            if items > MOST_ITEMS:
                size = self._fewer(stop - self.done, MOST_ITEMS / items)
                continue
            try:
                self._commit(self._resolved(self.done, stop))
            except TooLargeError:
                size = most = self._fewer(stop - self.done, 1 / 2)
            except AlreadyCountedError as error:
                failures += 1
                if failures == PATIENCE:
                    raise UnavailableError("others keep writing the same items") from error
            else:
                # What comes is probably like what was: as many events as would have filled the transaction.
                size, failures = min(size * MOST_ITEMS // max(items, 1), most), 0

    def _fewer(self, size: int, share: float) -> int:
        if size == 1:
            raise ValueError(
                f"event {self.analysis.origin(self.done)} alone comes to more than a transaction takes ({MOST_ITEMS} "
                f"items, 4 MB): its recipe measures too much"
            )
        return max(1, min(size - 1, int(size * share)))

    def _items_at_most(self, start: int, stop: int) -> int:
        once = self._once(start, stop)
        redriven = sum(start <= at < stop for at in self.analysis.redriven)
        return len(self.analysis.tally(start, stop, NOTHING, NOTHING)) + len(set(once.values())) + redriven

    def _once(self, start: int, stop: int) -> dict[int, str]:
        """The keys of the events that are stored under one."""
        once = self.analysis.once
        return {at: once[at] for at in range(start, stop) if at in once} if once else {}

    def _resolved(self, start: int, stop: int) -> Slice:
        """Which of the events count, given what is stored already; of equal ones in one slice the first."""
        part, analysis = Slice(start, stop), self.analysis
        self._resolve_redriven(part)
        once = {at: key for at, key in self._once(start, stop).items() if at not in part.repeated}
        stored = dict(self.ledger.stored(set(once.values()))) if once else {}
        for at, key in once.items():
            event = analysis.events[at]
            content = msgspec.json.encode(event)
            if key not in stored:
                stored[key] = content
                part.unique[key] = UniqueEvent(origin=analysis.origin(at), time=event.time, content=content)
            elif stored[key] == content:
                part.repeated.add(at)
            else:
                part.conflicting.add(at)
                part.counted_again.pop(str(analysis.origin(at)), None)
        return part

    def _resolve_redriven(self, part: Slice) -> None:
        analysis = self.analysis
        if not analysis.redriven:
            return
        counting = {at for places in analysis.places.values() for at in places}
        redriven = {
            at: each for at, each in analysis.redriven.items() if part.start <= at < part.stop and at in counting
        }
        counted = set(self.ledger.counted_again(redriven.values())) if redriven else set[str]()
        for at, origin in redriven.items():
            if str(origin) in counted:
                part.repeated.add(at)
            else:
                part.counted_again[str(origin)] = origin
                counted.add(str(origin))

    def _commit(self, part: Slice) -> None:
        analysis, pieces = self.analysis, self.analysis.pieces
        tally = analysis.tally(part.start, part.stop, frozenset(part.repeated), frozenset(part.conflicting))
        if len(tally) + len(part.unique) + len(part.counted_again) > MOST_ITEMS:
            raise TooLargeError("repeated and conflicting events have counters of their own")
        if part.conflicting:
            self.quarantine.keep([self._conflict(at) for at in sorted(part.conflicting)])
        present = self.ledger.tally(pieces.shard_id, tally)
        rejected = {at for at in analysis.rejected if part.start <= at < part.stop} | part.conflicting
        last = pieces.end(part.stop)
        self.ledger.commit(
            Commit(
                shard_id=pieces.shard_id,
                expected=self.checkpoint,
                first=pieces.position(part.start),
                last=last,
                rejected=[pieces.position(at) for at in sorted(rejected)],
                tally={item: _merged(item, present.get(item), each) for item, each in tally.items()},
                present=present.keys(),
                unique=part.unique,
                counted_again=list(part.counted_again.values()),
            )
        )
        self.checkpoint, self.done = last, part.stop
        self.repeated += len(part.repeated)
        self.conflicting += len(part.conflicting)

    def _conflict(self, at: int) -> QuarantinedEvent:
        event = self.analysis.events[at]
        return quarantined(self.analysis, at, ReasonCode.CONFLICT, f"another {type(event).__name__} is stored")


def _merged(item: Item, present: Aggregate | None, new: Aggregate) -> Aggregate:
    if present is None:
        return new
    if type(present) is not type(new):
        raise TypeError(
            f"{item.metric} is stored as {present.kind}, and its recipe now measures {new.kind}: give what is measured "
            f"in another way another name"
        )
    return present.merge(new)


def quarantined(analysis: Analysis, at: int, reason: ReasonCode, message: str) -> QuarantinedEvent:
    """What quarantine keeps of an event."""
    origin = analysis.origin(at)
    return QuarantinedEvent(
        shard_id=origin.shard_id,
        sequence_number=origin.sequence_number,
        index=origin.index,
        arrived=origin.arrived,
        reason=reason,
        message=message,
        payload=analysis.payload(at),
    )
