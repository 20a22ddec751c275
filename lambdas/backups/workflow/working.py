"""Advances the work on one resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from lambdas.backups.contract import (
    FINISHED_DAYS,
    NEWEST,
    Metric,
    backups_partition,
    manifest_key,
    resource_name,
    run_entry,
    run_id,
    work_partition,
)
from lambdas.backups.contract.records import Backup, Kept, Kind, Newest, Work, WorkState
from lambdas.backups.ports import Delete, MoreTime, Place, Put, RefusedError, Status, Stored
from lambdas.backups.workflow.buckets import BucketRoute
from lambdas.backups.workflow.leases import MOST_FAILURES, Leases
from lambdas.backups.workflow.outcome import Outcome
from lambdas.backups.workflow.retaining import Retainer, Route
from lambdas.common.failures import UnavailableError

_MADE = {WorkState.RETAINING, WorkState.MARKING, WorkState.SWEEPING}
"""The backup is good already."""
_FINISHED = {WorkState.GOOD, WorkState.FAILED}


@dataclass(frozen=True)
class Worker:
    """Advances work step by step, each step recorded, under a lease."""

    status: Status
    leases: Leases
    routes: Mapping[Kind, Route]
    buckets: BucketRoute
    retainer: Retainer
    lock: timedelta | None

    def advance(self, stored: Stored[Work], more: MoreTime, outcome: Outcome) -> None:
        """Goes on as long as there is something to do and time to do it; nothing if another invocation is at it.

        Raises UnavailableError: it is tried again when the lease has ended.
        """
        held = self.leases.claim(stored)
        try:
            while held:
                after = self._after(held.record, more)
                if after is held.record:
                    self.leases.give_back(held)
                    return
                held = self._recorded(held, after, outcome)
                if held and not more():
                    self.leases.give_back(held)
                    return
        except UnavailableError as error:
            if held:
                self.leases.record(held, replace(held.record, problem=str(error)))
            raise

    def _after(self, work: Work, more: MoreTime) -> Work:
        """The work after its next step."""
        if work.failures > MOST_FAILURES:
            return _given_up(work)
        match work.state:
            case WorkState.RETAINING:
                return self._retained(work, more)
            case WorkState.MARKING:
                return self.buckets.mark(work, more)
            case WorkState.SWEEPING:
                return self.buckets.sweep(work, more)
            case WorkState.CLEANING:
                return self._cleaned(work)
            case _:
                try:
                    return self.routes[work.kind].step(work, more)
                except RefusedError as error:
                    return replace(work, state=WorkState.CLEANING, reason=str(error))

    def _retained(self, work: Work, more: MoreTime) -> Work:
        deleted = self.retainer.step(work, more)
        if deleted is None:
            return work
        state = WorkState.MARKING if work.kind is Kind.BUCKET else WorkState.GOOD
        return replace(work, state=state, deleted=deleted)

    def _cleaned(self, work: Work) -> Work:
        removed = self.routes[work.kind].remove(run_id(work.policy, work.slot), work.resource)
        state = WorkState.MARKING if work.kind is Kind.BUCKET else WorkState.FAILED
        return replace(work, state=state, left=not removed)

    def _recorded(self, held: Stored[Work], work: Work, outcome: Outcome) -> Stored[Work] | None:
        """Writes what a step came to; None if the work is finished, or somebody else has written."""
        work = replace(work, failures=0, problem="")
        if work.state in _FINISHED:
            self._finish(held, work, outcome)
            return None
        if work.state is WorkState.RETAINING and held.record.state is not WorkState.RETAINING:
            return self.leases.record(held, work, *self._good(work))
        return self.leases.record(held, work)

    def _good(self, work: Work) -> list[Put]:
        """The records of a backup that has become good."""
        backup = self._backup(work)
        place = Place(backups_partition(work.resource), run_entry(work.policy, work.slot))
        puts = [Put(place, Kept(backup=backup))]
        newest = self.status.read(Place(NEWEST, work.resource), Newest)
        if newest and (newest.record.backup is None or newest.record.backup.slot < backup.slot):
            puts.append(Put(newest.place, replace(newest.record, backup=backup), newest.revision))
        return puts

    def _backup(self, work: Work) -> Backup:
        now = self.leases.now()
        bucket = resource_name(work.resource) if work.kind is Kind.BUCKET else None
        return Backup(
            policy=work.policy,
            slot=work.slot,
            kind=work.kind,
            resource=work.resource,
            instant=work.instant or now,
            finished=now,
            locked_until=now + self.lock if self.lock and work.kind is not Kind.VOLUME else None,
            backup_arn=work.backup_arn,
            export_key=work.export_key,
            manifest_key=manifest_key(bucket, run_id(work.policy, work.slot)) if bucket else None,
            snapshot_id=work.snapshot_id,
            items=work.items,
            size=work.size,
        )

    def _finish(self, held: Stored[Work], work: Work, outcome: Outcome) -> None:
        now = self.leases.now()
        work = replace(work, finished=now, lease_until=None)
        place = Place(work_partition(work.policy, work.slot), work.resource)
        changes: list[Put | Delete] = [
            Delete(held.place, held.revision),
            Put(place, work, expires=now + timedelta(days=FINISHED_DAYS)),
        ]
        if work.left:
            kept = Place(backups_partition(work.resource), run_entry(work.policy, work.slot))
            changes.append(Put(kept, Kept(backup=self._backup(work), deleting=True)))
        if self.status.write(*changes):
            outcome.counts[Metric.GOOD if work.state is WorkState.GOOD else Metric.FAILED] += 1
            outcome.counts[Metric.DELETED] += work.deleted


def _given_up(work: Work) -> Work:
    """What becomes of work of which one step fails again and again: it must not stand in the way of the next slot."""
    problem = work.problem or "an invocation ended in the middle of this step each time"
    if work.state is WorkState.CLEANING:
        return replace(work, state=WorkState.FAILED, left=True)
    if work.state in _MADE:
        state = WorkState.FAILED if work.reason else WorkState.GOOD
        return replace(work, state=state, reason=work.reason or f"old backups are not all deleted: {problem}")
    return replace(work, state=WorkState.CLEANING, reason=f"given up after {MOST_FAILURES} attempts: {problem}")
