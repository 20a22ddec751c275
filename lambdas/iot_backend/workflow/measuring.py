"""Takes what devices tell: forwards readings, keeps the latest state, sends alerts.

Every effect may be repeated, and each invocation may end anywhere. Readings are forwarded before the state is written,
so that the state tells of nothing that analytics has not got.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lambdas.common.failures import UnavailableError
from lambdas.iot_backend.contract import TelemetryLimits, Threshold
from lambdas.iot_backend.contract.devices import Alert, DeviceState
from lambdas.iot_backend.contract.messages import Envelope, Quarantined
from lambdas.iot_backend.domain.envelopes import received_at
from lambdas.iot_backend.domain.rejection import Rejected
from lambdas.iot_backend.domain.states import Claim, Step, is_repeated, step, struck_out
from lambdas.iot_backend.domain.telemetry import Measured, analytics_events, check_sender, read
from lambdas.iot_backend.ports import Alerts, Analytics, Quarantine, States

ATTEMPTS = 5
"""Of a write; each further one means that another invocation for the same device got ahead."""


class Taken(Enum):
    """What became of a message."""

    LATEST = "latest"
    LATE = "late"
    """Older than the state, or the same again."""
    REJECTED = "rejected"


@dataclass(frozen=True)
class Outcome:
    """What was done with a message."""

    taken: Taken
    forwarded: int = 0
    alerts: Sequence[Alert] = ()
    rejected: Rejected | None = None
    quarantined: str | None = None
    """Key in the quarantine bucket."""


@dataclass(frozen=True)
class Measuring:
    """Handles messages of devices."""

    states: States
    quarantine: Quarantine
    analytics: Analytics | None
    alerts: Alerts
    thresholds: Mapping[str, Threshold]
    limits: TelemetryLimits
    lease_seconds: int
    now: Callable[[], datetime]
    new_token: Callable[[], str]

    def take(self, envelope: Envelope) -> Outcome:
        """Takes one message. Raises UnavailableError where it has to come again."""
        try:
            measured = read(envelope, self.limits)
            known = self.states.known(envelope.device_id)
            check_sender(envelope, known.enrolment)
        except Rejected as rejected:
            return self._rejected(envelope, rejected)
        forwarded = self._forward(known.state, measured)
        done = self._write(known.state, measured)
        if done.waits:
            raise UnavailableError(done.waits)
        taken = Taken.LATEST if done.latest else Taken.LATE
        return Outcome(taken, forwarded, done.mine)

    def _rejected(self, envelope: Envelope, rejected: Rejected) -> Outcome:
        line = Quarantined(reason=rejected.code, message=rejected.message, where=envelope)
        key = self.quarantine.keep([line], received_at(envelope).date())
        return Outcome(Taken.REJECTED, rejected=rejected, quarantined=key)

    def _forward(self, state: DeviceState | None, measured: Measured) -> int:
        if self.analytics is None or is_repeated(state, measured):
            return 0
        events = list(analytics_events(measured))
        self.analytics.forward(measured.device_id, events)
        return len(events)

    def _write(self, state: DeviceState | None, measured: Measured) -> Step:
        now = int(self.now().timestamp())
        claim = Claim(self.new_token(), now, now + self.lease_seconds)
        for _ in range(ATTEMPTS):
            done = step(state, measured, self.thresholds, claim)
            written = self.states.write(measured.device_id, done.state, state) if done.state else state
            if written:
                self._send(measured.device_id, written, done.mine)
                return done
            state = self.states.known(measured.device_id).state
        raise UnavailableError(f"others keep writing the state of {measured.device_id}")

    def _send(self, device_id: str, state: DeviceState | None, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self.alerts.send(alert)
        for _ in range(ATTEMPTS):
            if state is None or (after := struck_out(state, alerts)) == state:
                return
            if self.states.write(device_id, after, state):
                return
            state = self.states.known(device_id).state
        raise UnavailableError(f"others keep writing the state of {device_id}: alerts that were sent may come again")
