"""Begins runs: when their schedule fires, or when it did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from lambdas.backups.contract import (
    CATCH_UP_AFTER_SECONDS,
    FINISHED_DAYS,
    OPEN_RUNS,
    Metric,
    Policy,
    run_entry,
    runs_partition,
    slot_id,
)
from lambdas.backups.contract.records import OpenRun, Run, RunState
from lambdas.backups.domain.slots import between, latest, parsed
from lambdas.backups.ports import Place, Put, Status
from lambdas.backups.workflow.outcome import Outcome

_MOST_MISSED = 90
"""Slots that are recorded as missed at a time: a transaction takes 100 items."""


@dataclass(frozen=True)
class Beginner:
    """Begins each slot of each policy once."""

    status: Status
    now: Callable[[], datetime]
    seen: set[tuple[str, str]] = field(default_factory=set)
    """Policies and slots that need no catching up, so that a minute in which nothing is due asks for nothing."""

    def begin(self, policy: Policy, slot: datetime, outcome: Outcome) -> None:
        """Begins a run, unless it was begun, or passed over, before."""
        self._begin(policy, slot, self._last(policy), outcome, caught_up=False)

    def catch_up(self, policies: Sequence[Policy], outcome: Outcome) -> None:
        """Begins the last slot of each policy, if it has been due for some minutes, and no run of it or later began."""
        for policy in policies:
            slot = latest(policy.cadence, self.now() - timedelta(seconds=CATCH_UP_AFTER_SECONDS))
            if (policy.name, slot_id(slot)) not in self.seen:
                last = self._last(policy)
                if last is None or last < slot:
                    # The first run of all is late for nothing.
                    self._begin(policy, slot, last, outcome, caught_up=last is not None)
                self.seen.add((policy.name, slot_id(slot)))

    def _last(self, policy: Policy) -> datetime | None:
        last = self.status.last(runs_partition(policy.name), Run)
        return parsed(last.record.slot) if last else None

    def _begin(
        self, policy: Policy, slot: datetime, last: datetime | None, outcome: Outcome, *, caught_up: bool
    ) -> None:
        """Slots after the last one that began are recorded as missed: what they would have held is gone."""
        missed = list(islice(between(policy.cadence, last, slot), _MOST_MISSED)) if last else []
        opened = OpenRun(policy=policy.name, slot=slot_id(slot))
        if self.status.write(
            self._run(policy, slot, RunState.DISCOVERING, caught_up=caught_up),
            Put(Place(OPEN_RUNS, run_entry(policy.name, slot_id(slot))), opened),
            *(self._run(policy, each, RunState.MISSED) for each in missed),
        ):
            outcome.counts[Metric.BEGUN] += 1
            outcome.counts[Metric.CAUGHT_UP] += caught_up
            outcome.counts[Metric.MISSED] += len(missed)

    def _run(self, policy: Policy, slot: datetime, state: RunState, *, caught_up: bool = False) -> Put:
        now = self.now()
        run = Run(policy=policy.name, slot=slot_id(slot), state=state, begun=now, caught_up=caught_up)
        expires = now + timedelta(days=FINISHED_DAYS) if state is RunState.MISSED else None
        return Put(Place(runs_partition(policy.name), run.slot), run, expires=expires)
