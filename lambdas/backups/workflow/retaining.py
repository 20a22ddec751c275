"""Deletes old backups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from lambdas.backups.contract import CHECKING, Policy, backups_partition, run_id
from lambdas.backups.contract.records import Backup, Check, Kept, Kind, Work
from lambdas.backups.domain.retention import removable
from lambdas.backups.ports import Delete, MoreTime, Put, Status, Stored
from lambdas.common.failures import UnavailableError


class Route(Protocol):
    """How resources of one kind are backed up."""

    def step(self, work: Work, more: MoreTime) -> Work:
        """One step towards a backup that is good; the very same work if it has to wait. Raises RefusedError."""

    def remove(self, run: str, resource: str) -> bool:
        """Deletes what a run made, as far as it is there; False if a lock keeps a part of it."""


@dataclass(frozen=True)
class Retainer:
    """Applies a policy's retention to the good backups of a resource, whatever policy made them."""

    status: Status
    routes: Mapping[Kind, Route]
    policies: Mapping[str, Policy]
    now: Callable[[], datetime]

    def step(self, work: Work, more: MoreTime) -> int | None:
        """How many backups it deleted; None if there was no time for all of them.

        Each is marked before it is looked for in the checks that are under way: a check that begins later sees the
        mark. What a lock keeps is left to the next run. One that cannot be deleted keeps no other.
        """
        deleted, problems = 0, []
        for kept in self._doomed(work):
            if not more():
                return None
            try:
                deleted += self._deleted(kept)
            except UnavailableError as error:
                problems.append(error)
        if problems:
            raise problems[0]
        return deleted

    def _deleted(self, kept: Stored[Kept]) -> bool:
        marked = self._marked(kept)
        return marked is not None and self._unused(marked) and self._removed(marked)

    def _doomed(self, work: Work) -> list[Stored[Kept]]:
        kept = self.status.listed(backups_partition(work.resource), Kept)
        good = [each.record.backup for each in kept if not each.record.deleting]
        policy = self.policies.get(work.policy)  # None if it was taken out of the configuration meanwhile
        old = removable(good, policy.retention, self.now()) if policy else []
        return [each for each in kept if each.record.deleting or each.record.backup in old]

    def _marked(self, kept: Stored[Kept]) -> Stored[Kept] | None:
        if kept.record.deleting:
            return kept
        return self._written(kept, deleting=True)

    def _written(self, kept: Stored[Kept], *, deleting: bool) -> Stored[Kept] | None:
        record = replace(kept.record, deleting=deleting)
        if not self.status.write(Put(kept.place, record, kept.revision)):
            return None
        return Stored(kept.place, record, kept.revision + 1)

    def _unused(self, kept: Stored[Kept]) -> bool:
        """Whether no check uses it; else it is good again."""
        used = {_identity(each.record.backup) for each in self.status.listed(CHECKING, Check)}
        if _identity(kept.record.backup) not in used:
            return True
        self._written(kept, deleting=False)
        return False

    def _removed(self, kept: Stored[Kept]) -> bool:
        backup = kept.record.backup
        if not self.routes[backup.kind].remove(run_id(backup.policy, backup.slot), backup.resource):
            return False
        return self.status.write(Delete(kept.place, kept.revision))


def _identity(backup: Backup) -> tuple[str, str, str]:
    return backup.resource, backup.policy, backup.slot
