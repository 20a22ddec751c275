"""The device table: who is enrolled, and how each device stands."""

from __future__ import annotations

from enum import StrEnum

import msgspec

DEVICE_ID = "device_id"
"""Partition key."""

ENROLMENT = "enrolment"
STATE = "state"


class Kind(StrEnum):
    """What a device is."""

    SENSOR = "sensor"
    BUTTON = "button"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes of the entry `ENROLMENT`, all of them strings."""

    kind: Kind
    principal: str
    """As rules select it."""
    client_id: str
    enrolled_at: str
    """RFC 3339, UTC, milliseconds."""
    enrolled_by: str


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A reading crossed its threshold; message of the topic of alerts."""

    alert_id: str
    """The same whenever the same crossing is told."""
    device_id: str
    reading: str
    value: float
    threshold: float
    raised: bool
    """False: it is over."""
    measured_at: str


class Unsent(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that the topic has not got yet, and the invocation that is about to send it."""

    alert: Alert
    claim: str
    until: int
    """Unix seconds; later than that the invocation has ended without sending it."""


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes of the entry `STATE`: all of them strings, what is no string as JSON (DynamoDB's numbers are smaller
    than floats can be)."""

    version: str
    """Of two messages the one with the greater version is the later; see `state_version`."""
    measured_at: str
    """RFC 3339, UTC, milliseconds."""
    received_at: str
    sequence: int
    readings: dict[str, float]
    alarms: tuple[str, ...] = ()
    """Readings that are above their threshold."""
    unsent: tuple[Unsent, ...] = ()
    revision: str = ""
    """Another one with every write."""


def state_version(measured_at_ms: int, sequence: int) -> str:
    """Sorts as text by time, and by sequence within a millisecond."""
    return f"{measured_at_ms:013d}#{sequence:012d}"
