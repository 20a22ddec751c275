"""What sensors tell, and what has to come of it: messages late, doubled, out of order, and some that are none."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from lambdas.iot_backend.contract import Threshold
from lambdas.iot_backend.contract.devices import state_version
from lambdas.iot_backend.contract.messages import ReasonCode

READINGS = ("temperature", "humidity")
THRESHOLD = Threshold(above=80.0, clear=75.0)
"""Of the temperature in stage ``local``."""
HOT = 5
"""Sensors that become too hot."""
_TOO_LATE = 99.0
"""Would raise an alarm if it were the latest."""
_INTERVAL = timedelta(seconds=10)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Message:
    """A valid one."""

    sequence: int
    measured_at: datetime
    readings: Mapping[str, float]
    in_milliseconds: bool
    """How the device writes its times."""

    @property
    def version(self) -> str:
        """By which the table orders them."""
        return state_version(self._milliseconds, self.sequence)

    @property
    def payload(self) -> bytes:
        """As it is sent."""
        measured_at = self._milliseconds if self.in_milliseconds else self.measured_at.isoformat()
        return _encode({"sequence": self.sequence, "measured_at": measured_at, "readings": self.readings})

    @property
    def _milliseconds(self) -> int:
        return round(self.measured_at.timestamp() * 1000)


@dataclass(frozen=True, order=True)
class Crossing:
    """An alert that has to come."""

    device_id: str
    value: float
    raised: bool


@dataclass(frozen=True)
class Story:
    """What one sensor tells."""

    device_id: str
    steps: Sequence[Sequence[Message]]
    """Messages of one step are sent without waiting for what comes of them."""
    crossings: Sequence[Crossing] = ()

    @property
    def messages(self) -> list[Message]:
        """In the order in which they are sent, repeated ones included."""
        return [message for step in self.steps for message in step]

    @property
    def latest(self) -> Message:
        """That the table has to hold in the end."""
        return max(self.messages, key=lambda each: each.version)

    def latest_after(self, step: int) -> Message:
        """The same in between."""
        return max((each for some in self.steps[: step + 1] for each in some), key=lambda each: each.version)

    def values(self) -> Iterator[tuple[str, list[float]]]:
        """Of each reading, every message once."""
        found: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for message in self.messages:
            for name, value in message.readings.items():
                found[name][message.version] = value
        for name, values in found.items():
            yield name, list(values.values())


def story(device_id: str, number: int, start: datetime) -> Story:
    """Of the sensor with this number."""
    hot = number < HOT
    usual = [20 + 5 * math.sin(number + at) for at in range(4)]
    # Below the threshold, above, between both, below.
    course = (
        [78.0 - 8 * number, 84.0 + 3 * number, 77.5, 71.0 - 6 * number] if hot else [round(each, 1) for each in usual]
    )

    def message(sequence: int, at: int, value: float) -> Message:
        readings = dict(zip(READINGS, (value, round(50 + 10 * math.cos(number + sequence), 1)), strict=True))
        return Message(sequence, start + at * _INTERVAL, readings, in_milliseconds=number % 2 == 1)

    first, before, turned = (message(at, at, course[0]) for at in range(3))
    same_time = message(3, 2, course[0])
    above, between, below = (message(4 + at, 3 + at, course[1 + at]) for at in range(3))
    late = message(7, -6, _TOO_LATE)
    crossings = (
        (Crossing(device_id, course[1], raised=True), Crossing(device_id, course[3], raised=False)) if hot else ()
    )
    return Story(
        device_id,
        [[first], [turned, before], [same_time], [above, above], [between, above], [below], [late, below]],
        crossings,
    )


@dataclass(frozen=True)
class Wrong:
    """A message to be rejected, whole."""

    device_id: str
    """In whose name."""
    why: str
    reason: ReasonCode
    payload: bytes


def wrong_ones(device_id: str, unknown: str, stranger: str) -> list[Wrong]:
    """Of a sensor that is broken, of somebody whom nobody knows, and of one sensor in the name of another."""
    now = datetime.now(UTC)

    def told(at: datetime = now, **other: object) -> bytes:
        return _encode({"sequence": 1, "measured_at": at, "readings": {"temperature": 20.5}, **other})

    broken = [
        ("no JSON", ReasonCode.MALFORMED, b"21.5 degrees"),
        ("no text", ReasonCode.MALFORMED, bytes(range(128, 160))),
        ("nothing at all", ReasonCode.MALFORMED, b""),
        ("no such name of a reading", ReasonCode.MALFORMED, told(readings={"Temp!": 20.5})),
        ("more than was asked for", ReasonCode.MALFORMED, told(firmware="1.0.3")),
        ("measured tomorrow", ReasonCode.OUT_OF_RANGE, told(now + timedelta(days=1))),
        ("measured eight days ago", ReasonCode.OUT_OF_RANGE, told(now - timedelta(days=8))),
        ("hotter than any star", ReasonCode.OUT_OF_RANGE, told(readings={"temperature": 1e300})),
    ]
    return [
        *(Wrong(device_id, *each) for each in broken),
        Wrong(unknown, "never enrolled", ReasonCode.UNKNOWN_DEVICE, told()),
        Wrong(stranger, "another sensor's certificate", ReasonCode.STRANGER, told()),
    ]
