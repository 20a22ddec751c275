"""Presses of a button: what they ask for, and whose they are."""

from __future__ import annotations

import re

import msgspec

from lambdas.iot_backend.contract.devices import Enrolment, Kind
from lambdas.iot_backend.contract.messages import DEVICE_ID_PATTERN, Click, Envelope, Press, ReasonCode
from lambdas.iot_backend.contract.releases import Action
from lambdas.iot_backend.domain.rejection import Rejected

ACTIONS = {Click.SINGLE: Action.PROMOTE, Click.DOUBLE: Action.ROLLBACK, Click.LONG: Action.REPORT}

_decode = msgspec.json.Decoder(Press).decode
_device_id = re.compile(DEVICE_ID_PATTERN)


def read(payload: bytes) -> Press:
    """What was pressed. Raises Rejected."""
    try:
        return _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(
            ReasonCode.MALFORMED_PRESS,
            f"no press: {error}; buttons send click (SINGLE, DOUBLE or LONG) and press_id as JSON",
        ) from error


def can_be_enrolled(device_id: str) -> bool:
    """Whether a device can have this name: part of a topic, it can be anything."""
    return _device_id.fullmatch(device_id) is not None


def is_of(enrolment: Enrolment | None, envelope: Envelope) -> bool:
    """Whether a message comes from the button that was enrolled under the name in its topic."""
    return (
        enrolment is not None
        and enrolment.kind is Kind.BUTTON
        and envelope.client_id == enrolment.client_id == envelope.device_id
        and envelope.principal == enrolment.principal
    )
