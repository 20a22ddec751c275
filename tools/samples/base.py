"""What a producer of sample events is made of, and its own tally of what must be counted.

The tally knows nothing of the code that analyzes the events: it is written down when an event is made, from what the
producer knows before it disguises anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import NamedTuple

import msgspec

MINUTE = 60
DAY = 24 * 60 * MINUTE

Content = dict[str, object]
"""Fields of an event, as JSON has them."""


class Item(NamedTuple):
    """What is counted; ``start`` of its period in Unix seconds."""

    metric: str
    dimension: str
    start: int


def item(metric: str, dimension: str, time: datetime, period: int = MINUTE) -> Item:
    """The item that an event at this time belongs to."""
    return Item(metric, dimension, int(time.timestamp()) // period * period)


@dataclass
class Tally:
    """What must be counted of a batch, or of several."""

    counts: Counter[Item] = field(default_factory=Counter)
    sums: dict[Item, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    stats: dict[Item, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    distinct: dict[Item, set[str]] = field(default_factory=lambda: defaultdict(set))
    quantiles: dict[Item, list[float]] = field(default_factory=lambda: defaultdict(list))
    top: dict[Item, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejected: Counter[str] = field(default_factory=Counter)
    """Events by the reason for which they must be rejected."""
    filtered: Counter[str] = field(default_factory=Counter)
    """Events by type that must be dropped."""
    repeated: Counter[str] = field(default_factory=Counter)
    """Events by type that must count once, and were put before."""

    def add(self, other: Tally) -> None:
        """Counts what the other one counts, too."""
        for mine, more in (
            (self.counts, other.counts),
            (self.rejected, other.rejected),
            (self.filtered, other.filtered),
            (self.repeated, other.repeated),
        ):
            mine.update(more)  # type: ignore[arg-type]  # both of a pair have keys of one type
        for key, sums in other.sums.items():
            self.sums[key] += sums
        for key, readings in other.stats.items():
            self.stats[key] += readings
        for key, names in other.distinct.items():
            self.distinct[key] |= names
        for key, values in other.quantiles.items():
            self.quantiles[key] += values
        for key, occurrences in other.top.items():
            self.top[key].update(occurrences)


@dataclass(frozen=True)
class Made:
    """One event that must be counted."""

    partition_key: str
    content: Content
    """Without ``type`` and ``time``."""
    tell: Callable[[Tally], None]
    """Writes down what it counts as, each time that it is called."""


class Fault(NamedTuple):
    """How a good event is made into one that must be rejected."""

    reason: str
    spoil: Callable[[Content], bytes]
    """Gets the whole event, and gives what is put."""


@dataclass(frozen=True)
class Batch:
    """Events in the order in which they are to be put."""

    events: list[tuple[str, bytes]]
    """Partition key and JSON of each."""
    tally: Tally
    malformed: dict[bytes, str] = field(default_factory=dict)
    """The reason for which an event must be rejected, by its JSON."""


TOO_OLD = timedelta(days=2)
TOO_EARLY = timedelta(hours=2)
"""Beyond what the limits of a stage may be set to, as long as events arrive when they are made."""


@dataclass(frozen=True)
class Sample:
    """Producer of one type of events."""

    name: str
    make: Callable[[Random, datetime], Made]
    faults: tuple[Fault, ...] = ()
    """Beside the `FAULTS` that every type of events can have."""
    once: bool = False
    """Whether an event that is put twice must count once."""

    def batch(
        self,
        random: Random,
        start: datetime,
        count: int,
        *,
        span: timedelta = timedelta(minutes=1),
        bad: float = 0.01,
        twice: float = 0.005,
    ) -> Batch:
        """``count`` events that happen from ``start`` on, evenly over ``span``, the same for equal seeds.

        ``bad`` and ``twice`` are the shares of malformed events and of those put a second time. What is to be analyzed
        has to arrive between the end of the span and an hour after the start.
        """
        batch = Batch([], Tally())
        good: list[tuple[Made, bytes]] = []
        for number in range(count):
            time = start + span * number / count
            if good and random.random() < twice:
                self._again(batch, *random.choice(good[-100:]))
                continue
            made = self.make(random, time)
            content: Content = {"type": self.name, "time": _spelt(random, time), **made.content}
            if random.random() < bad:
                fault = random.choice((*FAULTS, *self.faults))
                batch.events.append((made.partition_key, fault.spoil(content)))
                batch.malformed[batch.events[-1][1]] = fault.reason
                batch.tally.rejected[fault.reason] += 1
            else:
                good.append((made, encode(content)))
                batch.events.append((made.partition_key, good[-1][1]))
                made.tell(batch.tally)
        return batch

    def _again(self, batch: Batch, made: Made, data: bytes) -> None:
        batch.events.append((made.partition_key, data))
        if self.once:
            batch.tally.repeated[self.name] += 1
        else:
            made.tell(batch.tally)


# --- spelling -------------------------------------------------------------------------------------------------------


def encode(content: Content) -> bytes:
    """JSON in UTF-8; decimals as strings."""
    return msgspec.json.encode(content)


def _spelt(random: Random, time: datetime) -> str:
    """The same moment, now and then with the offset of another zone."""
    if random.random() < 0.1:
        return time.astimezone(timezone(timedelta(minutes=random.choice((-480, -210, 60, 120, 330, 540))))).isoformat()
    return time.isoformat().replace("+00:00", "Z")


def untrimmed(random: Random, text: str) -> str:
    """The same text, now and then with white space around it."""
    return random.choice((f" {text}", f"{text}  ", f"\t{text}\n")) if random.random() < 0.05 else text


def pick(random: Random, choices: Sequence[str]) -> str:
    """One of several, the first ones more often, as popularity goes."""
    return choices[int(len(choices) * random.random() ** 2)]


# --- faults of any event --------------------------------------------------------------------------------------------


def _moved(content: Content, by: timedelta) -> bytes:
    return encode(content | {"time": (datetime.fromisoformat(str(content["time"])) + by).isoformat()})


def _without_last(content: Content) -> bytes:
    return encode(dict(list(content.items())[:-1]))


FAULTS = (
    Fault("bad_json", lambda content: encode(content)[:-1]),
    Fault("bad_json", lambda content: encode(content).replace(b'"time":"', b'"time":NaN,"x":"')),
    Fault("bad_json", lambda content: encode(content)[:-1] + b',"\\ud800":1}'),
    Fault("bad_json", lambda content: encode(content).replace(b'"time"', b'"time\xff"')),
    Fault(
        "duplicate_keys",
        lambda content: encode(content)[:-1] + b',"t\\u0069me":' + msgspec.json.encode(content["time"]) + b"}",
    ),
    Fault("unknown_type", lambda content: encode(content | {"type": "weather"})),
    Fault("wrong_schema", _without_last),
    Fault("wrong_schema", lambda content: encode(content | {"not_in_the_schema": True})),
    Fault("wrong_schema", lambda content: encode(content | {"time": "yesterday"})),
    Fault("too_big", lambda content: encode(content | {"padding": "x" * 300_000})),
    Fault("too_late", lambda content: _moved(content, -TOO_OLD)),
    Fault("in_the_future", lambda content: _moved(content, TOO_EARLY)),
)
