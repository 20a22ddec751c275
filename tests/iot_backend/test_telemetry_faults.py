"""The schedules bite: each of these deliberate faults is found by them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace as with_

from lambdas.common.failures import UnavailableError
from lambdas.iot_backend import telemetry
from lambdas.iot_backend.adapters import states as adapter
from lambdas.iot_backend.contract.devices import Alert, DeviceState, Unsent
from lambdas.iot_backend.contract.messages import Envelope
from lambdas.iot_backend.domain import states
from lambdas.iot_backend.domain.states import Claim, Step, struck_out
from lambdas.iot_backend.domain.telemetry import Measured, read
from lambdas.iot_backend.workflow import measuring
from lambdas.iot_backend.workflow.measuring import Measuring, Outcome, Taken
from tests.iot_backend.telemetry_schedules import schedules
from tests.iot_backend.test_telemetry_exactness import check
from tests.support.schedules import Patch, expect_to_find

STEP, FORWARD, TAKE = states.step, Measuring._forward, Measuring.take


def anything_wins(state: DeviceState | None, *others: Any) -> Step:
    """Whatever comes last is the state."""
    return STEP(with_(state, version="") if state else None, *others)


def latest_by_time_alone(state: DeviceState | None, measured: Measured, *others: Any) -> Step:
    """Of two messages of one millisecond the one that comes last wins."""
    if state and measured.version.split("#")[0] == state.version.split("#")[0]:
        return anything_wins(state, measured, *others)
    return STEP(state, measured, *others)


def nobody_waits(*arguments: Any) -> Step:
    """A message is done while its alert is with an invocation that may have been killed."""
    return replace(STEP(*arguments), waits=None)


def anybody_sends(unsent: Unsent, claim: Claim) -> Unsent:
    """Whoever comes sends what is unsent, whoever is about to."""
    return with_(unsent, claim=claim.token)


def nobody_adopts(unsent: Unsent, _: Claim) -> Unsent:
    """What an invocation left unsent stays so."""
    return unsent


def struck_out_first(self: Measuring, device_id: str, state: DeviceState, alerts: Sequence[Alert]) -> None:
    """Alerts are noted as sent, then sent."""
    after = struck_out(state, alerts)
    if after != state:
        self.states.write(device_id, after, state)
    for alert in alerts:
        self.alerts.send(alert)


def never_struck_out(self: Measuring, _: str, __: DeviceState, alerts: Sequence[Alert]) -> None:
    """Alerts are sent, and stay unsent."""
    for alert in alerts:
        self.alerts.send(alert)


def struck_out_whole(state: DeviceState, _: Sequence[Alert]) -> DeviceState:
    """Alerts that others are about to send are struck out, too."""
    return with_(state, unsent=())


def state_before_readings(self: Measuring, envelope: Envelope) -> Outcome:
    """The state tells of readings that are not forwarded yet."""
    outcome = TAKE(replace(self, analytics=None), envelope)
    if outcome.taken is Taken.LATEST:
        FORWARD(self, None, read(envelope, self.limits))
    return outcome


def only_latest_forwarded(self: Measuring, state: DeviceState | None, measured: Measured) -> int:
    """Readings that come late are dropped."""
    return FORWARD(self, state, measured) if not state or measured.version > state.version else 0


def swallowed(event: Any, _: Any) -> None:
    """A failing call is no reason to come again."""
    with suppress(UnavailableError):
        telemetry.runtime().measuring.take(msgspec.convert(event, Envelope))


def dropped(*_: Any) -> Outcome:
    """What is rejected is gone."""
    return Outcome(Taken.REJECTED)


FAULTS: dict[str, Sequence[Patch]] = {
    "anything wins": [(measuring, "step", anything_wins)],
    "latest by time alone": [(measuring, "step", latest_by_time_alone)],
    "write without condition": [(adapter, "_as_read", lambda _: {})],
    "nobody waits": [(measuring, "step", nobody_waits)],
    "anybody sends": [(states, "_adopted", anybody_sends)],
    "nobody adopts": [(states, "_adopted", nobody_adopts), (measuring, "step", nobody_waits)],
    "struck out first": [(Measuring, "_send", struck_out_first)],
    "never struck out": [(Measuring, "_send", never_struck_out)],
    "struck out whole": [(measuring, "struck_out", struck_out_whole)],
    "state before readings": [(Measuring, "take", state_before_readings)],
    "only latest forwarded": [(Measuring, "_forward", only_latest_forwarded)],
    "swallowed": [(telemetry, "handler", swallowed)],
    "dropped": [(Measuring, "_rejected", dropped)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
