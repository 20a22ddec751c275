"""How a volume is backed up: by a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from lambdas.backups.contract import resource_name, run_id
from lambdas.backups.contract.records import Work, WorkState
from lambdas.backups.ports import SEEN_AFTER, MoreTime, RefusedError, Snapshots


@dataclass(frozen=True)
class Volumes:
    """The `Route` of volumes."""

    snapshots: Snapshots
    now: Callable[[], datetime]

    def step(self, work: Work, more: MoreTime) -> Work:  # noqa: ARG002  a snapshot takes no time here
        """Asks for a snapshot, then waits for it."""
        volume_id, run = resource_name(work.resource), run_id(work.policy, work.slot)
        found = self.snapshots.find(volume_id, run)
        if work.state is WorkState.PENDING:
            if not found:
                self.snapshots.create(volume_id, run)
            return replace(work, state=WorkState.BACKING_UP, instant=self.now())
        if not found:
            if work.instant and work.instant + SEEN_AFTER < self.now():
                raise RefusedError(f"the snapshot of {volume_id} was deleted before it was complete")
            return work
        snapshot = found[0]
        if snapshot.failed:
            raise RefusedError(f"the snapshot of {volume_id} failed: {snapshot.failed}")
        if not snapshot.completed:
            return work
        return replace(
            work,
            state=WorkState.RETAINING,
            snapshot_id=snapshot.snapshot_id,
            instant=snapshot.started,
            size=snapshot.size,
        )

    def remove(self, run: str, resource: str) -> bool:
        """Deletes the snapshots of a run."""
        for snapshot in self.snapshots.find(resource_name(resource), run):
            self.snapshots.delete(snapshot.snapshot_id)
        return True
