"""Messages of a sensor, as the rule hands them over."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, Final

from lambdas.iot_backend.contract import Threshold
from lambdas.iot_backend.contract.messages import telemetry_topic

DEVICE: Final = "greenhouse-17"
CERTIFICATE: Final = "bc71e3b7525ea1a0df33ab0ad3c7141b3e7a39197195f376ffa2a7a581111ad5"
EVERY_SECONDS: Final = 60
THRESHOLDS: Final = {"temperature": Threshold(above=35, clear=30)}
BEGAN: Final = 1_795_648_346_682
"""Of the first message, in milliseconds since 1970."""


def payload(number: int, temperature: float) -> bytes:
    """What the sensor publishes for the ``number``-th time."""
    readings = {"temperature": temperature, "humidity": 61.25, "battery_volts": 3.71}
    content = {"sequence": number, "measured_at": BEGAN + number * EVERY_SECONDS * 1000, "readings": readings}
    return json.dumps(content).encode()


def event(number: int, temperature: float = 21.4) -> dict[str, Any]:
    """The message, one second after it was measured."""
    return {
        "payload": b64encode(payload(number, temperature)).decode(),
        "device_id": DEVICE,
        "client_id": DEVICE,
        "principal": CERTIFICATE,
        "received_at": BEGAN + number * EVERY_SECONDS * 1000 + 1000,
        "trace_id": "124b3757-92ee-43bc-9158-af3adf536f2e",
    }


MESSAGE_BYTES: Final = len(payload(1000, 21.4)) + len(telemetry_topic(DEVICE))
"""As AWS IoT Core meters it: with the topic."""
