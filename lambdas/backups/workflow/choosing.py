"""Which backups a slot of the restore check restores: of each table the newest good one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from lambdas.backups.contract import (
    CATCH_UP_AFTER_SECONDS,
    CHECK_RUNS,
    CHECKING,
    CHECKS,
    FINISHED_DAYS,
    NEWEST,
    POLICIES,
    Cadence,
    backups_partition,
    check_entry,
    run_entry,
    scratch_table,
    slot_id,
)
from lambdas.backups.contract.records import Backup, Check, CheckRun, Discovered, Kept, Kind, Newest
from lambdas.backups.domain.slots import latest, parsed
from lambdas.backups.ports import Place, Put, Status, Stored, Unchanged

_CATCH_UP_AFTER = timedelta(seconds=CATCH_UP_AFTER_SECONDS)
_RECOVERABLE = timedelta(days=35)
"""As far as points in time reach back at the most. A policy that has not looked since then was taken away: of one that
is there an alarm tells."""


@dataclass(frozen=True)
class Chooser:
    """Begins runs of the check: each slot once, and in it each table once, whoever asks and however often."""

    status: Status
    status_table: str
    cadence: Cadence
    now: Callable[[], datetime]

    def begin(self, slot: str) -> None:
        """Chooses what a slot checks, or what an earlier attempt has left to be chosen."""
        place = Place(CHECK_RUNS, slot)
        run = self.status.read(place, CheckRun)
        if run is None:
            self.status.write(self._put(CheckRun(slot=slot, begun=self.now()), place, None))
            run = self.status.read(place, CheckRun)
        if run and not run.record.complete:
            self._choose(run)

    def catch_up(self) -> None:
        """Begins the last slot that is due if its schedule did not fire, or ends choosing for the last one begun."""
        last = self.status.last(CHECK_RUNS, CheckRun)
        due = latest(self.cadence, self.now())
        if last and not last.record.complete:
            self._choose(last)
        elif (last is None or parsed(last.record.slot) < due) and self.now() >= due + _CATCH_UP_AFTER:
            self.begin(slot_id(due))

    def _choose(self, run: Stored[CheckRun]) -> None:
        """Ends early where another invocation chooses, too: it goes on from what it finds then."""
        begun = self._begun(run.record.slot)
        for kept in self._newest():
            backup = kept.record.backup
            if backup.resource in begun:
                continue
            record = replace(run.record, chosen=run.record.chosen + 1)
            check = self._check(record.slot, backup)
            place = Place(CHECKING, check_entry(record.slot, backup.resource))
            # A backup that retention has marked meanwhile is not as it was read.
            unmarked = Unchanged(kept.place, kept.revision)
            if not self.status.write(self._put(record, run.place, run.revision), Put(place, check), unmarked):
                return
            run = Stored(run.place, record, run.revision + 1)
        self.status.write(self._put(replace(run.record, complete=True), run.place, run.revision))

    def _begun(self, slot: str) -> set[str]:
        """Tables that this slot checks or has checked. Finished ones are read last, since checks move there."""
        entries = check_entry(slot, "")
        return {
            each.record.backup.resource
            for partition in (CHECKING, CHECKS)
            for each in self.status.listed(partition, Check, entries)
        }

    def _newest(self) -> Iterator[Stored[Kept]]:
        """Newest good backups of the tables that have their tag still, and whose policy is there still."""
        runs = {each.record.policy: each.record.slot for each in self.status.listed(POLICIES, Discovered)}
        for each in self.status.listed(NEWEST, Newest):
            known = each.record
            run = runs.get(known.policy, known.seen)
            if known.kind is Kind.TABLE and known.seen >= run and parsed(run) > self.now() - _RECOVERABLE:
                # Retention may have marked it since it was listed: there is a newer one then.
                kept = self._kept(each) or self._kept(self.status.read(each.place, Newest))
                if kept:
                    yield kept

    def _kept(self, newest: Stored[Newest] | None) -> Stored[Kept] | None:
        """The newest backup of a table, unless it is no good any longer."""
        if newest is None or newest.record.backup is None:
            return None
        backup = newest.record.backup
        place = Place(backups_partition(backup.resource), run_entry(backup.policy, backup.slot))
        kept = self.status.read(place, Kept)
        return kept if kept and not kept.record.deleting else None

    def _check(self, slot: str, backup: Backup) -> Check:
        name = scratch_table(self.status_table, slot, backup.resource)
        return Check(slot=slot, backup=backup, scratch_table=name, begun=self.now())

    def _put(self, run: CheckRun, place: Place, over: int | None) -> Put:
        return Put(place, run, over, expires=run.begun + timedelta(days=FINISHED_DAYS))
