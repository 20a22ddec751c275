"""``redrive``: puts rejected and discarded events back into the events stream, after what was wrong is put right.

Each carries its original identity, and the function marks it in the transaction that counts it, so it counts once
however often it is redriven. What goes out is decided by the progress table, which is written with the counters:

- counted, or marked as counted again: stays where it is.
- rejected: goes out, from quarantine.
- neither, and before the shard's checkpoint: the event source discarded it. It goes out from its failure object, whose
  batch the checkpoint is moved behind first, so that no late delivery counts it, too.
- neither, and behind the checkpoint, in quarantine alone: its batch is being retried, and it is left alone.

A record that could not be taken apart goes out as the events that it holds, once the limits of the stack let it be
taken apart. What would be refused again for certain, being too big or still broken, stays and is told of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TypeVar

import msgspec

from lambdas.common.producer import MAX_EVENTS, PACKED_BYTES, Producer, pack, spread
from lambdas.stream_analytics.contract import LAST_INDEX, Origin, RedrivenEvent
from lambdas.stream_analytics.domain.records import Record
from tools.pace import Pace
from tools.progress import Progress, Status, stood
from tools.rejects import DISCARDED, Discards, Place, Reject, Rejects, UnreadableError, unwrapped
from tools.stack import Stack

AT_ONCE = 500
"""Events whose progress is asked for together."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events a run is about."""

    since: datetime | None = None
    until: datetime | None = None
    """Not included."""
    reasons: frozenset[str] = frozenset()
    """All of them if empty."""

    def arrived(self, moment: float) -> bool:
        """Whether what arrived at a moment (Unix time, s) is among them."""
        after = self.since is None or self.since.timestamp() <= moment
        return after and (self.until is None or moment < self.until.timestamp())

    def day(self, day: date) -> bool:
        """Whether something that arrived on a day (UTC) may be among them."""
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        after = self.since is None or self.since < start + timedelta(days=1)
        return after and (self.until is None or start < self.until)

    def reason(self, reason: str) -> bool:
        """Whether what was rejected for a reason is among them."""
        return not self.reasons or reason in self.reasons


@dataclass
class Summary:
    """What a run found, each by reason."""

    found: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    """Or to be sent, in a dry run."""
    counted: Counter[str] = field(default_factory=Counter)
    """Counted already."""
    finished: int = 0
    """Discarded records that the function had done with before the event source gave them up."""
    in_flight: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    """Told of in ``remedies``."""
    remedies: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return not self.in_flight and not self.left and not self.remedies


@dataclass
class Redrive:
    """One run."""

    stack: Stack
    wanted: Wanted
    dry_run: bool = False
    pace: Pace | None = None
    tell: Callable[[str, int, int], None] = lambda what, done, of: None  # noqa: ARG005  silent unless asked to tell
    """Called with what is being read, the number of objects done, and of all."""
    summary: Summary = field(default_factory=Summary)
    _seen: set[str] = field(default_factory=set)
    """Origins of the events that were found."""
    _discarded: set[Place] = field(default_factory=set)
    """Records that have a failure object."""

    def __post_init__(self) -> None:
        self._rejects = Rejects(self.stack)
        self._progress = Progress(self.stack)
        self._producer = Producer(self.stack.kinesis, self.stack.events_stream)

    def run(self) -> Summary:
        """Redrives, and says what became of what.

        Raises:
            UnavailableError, UndeliveredError: run it again; what is done is done.
        """
        # Before quarantine is read: what the event source discards afterwards is left to the next run.
        failures = self._rejects.failure_keys()
        for discards in self._each(failures, self._rejects.discards, "failure objects, first reading"):
            self._discarded.update(discards.places)
        self.summary.remedies.clear()
        for rejects in self._each(self._rejects.quarantine_keys(), self._quarantined, "quarantine"):
            for some in _chunks(rejects, AT_ONCE):
                self._redrive_quarantined(some)
        for discards in self._each(failures, self._rejects.discards, "failure objects"):
            self._redrive_discarded(discards)
        return self.summary

    def _each(self, keys: Sequence[str], read: Callable[[str], T], what: str) -> Iterator[T]:
        """The objects that can be read."""
        for number, key in enumerate(keys):
            self.tell(what, number, len(keys))
            try:
                yield read(key)
            except UnreadableError as error:
                self.summary.remedies.append(f"{error}. Move it elsewhere, or handle it by hand.")
        self.tell(what, len(keys), len(keys))

    # --- quarantine -------------------------------------------------------------------------------------------------

    def _quarantined(self, key: str) -> list[Reject]:
        return list(self._rejects.quarantined(key))

    def _redrive_quarantined(self, lines: Sequence[Reject]) -> None:
        wanted = [
            each for each in lines if self.wanted.arrived(each.origin.arrived) and self.wanted.reason(each.reason)
        ]
        # A broken piece's own place tells whether it was rejected; what is in it may have been counted since.
        statuses = self._progress.statuses(each.origin for each in wanted)
        sendable: list[Reject] = []
        for each in wanted:
            status = statuses[str(each.origin)]
            if status is Status.DISCARDED and self._has_failure_object(each):
                continue
            if each.broken and status is Status.REJECTED:
                sendable += self._new(self._rejects.taken_apart(each))
                continue
            for new in self._new([unwrapped(each)]):
                if new.origin != each.origin:
                    sendable.append(new)
                elif status is Status.COUNTED:
                    self.summary.counted[new.reason] += 1
                elif status is Status.IN_FLIGHT or new.broken:
                    self.summary.in_flight[new.reason] += 1
                else:
                    sendable.append(new)
        self._send(sendable)

    def _has_failure_object(self, reject: Reject) -> bool:
        position = stood(reject.origin)
        return Place(reject.origin.shard_id, position.sequence_number) in self._discarded

    # --- failure objects --------------------------------------------------------------------------------------------

    def _redrive_discarded(self, discards: Discards) -> None:
        records = [each for each in discards.batch.records if self.wanted.arrived(each.arrived)]
        if not records or not self.wanted.reason(DISCARDED):
            return
        shard_id = discards.batch.shard_id
        if not self.dry_run:
            # The event source delivers a shard in order: what it discards has nothing unfinished before it.
            self._progress.give_up(shard_id, discards.last)
        rejects = [
            each for record in self._unfinished(shard_id, records) for each in self._rejects.of_record(discards, record)
        ]
        for some in _chunks(self._new(rejects), AT_ONCE):
            statuses = self._progress.statuses(each.origin for each in some)
            # What is broken is under the number of its first event, which tells nothing of those behind.
            counted = {
                str(each.origin) for each in some if statuses[str(each.origin)] is Status.COUNTED and not each.broken
            }
            self.summary.counted[DISCARDED] += len(counted)
            self._send([each for each in some if str(each.origin) not in counted])

    def _unfinished(self, shard_id: str, records: Sequence[Record]) -> Iterator[Record]:
        """Records that the function did not get to the end of; of the others quarantine has what did not count."""
        ends = [
            Origin(shard_id=shard_id, sequence_number=each.padded, index=LAST_INDEX, arrived=each.arrived)
            for each in records
        ]
        statuses = self._progress.statuses(ends)
        for record, end in zip(records, ends, strict=True):
            if statuses[str(end)] is Status.COUNTED:
                self.summary.finished += 1
            else:
                yield record

    # --- both -------------------------------------------------------------------------------------------------------

    def _new(self, rejects: Iterable[Reject]) -> list[Reject]:
        """Those that no other object held."""
        new = []
        for each in rejects:
            if str(each.origin) not in self._seen:
                self._seen.add(str(each.origin))
                self.summary.found[each.reason] += 1
                new.append(each)
        return new

    def _send(self, rejects: Sequence[Reject]) -> None:
        """Sends those that are not counted already, and would not be refused for certain."""
        marked = self.stack.ledger.counted_again([each.origin for each in rejects]) if rejects else ()
        good = []
        for each in rejects:
            if str(each.origin) in marked:
                self.summary.counted[each.reason] += 1
            elif remedy := self._remedy(each):
                self.summary.left[each.reason] += 1
                self.summary.remedies.append(remedy)
            else:
                self.summary.sent[each.reason] += 1
                good.append(each)
        if self.dry_run:
            return
        most = min(MAX_EVENTS, self.stack.settings.limits.max_events_per_record)
        if self.pace:
            most = min(most, max(1, int(self.pace.rate)))
        for some in _chunks(good, most):
            if self.pace:
                self.pace.take(len(some))
            self._put([_line(each) for each in some])

    def _remedy(self, reject: Reject) -> str | None:
        what = f"{reject.origin} ({reject.reason})"
        most = self.stack.settings.limits.max_event_bytes
        if reject.broken:
            return f"{what} still cannot be taken apart: {reject.broken.message}. By hand: {reject.uri}"
        if len(reject.payload) > most:
            size = len(reject.payload)
            return (
                f"{what} is too big to redrive: {size} bytes, and at most {most} are taken. Raise max_event_bytes, "
                f"or handle it by hand: {reject.uri}"
            )
        return None

    def _put(self, lines: Sequence[bytes]) -> None:
        packed = pack(lines, max_record_bytes=max(PACKED_BYTES, *map(len, lines)))
        self._producer.put(list(spread(packed)))


def _line(reject: Reject) -> bytes:
    origin = reject.origin
    return msgspec.json.encode(
        RedrivenEvent(
            shard_id=origin.shard_id,
            sequence_number=origin.sequence_number,
            index=origin.index,
            arrived=origin.arrived,
            payload=reject.payload,
        )
    )


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
