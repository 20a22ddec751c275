"""The release table, the words that decisions are told in, and what is sent about them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

PARTITION = "partition"
"""Partition key; beside it `ENTRY`."""
EXPIRES_AT = "expires_at"
"""Time to live, in Unix seconds."""

TARGET, CURRENT = "target", "current"
"""Keys of the one item that says what the alias has to be."""
AUDIT = "audit"
"""Partition of all decisions; the entry is a UUID of version 7, so they sort by time."""
COMMAND = "command#"
"""Partition of one command, by its idempotency key; the entry is `DECISION`."""
DECISION = "decision"

COMMAND_DAYS = 2
"""How long a command that comes again is known: longer than any source repeats it (events: 6 hours)."""


class Phase(StrEnum):
    """Where the controller stands."""

    STEADY = "steady"
    CANARY = "canary"


class Source(StrEnum):
    """Where a command came from."""

    PRESS = "press"
    VOICE = "voice"
    HTTP = "http"
    SCHEDULE = "schedule"


class Action(StrEnum):
    """What is asked of the controller."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    REPORT = "report"
    STEP = "step"
    """The next step of a canary; asked by schedules alone."""
    UNKNOWN = "unknown"
    """Of a press that nobody can read."""


class Outcome(StrEnum):
    """What the controller decided."""

    CANARY = "canary"
    """A version began to be tried."""
    EXTENDED = "extended"
    """It is tried for as long again."""
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    GIVEN_UP = "given_up"
    """A release ended, and the alias stays as it is: somebody else moved it, or Lambda does not take it as decided."""
    REPORTED = "reported"
    REFUSED = "refused"


class Why(StrEnum):
    """Reasons of decisions."""

    ASKED = "asked"
    ALARM_OK = "alarm_ok"
    ALARM = "alarm"
    """The target's alarm is on."""
    ALARM_SILENT = "alarm_silent"
    """The alarm has not seen enough to say anything."""
    NOTHING_NEWER = "nothing_newer"
    UNDER_WAY = "under_way"
    """A release is under way already."""
    NOTHING_BEFORE = "nothing_before"
    """There is no version to go back to, or not any more."""
    ALIAS_MOVED = "alias_moved"
    """Somebody else moved the alias."""
    ALIAS_REFUSED = "alias_refused"
    """Lambda does not take the alias so: versions of different roles, for one, cannot share it."""
    STALE = "stale"
    """Pressed too long ago, or before something was taken back, and handled after that."""
    STRANGER = "stranger"
    """Not the button that was enrolled under this name."""
    MALFORMED = "malformed"
    """A press that is none."""


class AlarmState(StrEnum):
    """As CloudWatch calls them."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


LATEST = 0
"""How ``$LATEST`` is written where versions are numbers."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Input of a one-off schedule, for those who read logs and the dead-letter queue; the regular one sends ``{}``."""

    release_id: str
    step: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a button hears: what became of its press, and how things stand."""

    press_id: str
    outcome: Outcome
    why: Why
    phase: Phase
    version: int
    candidate: int | None
    percent: int
    """Of invocations that the candidate takes."""
    newest: int
    """Newest published version."""
    alarm: AlarmState
