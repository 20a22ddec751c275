"""Events of the schedules."""

from __future__ import annotations

from typing import Any

import msgspec

from lambdas.backups.contract import BackupEvent, RestoreCheckEvent


def backup_event(event: Any) -> BackupEvent:
    """Of a schedule without input, too, whose event says nothing that matters. Raises msgspec.ValidationError."""
    return msgspec.convert(event or {}, BackupEvent)


def restore_check_event(event: Any) -> RestoreCheckEvent:
    """As `backup_event`."""
    return msgspec.convert(event or {}, RestoreCheckEvent)
