"""Which backups are kept: grandfather, father, son."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime

from lambdas.backups.contract import Retention
from lambdas.backups.contract.records import Backup
from lambdas.backups.domain.slots import parsed


def removable(backups: Sequence[Backup], retention: Retention, now: datetime) -> list[Backup]:
    """Of all good backups of one resource those that may be deleted, oldest first.

    Never the last one, nor one that is locked.
    """
    ordered = sorted(backups, key=lambda backup: (backup.slot, backup.policy))
    kept = _kept([parsed(backup.slot) for backup in ordered], retention)
    return [
        backup
        for backup in ordered[:-1]
        if parsed(backup.slot) not in kept and not (backup.locked_until and backup.locked_until > now)
    ]


def _kept(slots: Sequence[datetime], retention: Retention) -> set[datetime]:
    """Slots, out of ordered ones, whose backups are kept."""
    periods: list[tuple[int, Callable[[datetime], Hashable]]] = [
        (retention.daily, lambda slot: slot.date()),
        (retention.weekly, lambda slot: slot.isocalendar()[:2]),
        (retention.monthly, lambda slot: (slot.year, slot.month)),
        (retention.yearly, lambda slot: slot.year),
    ]
    kept: set[datetime] = set()
    for count, period in periods:
        newest = {period(slot): slot for slot in slots}
        kept.update(list(newest.values())[len(newest) - min(count, len(newest)) :])
    return kept
