"""What DuckDB makes of staged rows: every type exactly, and in order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from tempfile import NamedTemporaryFile
from typing import Any

import duckdb
import pytest
from msgspec import UNSET, Struct, UnsetType

from lambdas.table_etl.adapters.merger import DuckMerger
from lambdas.table_etl.contract import UNDATED
from tests.table_etl.compacting import Lake, Thing, flow, staged


class Color(StrEnum):
    RED = "red"


class Part(Struct):
    sku: str
    price: Decimal
    sold: datetime | None = None
    tags: list[str] = []


class Everything(Struct, kw_only=True):
    text: str | UnsetType | None = UNSET
    whole: int | UnsetType | None = UNSET
    amount: Decimal | UnsetType | None = UNSET
    flag: bool | UnsetType | None = UNSET
    blob: bytes | UnsetType | None = UNSET
    day_of: date | UnsetType | None = UNSET
    time: datetime | UnsetType | None = UNSET
    color: Color | UnsetType | None = UNSET
    part: Part | UnsetType | None = UNSET
    parts: list[Part] | UnsetType = UNSET
    labels: set[str] | UnsetType = UNSET
    amounts: set[Decimal] | UnsetType = UNSET
    anything: Any = UNSET
    more: dict[str, Any] | UnsetType = UNSET


TWO_HOURS_EAST = timezone(timedelta(hours=2))
HALF_PAST_FIVE_WEST = timezone(-timedelta(hours=5, minutes=30))
GREATEST = Decimal("99999999999999999999999999999.999999999")
LONG = Decimal("12345678901234567890123456789.123456789")

VALUES: list[tuple[str, Any, Any]] = [
    ("text", "", ""),
    ("text", 'it\'s "é" 😀\n\0end', 'it\'s "é" 😀\n\0end'),
    ("whole", 2**63 - 1, 2**63 - 1),
    ("whole", -(2**63), -(2**63)),
    ("amount", GREATEST, GREATEST),
    ("amount", -LONG, -LONG),
    ("amount", Decimal("0.000000001"), Decimal("0.000000001")),
    ("amount", Decimal("1E+3"), Decimal(1000)),
    ("amount", Decimal("1.50000000000"), Decimal("1.5")),
    ("amount", Decimal("0E-20"), Decimal(0)),
    ("flag", False, False),
    ("blob", b"\x00\xff>?", b"\x00\xff>?"),
    ("blob", b"", b""),
    ("day_of", date(1, 1, 1), date(1, 1, 1)),
    ("day_of", date(9999, 12, 31), date(9999, 12, 31)),
    ("time", datetime(2026, 3, 1, 1, 30, 0, 123456, TWO_HOURS_EAST), datetime(2026, 2, 28, 23, 30, 0, 123456)),  # noqa: DTZ001
    ("time", datetime(2026, 11, 25, 20, tzinfo=HALF_PAST_FIVE_WEST), datetime(2026, 11, 26, 1, 30)),  # noqa: DTZ001
    ("time", datetime(2026, 11, 25, 10, tzinfo=UTC), datetime(2026, 11, 25, 10)),  # noqa: DTZ001
    ("color", Color.RED, "red"),
    (
        "part",
        Part("s", LONG, datetime(2026, 11, 25, 1, tzinfo=TWO_HOURS_EAST), ["x"]),
        {"sku": "s", "price": LONG, "sold": datetime(2026, 11, 24, 23), "tags": ["x"]},  # noqa: DTZ001
    ),
    ("parts", [], []),
    (
        "parts",
        [Part("b", Decimal("-0.000000001")), Part("a", GREATEST)],
        [
            {"sku": "b", "price": Decimal("-1E-9"), "sold": None, "tags": []},
            {"sku": "a", "price": GREATEST, "sold": None, "tags": []},
        ],
    ),
    ("labels", {"b", "a"}, ["a", "b"]),
    ("amounts", {LONG}, [LONG]),
    ("anything", LONG, '{"N":"12345678901234567890123456789.123456789"}'),
    ("anything", "2026-11-25T10:00:00Z", '{"S":"2026-11-25T10:00:00Z"}'),
    ("anything", [None, {"é": b"\xff"}], '{"L":[{"NULL":true},{"M":{"é":{"B":"/w=="}}}]}'),
    ("more", {"x": {1, 2}, "y": "\0"}, '{"M":{"x":{"NS":["1","2"]},"y":{"S":"\\u0000"}}}'),
    *((name, None, None) for name in ("text", "whole", "amount", "flag", "blob", "time", "part", "anything")),
    *((name, UNSET, None) for name in ("text", "parts", "labels", "anything", "more")),
]

KINDS = {
    "text": "VARCHAR",
    "whole": "BIGINT",
    "amount": "DECIMAL(38,9)",
    "flag": "BOOLEAN",
    "blob": "BLOB",
    "day_of": "DATE",
    "time": "TIMESTAMP",
    "color": "VARCHAR",
    "part": "STRUCT(sku VARCHAR, price DECIMAL(38,9), sold TIMESTAMP, tags VARCHAR[])",
    "parts": "STRUCT(sku VARCHAR, price DECIMAL(38,9), sold TIMESTAMP, tags VARCHAR[])[]",
    "labels": "VARCHAR[]",
    "amounts": "DECIMAL(38,9)[]",
    "anything": "VARCHAR",
    "more": "VARCHAR",
}


@pytest.fixture(scope="module")
def everything() -> list[dict[str, Any]]:
    """One row for each of the values, in their order."""
    lake = Lake([flow(Everything, "things")])
    lake.stage((staged(f"{at:03d}", Everything(**{name: value})) for at, (name, value, _) in enumerate(VALUES)), "a")
    assert lake.compact().errors == []
    return lake.listed(UNDATED)


@pytest.mark.parametrize("at", range(len(VALUES)), ids=[f"{name}-{at}" for at, (name, *_) in enumerate(VALUES)])
def test_a_value_reaches_its_column_exactly(everything: list[dict[str, Any]], at: int) -> None:
    name, _, expected = VALUES[at]
    assert everything[at][name] == expected


def test_columns_have_the_types_that_the_table_declares() -> None:
    lake = Lake([flow(Everything, "things")])
    lake.stage([staged("k", Everything())], "a")
    lake.compact()
    key = lake.current(UNDATED)
    assert key
    kinds = described(lake.objects[key])
    assert kinds == {"source_key": "VARCHAR", "source_version": "VARCHAR", **KINDS}


def described(content: bytes) -> dict[str, str]:
    """Types of a Parquet file's columns."""
    with NamedTemporaryFile(suffix=".parquet") as file, duckdb.connect() as database:
        file.write(content)
        file.flush()
        found = database.read_parquet(file.name)
        return dict(zip(found.columns, map(str, found.types), strict=True))


def test_a_row_without_any_value_is_a_row() -> None:
    lake = Lake([flow(Everything, "things")])
    lake.stage([staged("k", Everything()), staged("gone", None)], "a")
    lake.compact()
    assert list(lake.rows(UNDATED)) == ["k"]


def test_rows_are_sorted_by_the_steps_then_by_key_across_compactions() -> None:
    lake = Lake([flow(Thing, "things", "place", "name")])
    rows = [Thing(place, name) for place in (3, 1, 2) for name in ("b", "ä", "a", "B")]
    for part in (0, 1):
        lake.stage((staged(f"{at}{k}", row) for at, row in enumerate(rows) for k in "zy" if at % 2 == part), str(part))
        lake.compact()
    listed = lake.listed(UNDATED)
    assert len(listed) == 24
    assert listed == sorted(listed, key=lambda each: (each["place"], each["name"], each["source_key"]))


def test_rows_are_sorted_beyond_a_row_group() -> None:
    lake = Lake([flow(Thing, "things", "place")])
    lake.stage((staged(f"{at:06d}", Thing(at * 7919 % 130_003, "x")) for at in range(130_000)), "a")
    lake.compact()
    places = [each["place"] for each in lake.listed(UNDATED)]
    assert len(places) == 130_000
    assert places == sorted(places)


def test_more_rows_than_fit_into_the_memory_spill() -> None:
    lake = Lake([flow(Thing, "things", "name")], merger=DuckMerger(256))
    for part in range(4):
        lake.stage(
            (staged(f"{part}-{at}", Thing(at, f"{at * 7919 % 10_007}-" + "x" * 2000)) for at in range(15_000)),
            str(part),
        )
    assert lake.compact().errors == []
    assert len(lake.rows(UNDATED)) == 60_000
