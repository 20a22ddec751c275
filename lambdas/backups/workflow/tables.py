"""How a table is backed up: an on-demand backup, and an export as of one second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from lambdas.backups.contract import export_prefix, resource_name, run_id
from lambdas.backups.contract.records import Work, WorkState
from lambdas.backups.ports import SEEN_AFTER, MoreTime, TableBackups, TableExports, UnseenError, Vault


@dataclass(frozen=True)
class Tables:
    """The `Route` of tables."""

    backups: TableBackups
    exports: TableExports
    vault: Vault
    lock: timedelta | None
    now: Callable[[], datetime]

    def step(self, work: Work, more: MoreTime) -> Work:
        """Of a table that cannot be exported nothing is made at all: nobody could tell whether it can be restored."""
        try:
            return self._step(work, more)
        except UnseenError:
            if work.instant and self.now() < work.instant + SEEN_AFTER:
                return work
            raise

    def _step(self, work: Work, more: MoreTime) -> Work:
        match work.state:
            case WorkState.PENDING:
                self.exports.check(resource_name(work.resource))
                return replace(
                    work,
                    state=WorkState.BACKING_UP,
                    backup_arn=self._asked(work),
                    instant=self.now().replace(microsecond=0),
                )
            case WorkState.BACKING_UP if work.backup_arn:
                return replace(work, state=WorkState.EXPORTING) if self.backups.available(work.backup_arn) else work
            case WorkState.EXPORTING if work.instant:
                return self._exported(work, work.instant, more)
            case WorkState.LOCKING:
                if self.lock:
                    self.vault.lock(_prefix(work), self.now() + self.lock)
                return replace(work, state=WorkState.RETAINING)
            case _:
                raise AssertionError(f"a table cannot be {work.state} like this: {work}")

    def remove(self, run: str, resource: str) -> bool:
        """Deletes backups and export."""
        table = resource_name(resource)
        for arn in self.backups.find(table, run):
            self.backups.delete(arn)
        return self.vault.delete(export_prefix(table, run))

    def _asked(self, work: Work) -> str:
        table, run = resource_name(work.resource), run_id(work.policy, work.slot)
        for arn in self.backups.find(table, run):
            return arn
        return self.backups.create(table, run)

    def _exported(self, work: Work, instant: datetime, more: MoreTime) -> Work:
        if work.export_arn is None:
            return replace(work, export_arn=self.exports.begin(work.resource, run_id(work.policy, work.slot), instant))
        exported = self.exports.advance(work, instant, more)
        if exported is None:
            return work
        state = WorkState.LOCKING if self.lock else WorkState.RETAINING
        return replace(work, state=state, export_key=exported.key, items=exported.items, size=exported.size)


def _prefix(work: Work) -> str:
    return export_prefix(resource_name(work.resource), run_id(work.policy, work.slot))
