"""Advances a run: looks for resources, waits for the work on them, and reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from lambdas.backups.contract import (
    FINISHED_DAYS,
    NEWEST,
    OPEN_WORK,
    POLICIES,
    Metric,
    open_work_entry,
    resource_name,
    runs_partition,
    work_partition,
)
from lambdas.backups.contract.records import Discovered, Kind, Newest, OpenRun, Resource, Run, RunState, Work, WorkState
from lambdas.backups.domain.reports import report
from lambdas.backups.domain.slots import parsed
from lambdas.backups.ports import Delete, MoreTime, Place, Put, Reports, Resources, Status, Stored
from lambdas.backups.workflow.leases import MOST_FAILURES, Leases
from lambdas.backups.workflow.outcome import Outcome
from lambdas.common.failures import UnavailableError

_KINDS = list(Kind)


@dataclass(frozen=True)
class Runner:
    """Advances a run step by step, each step recorded, under a lease."""

    status: Status
    leases: Leases
    resources: Mapping[Kind, Resources]
    reports: Reports

    def advance(self, opened: Stored[OpenRun], more: MoreTime, outcome: Outcome) -> None:
        """Goes on as long as there is something to do and time to do it; nothing if another invocation is at it.

        Raises UnavailableError: it is tried again when the lease has ended.
        """
        policy, slot = opened.record.policy, opened.record.slot
        stored = self.status.read(Place(runs_partition(policy), slot), Run)
        if stored is None or stored.record.state is RunState.DONE:
            return  # another invocation was faster
        held = self.leases.claim(stored)
        try:
            while held:
                after = self._step(held, opened, outcome)
                if after is held:
                    self.leases.give_back(held)
                    return
                held = after
                if held and not more():
                    self.leases.give_back(held)
                    return
        except UnavailableError as error:
            if held:
                self.leases.record(held, replace(held.record, problem=str(error)))
            raise

    def _step(self, held: Stored[Run], opened: Stored[OpenRun], outcome: Outcome) -> Stored[Run] | None:
        """The run after its next step; the very same if it has to wait; None if it is done, or overtaken."""
        run = held.record
        match run.state, run.looking_for:
            case RunState.DISCOVERING, Kind() as kind if run.failures > MOST_FAILURES:
                return self._given_up(held, kind, outcome)
            case RunState.DISCOVERING, Kind() as kind:
                return self._discovered(held, kind)
            case RunState.WORKING, _:
                begins = open_work_entry(run.policy, run.slot, "")
                if self.status.listed(OPEN_WORK, Work, begins):
                    return held
                states = [each.record.state for each in self.status.listed(work_partition(run.policy, run.slot), Work)]
                good, failed = states.count(WorkState.GOOD), states.count(WorkState.FAILED)
                return self._progress(held, replace(run, state=RunState.REPORTING, good=good, failed=failed))
            case _:
                return self._reported(held, opened)

    def _discovered(self, held: Stored[Run], kind: Kind) -> Stored[Run] | None:
        """What the next look finds becomes open work, in the same transaction in which the run remembers the look.

        What had the tag when it could be read last is taken to have it still: its backup fails rather than ends.
        """
        run = held.record
        looked = self.resources[kind].look(run.policy, run.after)
        known = [each for each in looked.unreadable if self._had_tag(each, run.policy)]
        unknown = [resource_name(each.arn) for each in looked.unreadable if each not in known]
        run = replace(run, unreadable=(*run.unreadable, *unknown))
        found = [put for resource in (*looked.found, *known) for put in self._found(run, resource)]
        if looked.after is not None:
            return self._progress(held, replace(run, after=looked.after), *found)
        return self._looked(held, run, kind, found)

    def _had_tag(self, resource: Resource, policy: str) -> bool:
        newest = self.status.read(Place(NEWEST, resource.arn), Newest)
        return newest is not None and newest.record.policy == policy

    def _given_up(self, held: Stored[Run], kind: Kind, outcome: Outcome) -> Stored[Run] | None:
        """Resources of the other kinds are backed up all the same."""
        run = held.record
        problem = run.problem or f"look for each {kind}: an invocation ended in the middle of it each time"
        after = self._looked(held, replace(run, reason="; ".join(filter(None, (run.reason, problem)))), kind, [])
        outcome.counts[Metric.FAILED] += after is not None
        return after

    def _looked(self, held: Stored[Run], run: Run, kind: Kind, found: list[Put]) -> Stored[Run] | None:
        """Goes on with the next kind. A run that gave one up does not say what has the tag, so that ages grow."""
        rest = _KINDS[_KINDS.index(kind) + 1 :]
        if rest:
            return self._progress(held, replace(run, looking_for=rest[0], after=None), *found)
        complete = [] if run.reason else self._complete(run)
        run = replace(run, looking_for=None, after=None, state=RunState.WORKING)
        return self._progress(held, run, *found, *complete)

    def _found(self, run: Run, resource: Resource) -> list[Put]:
        work = Work(policy=run.policy, slot=run.slot, kind=resource.kind, resource=resource.arn)
        place = Place(NEWEST, resource.arn)
        newest = self.status.read(place, Newest)
        found = parsed(run.slot)
        if newest and newest.record.policy == run.policy:
            found = newest.record.found
        return [
            Put(Place(OPEN_WORK, open_work_entry(run.policy, run.slot, resource.arn)), work),
            Put(
                place,
                Newest(
                    resource=resource.arn,
                    kind=resource.kind,
                    policy=run.policy,
                    found=found,
                    seen=max(run.slot, newest.record.seen) if newest else run.slot,
                    backup=newest.record.backup if newest else None,
                ),
                newest.revision if newest else None,
            ),
        ]

    def _complete(self, run: Run) -> list[Put]:
        place = Place(POLICIES, run.policy)
        before = self.status.read(place, Discovered)
        if before and before.record.slot >= run.slot:
            return []
        discovered = Discovered(policy=run.policy, slot=run.slot)
        return [Put(place, discovered, before.revision if before else None)]

    def _reported(self, held: Stored[Run], opened: Stored[OpenRun]) -> Stored[Run] | None:
        """Tells of the run, then marks it. Who is killed in between tells of it once more."""
        run = held.record
        work = [each.record for each in self.status.listed(work_partition(run.policy, run.slot), Work)]
        told = report(run, work)
        self.reports.publish(told.subject, told.message)
        now = self.leases.now()
        done = replace(run, state=RunState.DONE, finished=now, lease_until=None)
        expires = now + timedelta(days=FINISHED_DAYS)
        self.leases.record(held, done, Delete(opened.place, opened.revision), expires=expires)
        return None

    def _progress(self, held: Stored[Run], run: Run, *others: Put) -> Stored[Run] | None:
        return self.leases.record(held, replace(run, failures=0, problem=""), *others)
