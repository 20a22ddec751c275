"""The order of effects that makes counters exact.

First what may be written twice without harm: archive, index, quarantine. Then transactions, each of which counts a
prefix of the remaining events, moves the shard's checkpoint behind it, and holds only if the checkpoint still stands
where the prefix begins. A kill anywhere leaves a checkpoint that tells the next invocation where to go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from lambdas.common.failures import UnavailableError
from lambdas.stream_analytics.contract import ArchivedEvent, Limits, Position
from lambdas.stream_analytics.domain.analysis import Analysis
from lambdas.stream_analytics.domain.analyzer import Analyzer
from lambdas.stream_analytics.domain.pieces import Pieces, pieces
from lambdas.stream_analytics.domain.records import Batch
from lambdas.stream_analytics.ports import (
    Archive,
    CheckpointMovedError,
    Index,
    IndexEntry,
    Ledger,
    Quarantine,
)
from lambdas.stream_analytics.workflow.counting import PATIENCE, Counting, quarantined


@dataclass
class Outcome:
    """What became of a batch."""

    failed: str | None = None
    """Sequence number, as Kinesis writes it, of the first record that is not done with."""
    error: UnavailableError | None = None
    """Why it is not."""
    counted: int = 0
    rejected: int = 0
    repeated: int = 0


@dataclass(frozen=True)
class Workflow:
    """Counts the batches of a stream's shards."""

    analyzer: Analyzer
    limits: Limits
    ledger: Ledger
    archive: Archive
    quarantine: Quarantine
    index: Index | None

    def handle(self, batch: Batch) -> Outcome:
        """Counts what the shard's checkpoint does not cover; what is left when a call fails is named in the outcome."""
        outcome = Outcome()
        try:
            self._handle_patiently(batch, outcome)
        except UnavailableError as error:
            outcome.error = error
        return outcome

    def _handle_patiently(self, batch: Batch, outcome: Outcome) -> None:
        for _ in range(PATIENCE):
            outcome.failed = batch.records[0].sequence_number
            try:
                return self._handle(batch, outcome)
            except CheckpointMovedError:
                continue
        raise UnavailableError(f"another invocation keeps counting {batch.shard_id}, too")

    def _handle(self, batch: Batch, outcome: Outcome) -> None:
        checkpoint, complete = self.ledger.checkpoint(batch.shard_id), False
        while not complete:
            found = pieces(batch, checkpoint, self.limits)
            complete = found.complete
            checkpoint = self._count(found, checkpoint, outcome)

    def _count(self, found: Pieces, checkpoint: Position | None, outcome: Outcome) -> Position | None:
        """Keeps and counts all that is found; the new checkpoint."""
        counting = Counting(self.ledger, self.quarantine, self.analyzer.analyze(found), checkpoint)
        analysis = counting.analysis
        try:
            if found:
                self._keep(analysis)
                counting.run()
        finally:
            done = counting.done
            outcome.failed = found.records[done].sequence_number if done < len(found) else None
            outcome.rejected += sum(at < done for at in analysis.rejected) + counting.conflicting
            outcome.repeated += counting.repeated
            kept = sum(at < done for places in analysis.places.values() for at in places)
            outcome.counted += kept - counting.repeated - counting.conflicting
        return counting.checkpoint

    def _keep(self, analysis: Analysis) -> None:
        """Writes what may be written again."""
        if analysis.rejected:
            self.quarantine.keep(
                [quarantined(analysis, at, each.code, each.message) for at, each in sorted(analysis.rejected.items())]
            )
        hours: dict[tuple[str, datetime], list[ArchivedEvent]] = defaultdict(list)
        for kind, places in analysis.places.items():
            name = analysis.recipes[kind].name
            for at in places:
                hour = analysis.events[at].time.replace(minute=0, second=0, microsecond=0)
                hours[name, hour].append(_archived(analysis, at))
        for (name, hour), events in hours.items():
            self.archive.keep(name, hour, events)
        if self.index:
            self.index.put(_entries(analysis))


def _archived(analysis: Analysis, at: int) -> ArchivedEvent:
    origin = analysis.origin(at)
    return ArchivedEvent(
        shard_id=origin.shard_id,
        sequence_number=origin.sequence_number,
        index=origin.index,
        arrived=origin.arrived,
        event=msgspec.Raw(msgspec.json.encode(analysis.events[at])),
    )


def _entries(analysis: Analysis) -> Iterator[IndexEntry]:
    for at, names in analysis.entities.items():
        event, archived = analysis.events[at], _archived(analysis, at)
        for name in names:
            yield IndexEntry(entity=name, time=event.time, event_type=analysis.recipe(at).name, event=archived)
