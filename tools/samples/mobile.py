"""Durations of an app, most of them short and some very long, on two platforms and three versions."""

from __future__ import annotations

from datetime import datetime
from random import Random

from tools.samples.base import Content, Fault, Made, Sample, Tally, encode, item, pick, untrimmed

_RELEASES = [("ios", "4.2.0"), ("android", "4.2.0"), ("android", "4.1.7"), ("ios", "4.1.7")]
_TYPICAL_MS = {"ios": 180, "android": 240}


def _make(random: Random, time: datetime) -> Made:
    release = pick(random, [" ".join(each) for each in _RELEASES])
    platform, version = release.split()
    duration = round(random.lognormvariate(0, 0.8) * _TYPICAL_MS[platform], 1) if random.random() > 0.01 else 0
    content: Content = {"platform": platform, "version": untrimmed(random, version), "duration_ms": duration}

    def tell(tally: Tally) -> None:
        tally.quantiles[item("mobile.duration_ms", release, time)].append(duration)

    return Made(f"{release} {random.randrange(100)}", content, tell)


SAMPLE = Sample(
    "mobile",
    _make,
    faults=(
        Fault("wrong_schema", lambda content: encode(content | {"duration_ms": -1})),
        Fault("wrong_schema", lambda content: encode(content | {"duration_ms": "180"})),
        Fault("wrong_schema", lambda content: encode(content | {"platform": "toaster"})),
    ),
)
