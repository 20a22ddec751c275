"""Sensors that report a temperature, meters that report energy, and devices that are both."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random

from tools.samples.base import DAY, Content, Fault, Made, Sample, Tally, encode, item, pick, untrimmed

_DEVICES = [f"sensor-{number:03d}" for number in range(40)]
_ACCOUNTS = ["acme", "globex", "initech"]


def _make(random: Random, time: datetime) -> Made:
    device = pick(random, _DEVICES)
    account = _ACCOUNTS[_DEVICES.index(device) % len(_ACCOUNTS)]
    value = Decimal(random.randint(-2_000, 4_000)).scaleb(-2) if random.random() < 0.8 else None
    usage = Decimal(random.randint(0, 10**6)).scaleb(-6) if value is None or random.random() < 0.3 else None
    content: Content = {
        "device": untrimmed(random, device),
        "account": untrimmed(random, account),
        "unit": "kWh",
        "value": value,
        "usage": usage,
    }

    def tell(tally: Tally) -> None:
        if value is not None:
            tally.stats[item("telemetry.reading", device, time)].append(value)
        if usage is not None:
            tally.sums[item("telemetry.usage", account, time, DAY)].append(usage)

    return Made(device, content, tell)


SAMPLE = Sample(
    "telemetry",
    _make,
    faults=(
        Fault("wrong_schema", lambda content: encode(content | {"usage": "-0.000001"})),
        Fault("wrong_schema", lambda content: encode(content | {"value": None, "usage": None})),
        Fault("wrong_schema", lambda content: encode(content | {"value": "0.0000000001"})),
        Fault("wrong_schema", lambda content: encode(content | {"value": "sNaN"})),
    ),
)
