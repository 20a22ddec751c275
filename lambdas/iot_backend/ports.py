"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with a model.

Everything here may raise `UnavailableError`: what was asked is done, or not, and is to be asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from lambdas.iot_backend.contract.devices import Alert, DeviceState, Enrolment
from lambdas.iot_backend.contract.messages import Quarantined
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import AlarmState, Report
from lambdas.iot_backend.domain.releases import Alias, Release


class Quarantine(Protocol):
    """The bucket of what was rejected."""

    def keep(self, lines: Sequence[Quarantined], day: date) -> str:
        """Writes lines, in this order, and returns the object's key; equal lines get an equal key."""


class Enrolments(Protocol):
    """Which devices there are."""

    def of(self, device_id: str) -> Enrolment | None:
        """A device's enrolment; None if there is none."""


@dataclass(frozen=True)
class Enrolled:
    """A device as it is listed; without state it has told nothing yet."""

    device_id: str
    enrolment: Enrolment
    state: DeviceState | None


@dataclass(frozen=True)
class DevicesPage:
    """A part of the list of devices."""

    devices: Sequence[Enrolled]
    last: str | None
    """Where the list goes on; None at its end."""


class Devices(Protocol):
    """Enrolled devices with what they told last."""

    def page(self, limit: int, after: str | None) -> DevicesPage:
        """Devices, up to ``limit``, in no particular order."""


@dataclass(frozen=True)
class Known:
    """What is known of a device."""

    enrolment: Enrolment | None
    state: DeviceState | None


class States(Protocol):
    """Latest states of devices."""

    def known(self, device_id: str) -> Known:
        """A device as it is now (a consistent read)."""

    def write(self, device_id: str, state: DeviceState, before: DeviceState | None) -> DeviceState | None:
        """Writes a state, if it is as it was ``before``: then the state with its new revision; otherwise None."""


class Analytics(Protocol):
    """The stream of events that stream analytics reads."""

    def forward(self, device_id: str, events: Sequence[bytes]) -> None:
        """Puts events, each JSON in one line; those of a device stay in order."""


class Alerts(Protocol):
    """The topic of alerts."""

    def send(self, alert: Alert) -> None:
        """Publishes an alert."""


class OvertakenError(Exception):
    """Another decision was recorded first, so that this one has to be thought over."""


class KeyReusedError(Exception):
    """An Idempotency-Key came before, with another body."""


@dataclass(frozen=True)
class Command:
    """The name of a command, so that it acts once: ``key``, and a ``digest`` that tells its content from others."""

    key: str
    digest: str = ""


class Releases(Protocol):
    """What was decided, and what the alias has to be now."""

    def current(self) -> Release | None:
        """What was decided last (a consistent read); None before the first decision."""

    def decided(self, command: Command) -> Decision | None:
        """What came of a command, if it came before. Raises KeyReusedError."""

    def record(self, command: Command | None, decision: Decision, before: Release, after: Release | None) -> None:
        """Writes down a decision, the command, and what the alias has to be, all at once.

        Without ``after`` all stays as it is. It holds if the state is as it was ``before``, and the command is new. A
        step needs no name: it cannot be taken twice from one state.

        Raises:
            OvertakenError: it is not, or the same command is being decided elsewhere.
        """

    def note(self, command: Command, decision: Decision) -> None:
        """Writes down a decision that has nothing to do with the state. Raises OvertakenError if it is known."""

    def history(self, limit: int, before: str | None) -> Sequence[Decision]:
        """Decisions, newest first, from the one with the id ``before``."""


class AliasChangedError(Exception):
    """The alias is not as it was read."""


class AliasRefusedError(Exception):
    """Lambda will never take the alias so; says why."""


class Aliases(Protocol):
    """The target function's alias and versions."""

    def alias(self) -> Alias:
        """The alias as it is."""

    def versions(self) -> frozenset[int]:
        """Numbers of all published versions."""

    def move(self, wanted: Alias) -> Alias:
        """Makes the alias so, if it still has this revision; with its new one.

        Raises:
            AliasChangedError: it has another.
            AliasRefusedError: it cannot be so.
        """


class Alarms(Protocol):
    """The target's alarm."""

    def state(self) -> AlarmState:
        """As it is; an alarm that is gone has seen nothing."""


class Schedules(Protocol):
    """Who invokes the controller again."""

    def once(self, release_id: str, step: int, at: datetime) -> None:
        """Has the step of a release taken at a whole second; asked again for the same step, nothing more."""


class Reports(Protocol):
    """Who tells buttons what came of a press."""

    def send(self, device_id: str, report: Report) -> None:
        """Publishes a report; more than once is no harm."""
