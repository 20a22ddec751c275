"""What devices tell: messages taken to pieces and checked, and what stream analytics gets of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from lambdas.iot_backend.contract import TelemetryLimits
from lambdas.iot_backend.contract.devices import Enrolment, state_version
from lambdas.iot_backend.contract.messages import Envelope, ReasonCode, Telemetry
from lambdas.iot_backend.domain.rejection import Rejected

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

READING_BOUND = 10**15
"""Readings are smaller than this, so that sums of very many of them are exact; see `DECIMAL_PLACES`."""
DECIMAL_PLACES = Decimal("1e-9")
"""To which stream analytics counts (``check_amounts`` there); a sensor's noise may have more, and is rounded."""

_decode = msgspec.json.Decoder(Telemetry).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Measured:
    """A message that was taken."""

    device_id: str
    measured_at: str
    """RFC 3339, UTC, milliseconds."""
    received_at: str
    sequence: int
    version: str
    readings: Mapping[str, float]


def read(envelope: Envelope, limits: TelemetryLimits) -> Measured:
    """The message in an envelope. Raises Rejected."""
    try:
        told = _decode(envelope.payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Rejected(ReasonCode.MALFORMED, str(error)) from error
    measured_at = _milliseconds(told.measured_at)
    _check_time(measured_at, envelope.received_at, limits)
    _check_readings(told.readings, limits)
    return Measured(
        device_id=envelope.device_id,
        measured_at=_rfc3339(measured_at),
        received_at=_rfc3339(envelope.received_at),
        sequence=told.sequence,
        version=state_version(measured_at, told.sequence),
        readings=told.readings,
    )


def check_sender(envelope: Envelope, enrolment: Enrolment | None) -> None:
    """Refuses whoever is not the device that was enrolled. Raises Rejected."""
    if enrolment is None:
        raise Rejected(ReasonCode.UNKNOWN_DEVICE, "no device is enrolled under this name: `python -m tools enrol` does")
    if (envelope.principal, envelope.client_id) != (enrolment.principal, enrolment.client_id):
        raise Rejected(
            ReasonCode.STRANGER,
            f"sent by client {envelope.client_id!r} with certificate {envelope.principal!r}, enrolled were "
            f"{enrolment.client_id!r} and {enrolment.principal!r}",
        )


def analytics_events(measured: Measured) -> Iterator[bytes]:
    """A message's readings as events of the recipe ``telemetry``, the same bytes whenever it comes."""
    for name, value in sorted(measured.readings.items()):
        yield _encode(
            {
                "type": "telemetry",
                "time": measured.measured_at,
                "device": f"{measured.device_id}/{name}",
                "account": None,
                "unit": None,
                "value": f"{Decimal(repr(value)).quantize(DECIMAL_PLACES).normalize():f}",
                "usage": None,
            }
        )


def _milliseconds(moment: datetime | int) -> int:
    return moment if isinstance(moment, int) else (moment - _EPOCH) // _MILLISECOND


def _rfc3339(milliseconds: int) -> str:
    return (_EPOCH + milliseconds * _MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_time(measured_at: int, received_at: int, limits: TelemetryLimits) -> None:
    ahead = measured_at - received_at
    if ahead > limits.max_ahead_seconds * 1000:
        raise Rejected(ReasonCode.OUT_OF_RANGE, f"measured {ahead} ms after it was received: set the device's clock")
    if -ahead > limits.max_age_seconds * 1000:
        raise Rejected(ReasonCode.OUT_OF_RANGE, f"measured {-ahead} ms before it was received: that is too long ago")


def _check_readings(readings: Mapping[str, float], limits: TelemetryLimits) -> None:
    if len(readings) > limits.max_readings:
        raise Rejected(ReasonCode.OUT_OF_RANGE, f"{len(readings)} readings: {limits.max_readings} at the most")
    for name, value in readings.items():
        if not abs(value) < READING_BOUND:
            raise Rejected(ReasonCode.OUT_OF_RANGE, f"{name} is {value}: readings are smaller than {READING_BOUND:.0e}")
