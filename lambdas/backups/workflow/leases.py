"""Who may work on what: one invocation at a time, for as long as an invocation can last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec.structs import replace

from lambdas.backups.contract.records import Check, Run, Work
from lambdas.backups.ports import Delete, Put, Status, Stored, Unchanged

Leased = TypeVar("Leased", Run, Work, Check)

MOST_FAILURES = 20
"""Attempts in a row. Each waits until the lease of the one before has ended."""


@dataclass(frozen=True)
class Leases:
    """Leases on records of the status table.

    A lease is given back when there is nothing to do for now. Where an attempt fails it is kept, until it ends by
    itself: what was asked of AWS in the last moment has been done by then, if it ever will be, and can be found.
    """

    status: Status
    lasts: timedelta
    now: Callable[[], datetime]

    def claim(self, stored: Stored[Leased]) -> Stored[Leased] | None:
        """The same with a lease on it; None if another invocation has one."""
        record, now = stored.record, self.now()
        if record.lease_until and record.lease_until > now:
            return None
        return self.record(stored, replace(record, lease_until=now + self.lasts, failures=record.failures + 1))

    def record(
        self,
        stored: Stored[Leased],
        record: Leased,
        *others: Put | Delete | Unchanged,
        expires: datetime | None = None,
    ) -> Stored[Leased] | None:
        """Writes a record over what was read, with others; None, and nothing is written, if one is not as it was."""
        if not self.status.write(Put(stored.place, record, stored.revision, expires), *others):
            return None
        return Stored(stored.place, record, stored.revision + 1)

    def give_back(self, stored: Stored[Leased]) -> None:
        """Lets the next invocation work on it at once."""
        self.record(stored, replace(stored.record, lease_until=None, failures=0))
