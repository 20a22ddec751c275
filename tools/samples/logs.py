"""Log lines of a few services, most of them of no interest."""

from __future__ import annotations

from datetime import datetime
from random import Random

from tools.samples.base import Content, Fault, Made, Sample, Tally, encode, item, pick, untrimmed

_SERVICES = ["checkout", "catalogue", "payments", "mail"]
_LEVELS = ["INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"]
_MESSAGES = {
    "request served in 12 ms": False,
    "cache refreshed\n  of 3 shards": False,
    "upstream Timeout after 3000 ms": True,
    "Permission DENIED for key 7": True,
}
"""Whether a line of any level is kept for it."""


def _make(random: Random, time: datetime) -> Made:
    service, level, message = pick(random, _SERVICES), pick(random, _LEVELS), pick(random, list(_MESSAGES))
    content: Content = {"level": level, "service": untrimmed(random, service), "message": message}

    def tell(tally: Tally) -> None:
        if level in {"INFO", "DEBUG"} and not _MESSAGES[message]:
            tally.filtered["logs"] += 1
            return
        tally.counts[item("logs.lines", level, time)] += 1
        if level in {"ERROR", "CRITICAL"}:
            tally.counts[item("logs.errors", service, time)] += 1

    return Made(service, content, tell)


SAMPLE = Sample(
    "logs",
    _make,
    faults=(
        Fault("wrong_schema", lambda content: encode(content | {"level": "TRACE"})),
        Fault("wrong_schema", lambda content: encode(content | {"level": "error"})),
    ),
)
