"""From a press to a decision, and a report to the button.

Whoever presses is held against the enrolment: of a stranger nothing comes but an entry in the history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lambdas.iot_backend.contract.messages import Envelope, Press, Quarantined
from lambdas.iot_backend.contract.models import Decision
from lambdas.iot_backend.contract.releases import Action, Report, Source, Why
from lambdas.iot_backend.domain import presses
from lambdas.iot_backend.domain.envelopes import fingerprint, received_at
from lambdas.iot_backend.domain.rejection import Rejected
from lambdas.iot_backend.ports import Command, Enrolments, Quarantine, Reports
from lambdas.iot_backend.workflow.releasing import Ask, Controller


@dataclass(frozen=True)
class Buttons:
    """The steps over their ports."""

    enrolments: Enrolments
    controller: Controller
    reports: Reports
    quarantine: Quarantine
    max_age: timedelta
    now: Callable[[], datetime]

    def pressed(self, envelope: Envelope) -> Decision:
        """What was decided; the same again for an event that comes again."""
        device_id = envelope.device_id
        enrolment = self.enrolments.of(device_id) if presses.can_be_enrolled(device_id) else None
        if not presses.is_of(enrolment, envelope):
            return self._refused(envelope, Why.STRANGER, _stranger(envelope), f"as {device_id!a}")
        try:
            press = presses.read(envelope.payload)
        except Rejected as error:
            day = received_at(envelope).date()
            line = Quarantined(reason=error.code, message=error.message, where=envelope)
            self.quarantine.keep([line], day)
            return self._refused(envelope, Why.MALFORMED, device_id, "")
        decision = self._decided(press, envelope)
        self.reports.send(device_id, self._report(press, decision))
        return decision

    def _refused(self, envelope: Envelope, why: Why, who: str, reason: str) -> Decision:
        # Not by the id of the press: a stranger could spend those of a button that is none of its own.
        command = Command(f"refused#{fingerprint(envelope)}")
        ask = Ask(source=Source.PRESS, who=who, action=Action.UNKNOWN, reason=reason)
        return self.controller.refuse(command, ask, why)

    def _decided(self, press: Press, envelope: Envelope) -> Decision:
        command = Command(f"press#{envelope.device_id}#{press.press_id}")
        pressed_at = received_at(envelope)
        ask = Ask(source=Source.PRESS, who=envelope.device_id, action=presses.ACTIONS[press.click], asked_at=pressed_at)
        if self.now() - pressed_at > self.max_age:
            return self.controller.refuse(command, ask, Why.STALE)
        return self.controller.handle(command, ask)

    def _report(self, press: Press, decision: Decision) -> Report:
        standing = self.controller.standing()
        return Report(
            press_id=press.press_id,
            outcome=decision.outcome,
            why=decision.why,
            phase=standing.phase,
            version=standing.version,
            candidate=standing.candidate,
            percent=standing.percent,
            newest=standing.newest,
            alarm=standing.alarm,
        )


def _stranger(envelope: Envelope) -> str:
    return f"{envelope.client_id} ({envelope.principal})"
