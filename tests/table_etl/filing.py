"""Historical files as tests need them: small builders, and readers of what becomes of a file's rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from lambdas.common.tables.shop import layout
from lambdas.table_etl.contract import Form, Limits, Quarantined, ReasonCode, Task
from lambdas.table_etl.domain.changes import FileRow
from lambdas.table_etl.domain.history.rows import Row, rows

MOMENT = datetime(2026, 11, 25, 12, tzinfo=UTC)
SMALL = Limits(max_line_bytes=1_000, max_unpacked_bytes=100_000)

Rejection = tuple[ReasonCode, int]
"""Why, and which row."""


def task(form: Form = Form.JSON, *, gzip: bool = False, key: str = "old/orders", version_id: str = "v-1") -> Task:
    """A file dropped at `MOMENT`."""
    return Task(bucket="backfill", key=key, version_id=version_id, form=form, gzip=gzip, moment=MOMENT)


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    """As a connection hands it over."""
    return (data[at : at + size] for at in range(0, len(data), size))


def read(
    data: bytes | Iterable[bytes],
    form: Form = Form.JSON,
    *,
    gzip: bool = False,
    limits: Limits = SMALL,
    chunk: int = 10_000,
) -> list[Row]:
    """Every row of a file."""
    chunks = chunked(data, chunk) if isinstance(data, bytes) else data
    return list(rows(task(form, gzip=gzip), chunks, limits))


def good(found: Iterable[Row]) -> list[bytes]:
    """Payloads of the rows that can be loaded."""
    return [row.payload for row in found if isinstance(row, FileRow)]


def cells(found: Iterable[Row]) -> list[list[str]]:
    """The same, of CSV."""
    return [json.loads(payload) for payload in good(found)]


def bad(found: Iterable[Row]) -> list[Rejection]:
    """What is rejected, and where."""
    return [(row.reason, row.position.row) for row in rejected(found)]  # type: ignore[union-attr]  # all of files


def rejected(found: Iterable[Row]) -> list[Quarantined]:
    """What is rejected."""
    return [row for row in found if isinstance(row, Quarantined)]


def packed(*lines: bytes) -> bytes:
    """Lines as a gzip file."""
    return gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)


def order(number: int, **changes: Any) -> dict[str, Any]:
    """An order of the sample pipeline, as a JSON object."""
    key = layout.order_key(f"c-{number % 100}", MOMENT, f"o-{number}")
    return {
        **key,
        "schema_version": 3,
        "order_id": f"o-{number}",
        "placed_at": layout.format_time(MOMENT),
        "status": "placed",
        "currency": "EUR",
        "lines": [{"sku": "s", "quantity": 2, "unit_price": number}],
        "total": 2 * number,
        **changes,
    }


def order_line(number: int, **changes: Any) -> bytes:
    """The same as a line of a file."""
    return json.dumps(order(number, **changes)).encode()
