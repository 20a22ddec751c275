"""Rows, most of them good, and what is wrong with the others: against the specs of ``orders/`` and ``readings/``."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

ORDERS = 1_500
READINGS = 2_000
SHIPPED = 600

_SEED = "rows"
_START = datetime(2026, 11, 2, 8, tzinfo=UTC)
_PRODUCTS = ("Ice axe", "Rope, 40 m", 'Lamp "Polar"', "Tea", "Crampons", "Map 1:25,000")
_CURRENCIES = ("CHF", "EUR", "GBP", "USD")
_PARQUET = pa.schema(
    [
        ("id", pa.int64()),
        ("customer", pa.string()),
        ("product", pa.string()),
        ("quantity", pa.int32()),
        ("price", pa.decimal128(9, 2)),
        ("currency", pa.string()),
        ("gift", pa.bool_()),
        ("deliver_on", pa.date32()),
        ("ordered_at", pa.timestamp("us", tz="UTC")),
    ]
)


class Fault(NamedTuple):
    """What is wrong with a row; the column is empty where it is the whole of it."""

    column: str
    code: str


@dataclass(frozen=True)
class Table:
    """A file of rows."""

    data: bytes
    rows: int
    bad: Mapping[int, Fault]
    """By the number of the row, from 1."""
    good: Any
    """What has to be left: the file without the bad rows, or of Parquet, the ids of the good ones."""


def orders_csv() -> Table:
    """With a wrong cell of every sort."""
    rows = [_cells(_order(random.Random(f"{_SEED} {number}"), number)) for number in range(1, ORDERS + 1)]  # noqa: S311
    faults = {
        17: (3, "0", Fault("quantity", "minimum")),
        204: (1, "X-12", Fault("customer", "pattern")),
        377: (4, "on request", Fault("price", "type")),
        512: (2, "", Fault("product", "required")),
        731: (5, "BTC", Fault("currency", "enum")),
        944: (7, "2026-02-30", Fault("deliver_on", "type")),
        1101: (8, "yesterday", Fault("ordered_at", "type")),
        1333: (6, "perhaps", Fault("gift", "type")),
    }
    for number, (place, cell, _) in faults.items():
        rows[number - 1][place] = cell
    bad = {number: fault for number, (*_, fault) in faults.items()}
    for number, extra in ((650, ["", "?"]), (1200, [])):
        rows[number - 1] = rows[number - 1][:9] + extra if extra else rows[number - 1][:5]
        bad[number] = Fault("", "field_count")
    header = [field.name for field in _PARQUET]
    good = [row for number, row in enumerate(rows, 1) if number not in bad]
    return Table(_csv([header, *rows]), len(rows), bad, _csv([header, *good]))


def readings_json_lines() -> Table:
    """Objects against a JSON Schema, and a line that was cut off."""
    dice = random.Random(_SEED)  # noqa: S311
    rows = [
        {
            "sensor": f"hut-{dice.randint(1, 9)}",
            "at": f"{_START + timedelta(seconds=30 * number):%Y-%m-%dT%H:%M:%SZ}",
            "value": round(dice.gauss(-4, 6), 2),
            "unit": "C",
            "battery": dice.randint(20, 100),
        }
        for number in range(READINGS)
    ]
    rows[250] |= {"value": -400.5}
    rows[251] |= {"unit": "F"}
    rows[800] |= {"battery": "full"}
    rows[1300] |= {"colour": "teal"}
    del rows[1500]["sensor"]
    lines = [json.dumps(row).encode() for row in rows]
    lines[1700] = lines[1700][:40]
    lines[1701] = b'["hut-1", 3.5]'
    bad = {
        251: Fault("value", "minimum"),
        252: Fault("unit", "enum"),
        801: Fault("battery", "type"),
        1301: Fault("colour", "additional_properties"),
        1501: Fault("sensor", "required"),
        1701: Fault("", "malformed"),
        1702: Fault("", "not_an_object"),
    }
    good = [line for number, line in enumerate(lines, 1) if number not in bad]
    return Table(b"\n".join(lines) + b"\n", len(lines), bad, b"\n".join(good) + b"\n")


def orders_parquet() -> Table:
    """Typed columns, so that only values can be wrong."""
    rows = [_order(random.Random(f"{_SEED} {number}"), number) for number in range(1, SHIPPED + 1)]  # noqa: S311
    rows[99] |= {"quantity": 2_000}
    rows[299] |= {"currency": "XXX"}
    rows[499] |= {"customer": None}
    bad = {100: Fault("quantity", "maximum"), 300: Fault("currency", "enum"), 500: Fault("customer", "required")}
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=_PARQUET), file)
    return Table(file.getvalue(), len(rows), bad, [row["id"] for at, row in enumerate(rows, 1) if at not in bad])


def _order(dice: random.Random, number: int) -> dict[str, Any]:
    moment = _START + timedelta(seconds=311 * number)
    return {
        "id": number,
        "customer": f"C-{dice.randint(1000, 99999)}",
        "product": dice.choice(_PRODUCTS),
        "quantity": dice.randint(1, 9),
        "price": Decimal(dice.randint(150, 90_000)).scaleb(-2),
        "currency": dice.choice(_CURRENCIES),
        "gift": dice.random() < 0.1,
        "deliver_on": date(2026, 12, dice.randint(1, 24)),
        "ordered_at": moment,
    }


def _cells(order: dict[str, Any]) -> list[str]:
    shown = {"gift": str(order["gift"]).lower(), "ordered_at": f"{order['ordered_at']:%Y-%m-%dT%H:%M:%SZ}"}
    return [str(value) for value in (order | shown).values()]


def _csv(rows: list[list[str]]) -> bytes:
    """As RFC 4180 has it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
