"""Restores a backup into a scratch table, and compares that with the export of the same instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from lambdas.backups.contract import CHECKING, CHECKS, FINISHED_DAYS, check_entry
from lambdas.backups.contract.records import Check, CheckResult, CheckState
from lambdas.backups.domain.check_reports import check_report, difference
from lambdas.backups.domain.digest import MalformedItemError, added, digest
from lambdas.backups.domain.exports import DamagedExportError
from lambdas.backups.ports import (
    Delete,
    ExportObjects,
    MoreTime,
    Place,
    Put,
    RefusedError,
    Reports,
    ScratchTables,
    Status,
    Stored,
)
from lambdas.backups.workflow.export_reading import ExportReader
from lambdas.backups.workflow.leases import MOST_FAILURES, Leases
from lambdas.common.failures import UnavailableError

_LONGEST_RESTORE = timedelta(days=2)
"""DynamoDB takes hours for large tables; it says nothing of days."""


@dataclass(frozen=True)
class Checker:
    """Advances checks step by step, each step recorded, under a lease. The live table is never read."""

    status: Status
    leases: Leases
    scratch: ScratchTables
    objects: ExportObjects
    reports: Reports
    told: Callable[[Check], None]
    """Makes metrics of a check that is about to be done; again after a kill, so that no alarm is lost."""

    def advance(self, more: MoreTime) -> list[str]:
        """Goes on with every open check as long as there is something to do; returns why steps will be tried again."""
        problems: list[str] = []
        for stored in self.status.listed(CHECKING, Check):
            if more():
                self._advance(stored, more, problems)
        return problems

    def _advance(self, stored: Stored[Check], more: MoreTime, problems: list[str]) -> None:
        held = self.leases.claim(stored)
        export = ExportReader(self.objects, stored.record.backup.export_key or "")
        try:
            while held:
                check = self._step(held.record, export)
                if check is held.record:
                    self.leases.give_back(held)
                    return
                if check.state is CheckState.DONE:
                    self._finish(held, check)
                    return
                held = self.leases.record(held, replace(check, failures=0, problem=""))
                if held and not more():
                    self.leases.give_back(held)
                    return
        except UnavailableError as error:
            problems.append(f"{stored.record.backup.resource}: {error}")
            if held:
                self.leases.record(held, replace(held.record, problem=str(error)))

    def _step(self, check: Check, export: ExportReader) -> Check:
        """The check after its next step; the very same if it has to wait."""
        if check.failures > MOST_FAILURES and check.state is not CheckState.REPORTING:
            return _given_up(check)
        try:
            match check.state:
                case CheckState.RESTORING:
                    return self._restored(check)
                case CheckState.READING_SCRATCH:
                    return self._scratch_read(check)
                case CheckState.READING_EXPORT:
                    return _export_read(check, export)
                case CheckState.CLEANING:
                    return self._cleaned(check)
                case _:
                    return self._reported(check)
        except (RefusedError, MalformedItemError) as error:
            return _ended(check, CheckResult.FAILED, str(error))
        except DamagedExportError as error:
            return _ended(check, CheckResult.DIFFERENT, str(error))

    def _restored(self, check: Check) -> Check:
        table, waited = self.scratch.find(check.scratch_table), self.leases.now() - check.begun
        if table and table.status == "ACTIVE":
            seconds = (self.leases.now() - table.created).total_seconds()
            return replace(check, state=CheckState.READING_SCRATCH, restore_seconds=max(0.0, seconds))
        if waited > _LONGEST_RESTORE:
            what = f"is {table.status}" if table else "is not there"
            return _ended(check, CheckResult.FAILED, f"the scratch table {what} after {waited}")
        if table is None:
            self.scratch.restore(check.backup, check.scratch_table)
        return check

    def _scratch_read(self, check: Check) -> Check:
        page = self.scratch.page(check.scratch_table, check.scratch_after)
        tally = added(check.scratch, digest(page.items))
        state = check.state if page.after else CheckState.READING_EXPORT
        return replace(check, state=state, scratch=tally, scratch_after=page.after)

    def _cleaned(self, check: Check) -> Check:
        if self.scratch.delete(check.scratch_table):
            return replace(check, state=CheckState.REPORTING)
        table = self.scratch.find(check.scratch_table)
        if table and table.status == "CREATING" and self.leases.now() - check.begun > _LONGEST_RESTORE:
            return replace(check, state=CheckState.REPORTING, left=True)
        return check

    def _reported(self, check: Check) -> Check:
        if check.result is not CheckResult.EQUAL and check.failures <= MOST_FAILURES:
            report = check_report(check)
            self.reports.publish(report.subject, report.message)
        self.told(check)
        return replace(check, state=CheckState.DONE)

    def _finish(self, held: Stored[Check], check: Check) -> None:
        now = self.leases.now()
        place = Place(CHECKS, check_entry(check.slot, check.backup.resource))
        record = replace(check, finished=now, lease_until=None)
        expires = now + timedelta(days=FINISHED_DAYS)
        self.status.write(Put(place, record, expires=expires), Delete(held.place, held.revision))


def _export_read(check: Check, export: ExportReader) -> Check:
    """The next data file; behind the last one the result."""
    tally = export.read(check.export_files)
    if tally is not None:
        return replace(check, export=added(check.export, tally), export_files=check.export_files + 1)
    reason = difference(check)
    return _ended(check, CheckResult.DIFFERENT if reason else CheckResult.EQUAL, reason)


def _ended(check: Check, result: CheckResult, reason: str) -> Check:
    return replace(check, state=CheckState.CLEANING, result=result, reason=reason)


def _given_up(check: Check) -> Check:
    """What becomes of a check of which one step fails again and again."""
    problem = check.problem or "an invocation ended in the middle of this step each time"
    reason = f"given up after {MOST_FAILURES} attempts: {problem}"
    if check.state is not CheckState.CLEANING:
        return _ended(check, CheckResult.FAILED, reason)
    result = CheckResult.FAILED if check.result is CheckResult.EQUAL else check.result
    return replace(check, state=CheckState.REPORTING, result=result, reason=check.reason or reason, left=True)
