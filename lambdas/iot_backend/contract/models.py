"""Models of requests and answers. Times are RFC 3339 in UTC; versions are numbers, as Lambda publishes them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from lambdas.common.http.models import Id, Model, Moment
from lambdas.iot_backend.contract.devices import Kind
from lambdas.iot_backend.contract.releases import Action, AlarmState, Outcome, Phase, Source, Why

Version = Annotated[int, Meta(ge=0)]
"""0 stands for ``$LATEST``."""


class Asked(StrEnum):
    """What people ask of the controller."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"


class ReleaseDraft(Model, frozen=True):
    """A release, or the way back."""

    action: Asked
    force: bool = False
    """Over an alarm that is on, an alias that somebody else moved, or the lack of a version to go back to. Where a
    canary could tell nothing, because the alarm is on or there is nothing to go back to, there is none."""
    reason: Annotated[str, Meta(max_length=500)] = ""
    """For those who read the history."""


class Decision(Model, frozen=True):
    """What the controller decided, and why."""

    decision_id: Id
    at: Moment
    source: Source
    who: str
    action: Action
    outcome: Outcome
    why: Why
    forced: bool
    from_version: Version | None
    to_version: Version | None
    alarm: AlarmState | None
    """As it was found; null where nobody looked."""
    reason: str


class Standing(Model, frozen=True):
    """How things stand."""

    phase: Phase
    version: Version
    candidate: Version | None
    percent: Annotated[int, Meta(ge=0, le=100)]
    """Of invocations that the candidate takes."""
    previous: Version | None
    """What a rollback goes back to."""
    newest: Version
    """Published; a promotion would try it."""
    alarm: AlarmState
    alias_moved: bool
    """Whether somebody else has moved the alias."""
    due_at: Moment | None
    """When the canary's next step is due."""


class ReleasesQuery(Model, frozen=True):
    """Which decisions."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    cursor: Id | None = None
    """``next_cursor`` of the page before."""


class ReleaseList(Model, frozen=True):
    """How things stand, and decisions, newest first."""

    current: Standing
    decisions: tuple[Decision, ...]
    next_cursor: str | None


class Device(Model, frozen=True):
    """An enrolled device, and what it told last."""

    device_id: str
    kind: Kind
    enrolled_at: Moment
    measured_at: Moment | None
    """Null until it has told something."""
    readings: dict[str, float]
    alarms: tuple[str, ...]
    """Readings that are above their threshold."""


class DevicesQuery(Model, frozen=True):
    """Which devices."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,64}[.][a-z]{1,16}\Z", examples=["sensor-1.state"])] | None = (
        None
    )
    """``next_cursor`` of the page before."""


class DevicePage(Model, frozen=True):
    """Devices, in no particular order; a page may hold fewer than asked for, even none, with others after it."""

    devices: tuple[Device, ...]
    next_cursor: str | None
