"""What the controller knows of the alias: as it is, and as it was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from lambdas.iot_backend.contract.releases import LATEST, AlarmState, Phase

MOST_EARLIER = 10
"""Versions that rollbacks, one after the other, can go back to."""


@dataclass(frozen=True)
class Alias:
    """An alias of a function."""

    version: int
    routing: Mapping[int, float]
    """Shares of invocations that go to other versions."""
    revision: str
    """Lambda's own; another one after every change."""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What the alias has to be, by the last decision that changed it."""

    revision: str
    """Id of that decision; empty before the first."""
    phase: Phase
    version: int
    candidate: int | None = None
    percent: int = 0
    """Of invocations that the candidate takes."""
    earlier: tuple[int, ...] = ()
    """Versions to go back to, the last one first to be gone back to."""
    release_id: str = ""
    """Id of the decision that began the canary."""
    due_at: datetime | None = None
    """When the canary's next step is due: a whole second, since schedules know no others."""
    extensions: int = 0
    """How many times the canary was given more time."""
    alias_revision: str = ""
    """Revision of the alias that was decided upon; empty if the decision was to leave it as it is."""
    taken_back_at: datetime | None = None
    """When a version was taken back, if that was the last decision."""

    @property
    def previous(self) -> int | None:
        """What a rollback would go back to."""
        if self.phase is Phase.CANARY:
            return self.version
        return self.earlier[-1] if self.earlier else None

    def older_than(self, version: int) -> tuple[int, ...]:
        """Versions that were released before this one; ``$LATEST`` is newer than all."""
        known = (*self.earlier, self.version)
        return tuple(each for each in known if each != LATEST and (each < version or version == LATEST))

    def wanted(self) -> Alias:
        """The alias that was decided."""
        routing = {self.candidate: self.percent / 100} if self.candidate else {}
        return Alias(self.version, routing, self.alias_revision)

    def matches(self, alias: Alias) -> bool:
        """Whether the alias is as it was decided."""
        wanted = self.wanted()
        return (alias.version, dict(alias.routing)) == (wanted.version, wanted.routing)

    def pending(self, alias: Alias) -> bool:
        """Whether the alias is still as it was decided upon, so that it has to be moved."""
        return not self.matches(alias) and alias.revision == self.alias_revision

    def moved(self, alias: Alias) -> bool:
        """Whether somebody else moved the alias: it is neither as decided, nor as it was before."""
        return not self.matches(alias) and alias.revision != self.alias_revision


def begun(alias: Alias) -> Release:
    """Where the controller begins: at the version that the alias has before the first decision."""
    return Release(revision="", phase=Phase.STEADY, version=alias.version)


@dataclass(frozen=True)
class Facts:
    """What a decision is made upon."""

    alias: Alias
    versions: frozenset[int]
    alarm: AlarmState

    @property
    def newest(self) -> int:
        """The newest published version."""
        return max(self.versions, default=LATEST)


def due(now: datetime, seconds: int) -> datetime:
    """The first whole second that is so many seconds from now."""
    later = now + timedelta(seconds=seconds)
    return later.replace(microsecond=0) + timedelta(seconds=1 if later.microsecond else 0)
