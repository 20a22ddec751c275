"""Tables to measure with: orders and readings, of which every hundredth is bad; the same on every run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from bench.harness import BUILD

ROWS: Final = 100_000
FOLDER: Final = BUILD / "inputs" / "file_processing"
ORDER: Final = ("id", "customer", "product", "quantity", "price", "currency", "gift", "deliver_on", "ordered_at")


def _order(number: int) -> list[str]:
    return [
        str(number + 1),
        f"C-{number % 9000:04d}",
        ("tea", "coffee", "mineral water")[number % 3],
        str(number % 9 + 1) if number % 100 else "0",
        f"{number % 80}.{number % 100:02d}",
        ("EUR", "CHF", "")[number % 3],
        ("true", "false", "")[number % 3],
        f"2026-12-{number % 28 + 1:02d}",
        f"2026-11-{number % 28 + 1:02d}T{number % 24:02d}:00:00Z",
    ]


def _reading(number: int) -> dict[str, Any]:
    return {
        "sensor": f"ab-{number % 1000}",
        "at": f"2026-11-{number % 28 + 1:02d}T{number % 24:02d}:00:00Z",
        "value": round(20 + number % 700 / 100, 2) if number % 100 else "none",
        "unit": "C",
        "battery": number % 101,
        "position": {"latitude": 47.3 + number % 50 / 100, "longitude": 8.5},
    }


def _csv() -> Iterator[str]:
    yield ",".join(ORDER)
    yield from (",".join(_order(number)) for number in range(ROWS))


def _quoted() -> Iterator[str]:
    yield ",".join(ORDER)
    yield from (",".join(f'"{cell}"' for cell in _order(number)) for number in range(ROWS))


def _json_lines() -> Iterator[str]:
    return (json.dumps(_reading(number)) for number in range(ROWS))


TABLES: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "orders.csv": _csv,
    "orders, quoted.csv": _quoted,
    "readings.jsonl": _json_lines,
}


@cache
def table(name: str) -> Path:
    """A file of `ROWS` rows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / name
    path.write_text("\n".join(TABLES[name]()) + "\n")
    return path
