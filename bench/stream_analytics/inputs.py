"""Clicks to measure with, in the events that Lambda hands over; the same on every run.

A click takes about 250 bytes of JSON. Visitor, session and URL are each one of 10,000, a visitor's session always the
same, drawn with a probability of 1/rank (Zipf's law, exponent 1): 1,000 clicks hold about 500 different visitors,
10,000 about 2,800. Or, as the worst case for whoever remembers what it has cleansed, all are different. Of the URLs
10 % are not canonical (tracking parameters, capitals in the host, a fragment), of the times 10 % are not in UTC, 2 % of
the sessions have white space around them; 80 % of the clicks are views. They happened 5 s on average (exponential)
before they arrive.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from typing import Final, Literal

from bench.harness import BUILD
from lambdas.common.producer import PACKED_BYTES, pack
from tests.events.kinesis import event as kinesis_event
from tests.events.kinesis import record
from tools.samples.kpl import aggregate

Kind = Literal["plain", "packed", "gzip", "kpl"]

POOL: Final = 10_000
ARRIVAL: Final = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
PER_SECOND: Final = 1000
"""Records that a shard takes."""
FIRST_SEQUENCE_NUMBER: Final = 49590338271490256608559692538361571095921575989136588898
KPL_RECORDS: Final = 90
"""User records of an aggregated one: together about as big as a packed record."""
HOSTS: Final = ("shop.example.com", "www.example.com", "help.example.com")
REFERRERS: Final = (
    None,
    "https://www.google.com/",
    "https://duckduckgo.com/",
    "https://news.example.org/today/markets?utm_source=letter",
    "https://shop.example.com/basket",
)
SHOPS: Final = ("garden", "kitchen", "books", "outdoor", "music")
ZONES: Final = (2, -5, 9)
FOLDER: Final = BUILD / "inputs" / "stream_analytics"


def clicks(*, distinct: bool = False, per_second: int = PER_SECOND, seed: int = 3) -> Iterator[bytes]:
    """JSON of one click after the other, without end."""
    chance = random.Random(seed)  # noqa: S311  nothing secret
    weights = list(accumulate(1 / rank for rank in range(1, POOL + 1)))

    def draw(number: int) -> int:
        return number if distinct else chance.choices(range(POOL), cum_weights=weights)[0]

    number = 0
    while True:
        visitor, page = draw(number), draw(number)
        session = f"s-{visitor:06d}{visitor * 7919 % 999_983:06d}"
        time = ARRIVAL + timedelta(seconds=number / per_second - chance.expovariate(1 / 5))
        click = {
            "type": "clickstream",
            "time": _time(time, chance),
            "visitor": f"v-{visitor * 104_729 % 1_000_003:06d}{visitor:06d}",
            "session": f" {session} " if chance.random() < 0.02 else session,
            "action": "view" if chance.random() < 0.8 else "click",
            "url": _url(page),
            "referrer": chance.choice(REFERRERS),
        }
        yield json.dumps(click, separators=(",", ":")).encode()
        number += 1


def _time(time: datetime, chance: random.Random) -> str:
    if chance.random() < 0.1:
        return time.astimezone(timezone(timedelta(hours=chance.choice(ZONES)))).isoformat(timespec="milliseconds")
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _url(page: int) -> str:
    """Of a page always the same."""
    host, shop = HOSTS[page % len(HOSTS)], SHOPS[page % len(SHOPS)]
    plain = f"https://{host}/catalogue/{shop}/article-{page:06d}"
    match page * 7919 % 30:  # so that it is not the most frequent pages
        case 3:
            return f"{plain}?utm_source=letter&utm_medium=mail"
        case 6:
            return f"{plain.replace('example', 'Example')}?colour=green&article={page}"
        case 9:
            return f"{plain}#reviews"
        case _:
            return plain


def _kpl(events: Iterable[bytes]) -> Iterator[bytes]:
    left = iter(events)
    while some := list(islice(left, KPL_RECORDS)):
        yield aggregate([("click", event) for event in some])


RECORDS: Final[dict[Kind, Callable[[Iterable[bytes]], Iterator[bytes]]]] = {
    "plain": iter,
    "packed": pack,
    "gzip": lambda events: pack(events, max_record_bytes=PACKED_BYTES, compress=True),
    "kpl": _kpl,
}
"""How events become the data of Kinesis records."""


@cache
def invocations(
    kind: Kind, events: int, batches: int = 1, *, distinct: bool = False, per_second: int = PER_SECOND
) -> list[Path]:
    """Files with the events of consecutive invocations, as text; each of ``events`` clicks."""
    source = clicks(distinct=distinct, per_second=per_second)
    FOLDER.mkdir(parents=True, exist_ok=True)
    paths, sequence_number = [], FIRST_SEQUENCE_NUMBER
    for batch in range(batches):
        arrived = ARRIVAL.timestamp() + batch * events / per_second
        records = []
        for data in RECORDS[kind](islice(source, events)):
            sequence_number += 1
            key = f"key-{sequence_number % 1_000_000:06d}"
            records.append(record(data, sequence_number=str(sequence_number), partition_key=key, arrival=arrived))
        path = FOLDER / f"{kind}-{events}-{'distinct' if distinct else 'zipf'}-{per_second}-{batch}.json"
        path.write_text(json.dumps(kinesis_event(*records), separators=(",", ":")))
        paths.append(path)
    return paths
