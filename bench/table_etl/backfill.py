"""Memory of a backfill, by the size of its file: ours beside what one writes first."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.harness import ROOT, BenchError, Case, Peer, Row
from bench.table_etl.inputs import DIRECTORY, START
from lambdas.common.tables.shop import layout

OURS, PEER = "ours", "read-whole-file"
SIZES: Final = (10_000, 1_000_000)
"""Rows."""
_CUSTOMERS: Final = 20_000


def cases() -> dict[str, Case]:
    """Most memory that a backfill holds, and how fast it is; targets take the rows and forget them."""
    return {f"backfill-memory-{size}": partial(_memory, size) for size in SIZES}


def start(name: str) -> Peer:
    """The implementation ``name`` in a process of its own."""
    return Peer([sys.executable, "-m", "bench.table_etl.backfillers", name])


def _memory(size: int) -> Iterator[Row]:
    path = file(size)
    ours, our_speed = _measured(OURS, path, size)
    theirs, their_speed = _measured(PEER, path, size)
    note = (
        f"peak of the process; {our_speed:,.0f} : {their_speed:,.0f} rows/s of CPU time, and only ours validates, "
        f"transforms and versions them; {path.stat().st_size / 1e6:.1f} MB of gzip"
    )
    yield Row(f"backfill-memory-{size}", PEER, ours, theirs, "MB", theirs / ours, note)


def _measured(name: str, path: Path, size: int) -> tuple[float, float]:
    """Megabytes, and rows per second. Raises BenchError unless all rows were loaded."""
    with start(name) as peer:
        answer = peer.ask({"path": str(path)})
        if answer["rows"] != size:
            raise BenchError(f"{name} loaded {answer['rows']} of {size} rows: correct it before comparing memory")
        return peer.peak_memory(), size / answer["seconds"]


def file(size: int) -> Path:
    """Gzip-compressed JSON Lines with so many orders; written once."""
    path = DIRECTORY / f"orders-{size}.jsonl.gz"
    if not path.exists():
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        random = Random(20261125)  # noqa: S311  sample orders
        unfinished = path.with_suffix(".part")
        with gzip.open(unfinished, "wt", compresslevel=1) as lines:
            lines.writelines(json.dumps(_order(random, number)) + "\n" for number in range(size))
        unfinished.rename(path)
    return path.relative_to(ROOT)


def _order(random: Random, number: int) -> dict[str, Any]:
    moment = START + timedelta(milliseconds=random.randrange(30 * 24 * 3600 * 1000))
    lines: list[dict[str, Any]] = [
        {
            "sku": f"sku-{random.randrange(500)}",
            "quantity": random.randrange(1, 5),
            "unit_price": random.randrange(100, 20_000),
        }
        for _ in range(2)
    ]
    return {
        **layout.order_key(f"c-{random.randrange(_CUSTOMERS)}", moment, f"o-{number}"),
        "schema_version": 3,
        "order_id": f"o-{number}",
        "placed_at": layout.format_time(moment),
        "status": "placed",
        "currency": "EUR",
        "lines": lines,
        "total": sum(line["quantity"] * line["unit_price"] for line in lines),
        "channel": random.choice(["web", "mobile", "shop"]),
        "tags": ["gift", "new"],
    }
