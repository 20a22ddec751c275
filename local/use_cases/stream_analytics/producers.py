"""Producers of all recipes at work at the same time, and where in the stream each of their events went."""

from __future__ import annotations

import gzip
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from lambdas.common.producer import PACKED_BYTES, KinesisClient, Producer, Record, pack_by_key
from lambdas.stream_analytics.contract import SEQUENCE_DIGITS, Position
from tools.samples import SAMPLES
from tools.samples.base import Batch, Tally
from tools.samples.kpl import aggregate

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import PutRecordsOutputTypeDef, PutRecordsRequestEntryTypeDef

EVENTS = {
    "clickstream": 4_000,
    "activity": 2_500,
    "orders": 1_500,
    "telemetry": 4_000,
    "mobile": 3_000,
    "social": 2_000,
    "logs": 3_000,
}
MINUTES = 10
"""That the events are spread over, all of them past when they are put."""
_BAD, _TWICE = 0.01, 0.01
_GROUPS = 8
_AGGREGATED = 100
"""Events of a KPL record."""

Events = Sequence[tuple[str, bytes]]
"""Partition key and JSON of each."""
Packed = tuple[Record, list[bytes]]
"""A record and its events, in order."""


class Put(NamedTuple):
    """An event as it was put."""

    recipe: str
    data: bytes
    reason: str | None
    """For which it must be rejected."""


class Place(NamedTuple):
    """Where in the stream an event is."""

    shard_id: str
    position: Position


@dataclass
class Produced:
    """What was put."""

    events: dict[Place, Put] = field(default_factory=dict)
    tallies: dict[str, Tally] = field(default_factory=dict)
    """What must be counted, by recipe."""
    records: Counter[str] = field(default_factory=Counter)
    """By form."""

    @property
    def tally(self) -> Tally:
        """What must be counted of all recipes."""
        tally = Tally()
        for each in self.tallies.values():
            tally.add(each)
        return tally

    @property
    def ends(self) -> dict[str, Position]:
        """The last event of each shard."""
        return {place.shard_id: place.position for place in sorted(self.events)}


def produce(client: KinesisClient, stream_name: str, start: datetime) -> Produced:
    """Puts the events of all recipes, the same ones each time but for where their minutes start.

    Raises:
        UndeliveredError: the stream does not take them.
    """
    produced = Produced()
    with ThreadPoolExecutor(len(EVENTS)) as pool:
        running = [pool.submit(_Run(name, client, stream_name).put_all, start) for name in EVENTS]
        for run in [each.result() for each in running]:
            produced.events |= run.events
            produced.tallies[run.name] = run.tally
            produced.records += run.records
    return produced


@dataclass
class _Run:
    """One producer; it notes where Kinesis stores what it puts."""

    name: str
    client: KinesisClient
    stream_name: str
    tally: Tally = field(default_factory=Tally)
    events: dict[Place, Put] = field(default_factory=dict)
    records: Counter[str] = field(default_factory=Counter)
    _malformed: dict[bytes, str] = field(default_factory=dict)
    _inside: dict[bytes, list[bytes]] = field(default_factory=dict)
    """Events by the data of the record that holds them."""

    def put_all(self, start: datetime) -> _Run:
        """A minute after the other, each in another form; a call stays below the 5 MB that the emulator takes."""
        random, at = Random(self.name), list(EVENTS).index(self.name)  # noqa: S311  sample events
        for minute, count in enumerate(_wave(EVENTS[self.name], at)):
            begin = start + timedelta(minutes=minute)
            batch = SAMPLES[self.name].batch(random, begin, count, bad=_BAD, twice=_TWICE)
            self._put(batch, _FORMS[(minute + at) % len(_FORMS)])
        return self

    def _put(self, batch: Batch, form: str) -> None:
        self.tally.add(batch.tally)
        self._malformed |= batch.malformed
        # What does not fit a packed record goes alone.
        big = [each for each in batch.events if len(each[1]) > PACKED_BYTES]
        packed = list(_PACKING[form]([each for each in batch.events if len(each[1]) <= PACKED_BYTES]))
        alone = list(_plain(big))
        self._inside |= {record.data: events for record, events in chain(packed, alone)}
        self.records[form] += len(packed)
        self.records["plain"] += len(alone)
        Producer(self, self.stream_name).put([record for record, _ in chain(packed, alone)])

    def put_records(
        self,
        *,
        Records: Sequence[PutRecordsRequestEntryTypeDef],  # noqa: N803  boto's names
        StreamName: str,  # noqa: N803
    ) -> PutRecordsOutputTypeDef:
        """PutRecords, noting the places of what is stored."""
        answer = self.client.put_records(Records=Records, StreamName=StreamName)
        for record, stored in zip(Records, answer["Records"], strict=True):
            if "SequenceNumber" not in stored:
                continue
            for index, event in enumerate(self._inside[bytes(record["Data"])]):  # type: ignore[arg-type]  # as `_put` gave it
                position = Position(stored["SequenceNumber"].zfill(SEQUENCE_DIGITS), index)
                put = Put(self.name, event, self._malformed.get(event))
                self.events[Place(stored["ShardId"], position)] = put
        return answer


def _wave(count: int, at: int) -> list[int]:
    """``count`` events over the minutes, more of them in some than in others, and for each recipe in others."""
    weights = [1 + 0.55 * math.sin(minute * 0.75 + at) for minute in range(MINUTES)]
    shares = [round(count * sum(weights[:minute]) / sum(weights)) for minute in range(MINUTES + 1)]
    return [after - before for before, after in pairwise(shares)]


# --- forms ----------------------------------------------------------------------------------------------------------


def _plain(events: Events) -> Iterator[Packed]:
    return ((Record(data, key), [data]) for key, data in events)


def _lines(events: Events) -> Iterator[Packed]:
    return ((record, record.data.split(b"\n")) for record in pack_by_key(events, groups=_GROUPS))


def _compressed(events: Events) -> Iterator[Packed]:
    for record in pack_by_key(events, groups=_GROUPS, compress=True):
        yield record, gzip.decompress(record.data).split(b"\n")


def _aggregated(events: Events) -> Iterator[Packed]:
    for first in range(0, len(events), _AGGREGATED):
        some = events[first : first + _AGGREGATED]
        yield Record(aggregate(some), some[0][0]), [data for _, data in some]


_PACKING: dict[str, Callable[[Events], Iterator[Packed]]] = {
    "NDJSON": _lines,
    "gzip": _compressed,
    "KPL": _aggregated,
    "plain": _plain,
}
_FORMS = ("NDJSON", "gzip", "KPL") * 3 + ("plain",)
"""By turns, so that each recipe comes in each of them: the plain ones are many records."""
