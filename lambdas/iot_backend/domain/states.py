"""How a message changes what is known of its device: its latest state, its alarms, and who sends which alert.

An alert is written down in the very write that finds the crossing, claimed by the invocation that writes it. The
invocation sends it, then strikes it out. What it left behind, whoever comes to the device after the claim has run out
claims anew. So an alert is sent at least once, and once unless an invocation ends between sending and striking out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from lambdas.iot_backend.contract import Threshold
from lambdas.iot_backend.contract.devices import Alert, DeviceState, Unsent
from lambdas.iot_backend.domain.telemetry import Measured

MAX_UNSENT = 100
"""Of one device, so that its state stays far below DynamoDB's 400 KB while alerts cannot be sent."""


@dataclass(frozen=True)
class Claim:
    """An invocation."""

    token: str
    now: int
    """Unix seconds."""
    until: int
    """By when it will have ended."""


@dataclass(frozen=True)
class Step:
    """What a message comes to."""

    state: DeviceState | None
    """To be written; None where nothing changes."""
    latest: bool
    """Whether it is the latest of its device."""
    mine: Sequence[Alert]
    """To be sent once the state is written."""
    waits: str | None
    """Why the message has to come again, all the same."""


def step(state: DeviceState | None, measured: Measured, thresholds: Mapping[str, Threshold], claim: Claim) -> Step:
    """What to write, and what to send after that; a message that is older, or the same, never changes the state."""
    unsent = [_adopted(each, claim) for each in state.unsent] if state else []
    waits, latest = None, state is None or measured.version > state.version
    after = state
    if latest:
        alarms = frozenset(state.alarms if state else ())
        crossed = list(_crossings(measured, alarms, thresholds))
        if len(unsent) + len(crossed) > MAX_UNSENT:
            waits = f"{len(unsent)} alerts of {measured.device_id} are still to be sent: no further ones are taken"
            latest = False
        else:
            after = _state(measured, _alarms(alarms, crossed, thresholds))
            unsent += [Unsent(alert=alert, claim=claim.token, until=claim.until) for alert in crossed]
    elif any(_is_of(each.alert, measured) and each.claim != claim.token for each in unsent):
        waits = f"another invocation is about to send the alerts of this message of {measured.device_id}"
    if after is not None:
        after = replace(after, unsent=tuple(unsent))
    mine = [each.alert for each in unsent if each.claim == claim.token]
    return Step(state=None if after == state else after, latest=latest, mine=mine, waits=waits)


def struck_out(state: DeviceState, sent: Sequence[Alert]) -> DeviceState:
    """The state without the alerts that were sent."""
    ids = {alert.alert_id for alert in sent}
    return replace(state, unsent=tuple(each for each in state.unsent if each.alert.alert_id not in ids))


def is_repeated(state: DeviceState | None, measured: Measured) -> bool:
    """Whether this very message made the state: then its readings have been forwarded, which comes first."""
    return state is not None and (state.version, state.readings) == (measured.version, measured.readings)


def _adopted(unsent: Unsent, claim: Claim) -> Unsent:
    if unsent.until >= claim.now:
        return unsent
    return replace(unsent, claim=claim.token, until=claim.until)


def _is_of(alert: Alert, measured: Measured) -> bool:
    return alert.alert_id == _alert_id(measured, alert.reading)


def _alert_id(measured: Measured, reading: str) -> str:
    return f"{measured.device_id}#{measured.version}#{reading}"


def _crossings(measured: Measured, alarms: frozenset[str], thresholds: Mapping[str, Threshold]) -> Iterator[Alert]:
    for reading, threshold in sorted(thresholds.items()):
        value = measured.readings.get(reading)
        if value is None:
            continue
        raised = value > threshold.above
        if raised == (reading in alarms) or not (raised or value <= threshold.clear):
            continue
        yield Alert(
            alert_id=_alert_id(measured, reading),
            device_id=measured.device_id,
            reading=reading,
            value=value,
            threshold=threshold.above if raised else threshold.clear,
            raised=raised,
            measured_at=measured.measured_at,
        )


def _alarms(before: frozenset[str], crossed: Sequence[Alert], thresholds: Mapping[str, Threshold]) -> tuple[str, ...]:
    """Alarms of readings that have no threshold any more are forgotten."""
    changed = {alert.reading for alert in crossed}
    return tuple(sorted((before ^ changed) & thresholds.keys()))


def _state(measured: Measured, alarms: tuple[str, ...]) -> DeviceState:
    return DeviceState(
        version=measured.version,
        measured_at=measured.measured_at,
        received_at=measured.received_at,
        sequence=measured.sequence,
        readings=dict(measured.readings),
        alarms=alarms,
    )
