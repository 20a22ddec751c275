"""Staged objects to compact; the same on every run.

Versions of orders of one day, as the sample pipeline stages them: 100,000 versions of 60,000 orders, so that half of
them are replaced by later ones, in 20 objects; 5 % are deletions. About 50 MB of JSON. The orders have no open values:
pyarrow cannot keep those as text.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from bench.harness import BUILD
from lambdas.table_etl.contract import NO_ROW, StagedRow, live_version
from lambdas.table_etl.domain.columns import row_json
from lambdas.table_etl.pipelines.orders import Line, OrderRow, Status

VERSIONS: Final = 100_000
ORDERS: Final = 60_000
OBJECTS: Final = 20
DELETED: Final = 0.05
DAY: Final = datetime(2026, 11, 25, tzinfo=UTC)
FIRST_SEQUENCE_NUMBER: Final = 100_000_000_000_000_000_000
FOLDER: Final = BUILD / "inputs" / "table_etl" / "staged"


@dataclass(frozen=True)
class StagedFiles:
    """What both read."""

    paths: list[Path]
    unpacked: int
    """Bytes of their JSON."""


def staged_files() -> StagedFiles:
    """Writes the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    versions = _versions()
    encode = msgspec.json.Encoder().encode_lines
    paths, unpacked = [], 0
    for number in range(OBJECTS):
        content = encode(list(islice(versions, VERSIONS // OBJECTS)))
        unpacked += len(content)
        paths.append(FOLDER / f"{number:02d}.jsonl.gz")
        paths[-1].write_bytes(gzip.compress(content, 1, mtime=0))
    return StagedFiles(paths, unpacked)


def _versions() -> Iterator[StagedRow]:
    chance = random.Random(3)  # noqa: S311  nothing secret
    for number in range(VERSIONS):
        order = _order(chance.randrange(ORDERS), chance)
        key = f'["customer#{order.customer_id}","order#{order.placed_at:%Y-%m-%dT%H:%M:%S}.000Z#{order.order_id}"]'
        row = NO_ROW if chance.random() < DELETED else msgspec.Raw(row_json(order))
        yield StagedRow(key, live_version(str(FIRST_SEQUENCE_NUMBER + number)), f"{DAY:%Y-%m-%d}", row)


def _order(number: int, chance: random.Random) -> OrderRow:
    lines = [
        Line(f"sku-{chance.randrange(5000):05d}", chance.randrange(1, 9), Decimal(chance.randrange(100, 99_999)) / 100)
        for _ in range(chance.randrange(1, 5))
    ]
    return OrderRow(
        customer_id=f"c-{number * 7919 % 20_000:06d}",
        order_id=f"o-{number:07d}",
        placed_at=DAY + timedelta(seconds=number),
        status=chance.choice([Status.PLACED, Status.SHIPPED, Status.CANCELLED]),
        currency="EUR",
        total=sum((line.unit_price * line.quantity for line in lines), Decimal(0)),
        articles=sum(line.quantity for line in lines),
        dearest=max(lines, key=lambda line: line.unit_price).sku,
        lines=lines,
        channel="web",
        tags=set(chance.sample(["gift", "express", "first"], 2)),
    )
