"""Topics, what devices and rules send by them, and what of it went to quarantine."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

# --- topics ---------------------------------------------------------------------------------------------------------

DEVICE_ID_PATTERN = r"\A[a-z0-9-]{1,64}\Z"
DeviceId = Annotated[str, msgspec.Meta(pattern=DEVICE_ID_PATTERN)]
"""Name of the thing, and its MQTT client id."""

ALL_TELEMETRY = "telemetry/+"
ALL_PRESSES = "button/+/press"


def telemetry_topic(device_id: str) -> str:
    """Where a device tells its readings."""
    return f"telemetry/{device_id}"


def press_topic(device_id: str) -> str:
    """Where a button tells that it was pressed."""
    return f"button/{device_id}/press"


def report_topic(device_id: str) -> str:
    """Where a button hears what came of it."""
    return f"button/{device_id}/report"


ENVELOPE_SQL = (
    "encode(*, 'base64') AS payload, topic(2) AS device_id, clientid() AS client_id, principal() AS principal, "
    "timestamp() AS received_at, traceid() AS trace_id"
)
"""What rules select: the payload travels as it came, so that what is malformed can be kept whole."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules make of a message; event of the Telemetry and of the Press function."""

    payload: bytes
    """Base64 in JSON."""
    device_id: str
    """Second part of the topic."""
    client_id: str
    principal: str
    """Certificate id, which is the fingerprint of the device's certificate."""
    received_at: int
    """Milliseconds since 1970."""
    trace_id: str = ""


ReadingName = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z0-9_]{0,63}\Z")]


class Telemetry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Payload of a device's message."""

    sequence: Annotated[int, msgspec.Meta(ge=0, lt=10**12)]
    """Orders the messages of one millisecond."""
    measured_at: Annotated[datetime, msgspec.Meta(tz=True)] | int
    """RFC 3339 with an offset, or milliseconds since 1970."""
    readings: Annotated[dict[ReadingName, float], msgspec.Meta(min_length=1)]


class Click(StrEnum):
    """How a button is pressed, in the words of AWS IoT's own button."""

    SINGLE = "SINGLE"
    """Promote."""
    DOUBLE = "DOUBLE"
    """Roll back."""
    LONG = "LONG"
    """Report."""


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of a press; what else a button tells, its battery's voltage for one, is not heard."""

    click: Click
    press_id: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9._-]{8,64}\Z")]
    """The button's own name for this press: delivered twice, it acts once."""


# --- quarantine -----------------------------------------------------------------------------------------------------


class ReasonCode(StrEnum):
    """Why a message went to quarantine."""

    MALFORMED = "malformed"
    """No JSON, or of another shape."""
    MALFORMED_PRESS = "malformed_press"
    """The same, of a button: there is nothing to be made good, since it would be pressed too late."""
    OUT_OF_RANGE = "out_of_range"
    """A time or a number that cannot be."""
    UNKNOWN_DEVICE = "unknown_device"
    STRANGER = "stranger"
    """Sent with another certificate than the device was enrolled with."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a quarantine object."""

    reason: ReasonCode
    message: str
    where: Envelope
    """With the payload as it came; base64 in JSON."""


QUARANTINE_PREFIX = "rejected/"
UNDELIVERED_PREFIX = "undelivered/"
"""Messages that a rule could not hand to its function, by rule."""
FOREIGN_PREFIX = "foreign/"
"""Telemetry in the name of another device."""


def quarantine_prefix(day: date) -> str:
    """Where what was rejected is kept, by the day on which it was received."""
    return f"{QUARANTINE_PREFIX}date={day:%Y-%m-%d}/"
