"""``produce``: runs a sample producer against the events stream of a stack, its events stamped now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from lambdas.common.producer import PACKED_BYTES, Producer, Record, pack_by_key
from tools.samples.base import Sample, Tally

GROUPS = 8
"""Rows of packed records; enough for a few shards."""
SECOND = timedelta(seconds=1)


@dataclass
class Produce:
    """A producer at work."""

    sample: Sample
    producer: Producer
    rate: int
    """Events a second."""
    seconds: int
    packed: bool
    random: Random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[str, int, int], None] = lambda what, done, of: None  # noqa: ARG005  silent unless asked to tell

    def run(self) -> Tally:
        """Puts the events of each second when it is over; what must be counted of them.

        Raises:
            UndeliveredError: the stream takes no more; the rest was not put.
        """
        tally = Tally()
        start = self.now()
        for second in range(self.seconds):
            begin = start + second * SECOND
            self.sleep(max(0.0, (begin + SECOND - self.now()).total_seconds()))
            batch = self.sample.batch(self.random, begin, self.rate, span=SECOND)
            self.producer.put(list(_packed(batch.events) if self.packed else _plain(batch.events)))
            tally.add(batch.tally)
            self.tell("events", (second + 1) * self.rate, self.seconds * self.rate)
        return tally


def _plain(events: Iterable[tuple[str, bytes]]) -> Iterator[Record]:
    return (Record(event, key) for key, event in events)


def _packed(events: list[tuple[str, bytes]]) -> Iterator[Record]:
    """Big events as they are: they would not fit."""
    yield from pack_by_key((each for each in events if len(each[1]) <= PACKED_BYTES), groups=GROUPS)
    yield from _plain(each for each in events if len(each[1]) > PACKED_BYTES)


def as_json(tally: Tally) -> dict[str, Any]:
    """A tally in JSON's terms: ``items`` each with its metric, dimension, start (Unix seconds) and what it comes to."""
    kinds: dict[str, dict[Any, Any]] = {
        "count": tally.counts,
        "sum": {item: str(sum(values)) for item, values in tally.sums.items()},
        "readings": {item: [str(value) for value in values] for item, values in tally.stats.items()},
        "different": {item: len(values) for item, values in tally.distinct.items()},
        "durations": tally.quantiles,
        "top": {item: dict(counts.most_common()) for item, counts in tally.top.items()},
    }
    return {
        "items": [
            {"metric": item.metric, "dimension": item.dimension, "start": item.start, kind: value}
            for kind, items in kinds.items()
            for item, value in sorted(items.items())
        ],
        "rejected": tally.rejected,
        "filtered": tally.filtered,
        "repeated": tally.repeated,
    }
