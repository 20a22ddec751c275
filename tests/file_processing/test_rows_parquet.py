"""Parquet: good rows stay Parquet in the same columns, bad ones are told as JSON."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lambdas.file_processing.domain.processing import Rejected
from lambdas.file_processing.domain.rows.specs import Named
from tests.file_processing.tables import columns, parquet_of, result_of, rows_of, spec

NESTED = """
SELECT i AS id, 'n' || i AS name, (i / 7)::DECIMAL(38, 10) AS price, i % 2 = 0 AS even, i * 1.5::FLOAT AS weight,
TIMESTAMP '2026-11-26 10:00:00.5' AS at, TIMESTAMPTZ '2026-11-26 10:00:00+02' AS seen, DATE '2026-02-28' AS day,
{'x': [i, NULL], 'y': {'z': 1.25::DECIMAL(5, 2)}} AS place, MAP {'a': i} AS tags, '\\x00\\xff'::BLOB AS data,
IF(i % 3 = 0, NULL, i) AS sometimes, UUID '00000000-0000-0000-0000-000000000001' AS uuid
FROM range(3000) AS numbers(i)
"""
IDS = "SELECT i AS id FROM range(20000) AS numbers(i)"
TENS = "FROM range(0, 20000, 10) AS numbers(i)"
STRICT = columns({"name": "id", "type": "integer", "required": True, "minimum": 0, "maximum": 9_999})


def test_rows_that_are_fine_stay_what_they_are() -> None:
    data = parquet_of(NESTED)
    named = columns(
        {"name": "id", "type": "integer", "required": True},
        {"name": "name", "type": "string", "pattern": "n[0-9]+"},
        {"name": "price", "type": "number"},
        {"name": "even", "type": "boolean"},
        {"name": "weight", "type": "number"},
        {"name": "at", "type": "timestamp"},
        {"name": "seen", "type": "timestamp"},
        {"name": "day", "type": "date"},
        {"name": "sometimes", "type": "integer"},
    )
    found = result_of("parquet", data, named)
    assert (found.valid == data, found.bad) == (True, [])


def test_types_of_columns_stay_where_rows_go() -> None:
    named = columns({"name": "id", "type": "integer", "maximum": 0})
    [row] = rows_of(result_of("parquet", parquet_of(f"{NESTED} LIMIT 2"), named).valid)
    assert row[2] == Decimal("0E-10")
    at = datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert (row[5], row[6]) == ((at + timedelta(hours=2, seconds=0.5)).replace(tzinfo=None), at)
    assert row[8] == {"x": [0, None], "y": {"z": Decimal("1.25")}}


def test_bad_rows_are_parted_and_the_others_keep_their_order() -> None:
    found = result_of("parquet", parquet_of("SELECT (i * 7919) % 20000 AS id FROM range(20000) AS numbers(i)"), STRICT)
    expected = [i * 7919 % 20_000 for i in range(20_000)]
    assert [row for (row,) in rows_of(found.valid)] == [value for value in expected if value < 10_000]
    assert [(bad["row"], bad["raw"]) for bad in found.bad] == [
        (row, f'{{"id":{value}}}') for row, value in enumerate(expected, 1) if value >= 10_000
    ]


@pytest.mark.parametrize("name", ["fine", "data", "verdicts", "'\"; --"])
def test_columns_may_have_any_name(name: str) -> None:
    quoted = name.replace('"', '""')
    found = result_of("parquet", parquet_of(f"SELECT i AS id, {{'fine': i}} AS \"{quoted}\" {TENS}"), STRICT)
    assert rows_of(found.valid)[-1] == (9_990, {"fine": 9_990})


def test_a_bad_row_is_told_with_its_values() -> None:
    query = """SELECT 1 AS id, 0.10::DECIMAL(5, 2) AS price, TIMESTAMP '2026-11-26 10:00:00' AS at,
    TIMESTAMPTZ '2026-11-26 10:00:00Z' AS seen, [0.1::DECIMAL(3, 1)] AS some,
    [TIMESTAMP '2026-11-26 10:00:00'] AS times,
    NULL AS note"""
    [bad] = result_of("parquet", parquet_of(query), columns({"name": "note", "type": "string", "required": True})).bad
    assert bad == {
        "row": 1,
        "column": "note",
        "code": "required",
        "message": "is absent: every row has to have it",
        "raw": '{"id":1,"price":0.10,"at":"2026-11-26T10:00:00","seen":"2026-11-26T10:00:00Z",'
        '"some":[0.1],"times":["2026-11-26 10:00:00"],"note":null}',
    }


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_bad_in_a_column_of_numbers_alone(value: str) -> None:
    data = parquet_of(f"SELECT '{value}'::DOUBLE AS a, '{value}'::DOUBLE AS b UNION ALL SELECT 1.5, 2.5")
    assert result_of("parquet", data, columns({"name": "b", "type": "number"})).problems == {(1, "b", "type")}


def test_nulls_are_absent_to_a_schema() -> None:
    named = spec(schema={"properties": {"a": {"type": "integer"}}, "required": ["b"]})
    found = result_of("parquet", parquet_of("SELECT NULL::INT AS a, 1 AS b UNION ALL SELECT 1, NULL"), named)
    assert found.problems == {(2, "b", "required")}


def test_names_of_columns_may_be_anything() -> None:
    named = columns({"name": 'it\'s "a" {b}', "type": "integer", "minimum": 2})
    found = result_of("parquet", parquet_of('SELECT 1 AS "it\'s ""a"" {b}" UNION ALL SELECT 2'), named)
    assert (found.problems, rows_of(found.valid)) == ({(1, 'it\'s "a" {b}', "minimum")}, [(2,)])


def test_a_row_may_be_too_long() -> None:
    data = parquet_of("SELECT repeat('x', 5000) AS a UNION ALL SELECT 'y'")
    found = result_of("parquet", data, columns(), max_row_bytes=1_000)
    assert (found.problems, rows_of(found.valid)) == ({(1, "", "too_long")}, [("y",)])
    assert found.quarantined["original"] == data


def test_without_a_spec_all_rows_are_good() -> None:
    data = parquet_of(IDS)
    found = result_of("parquet", data)
    assert (found.facts["rows"], found.facts["columns"], found.valid == data) == (20_000, ["id"], True)


def test_damage_is_found_in_every_column_without_a_spec() -> None:
    data = bytearray(parquet_of("SELECT 1 AS a, [md5(i::VARCHAR)] AS b FROM range(2000) AS numbers(i)"))
    data[5_000:5_400] = b"\xff" * 400
    with pytest.raises(Rejected, match="cannot be read"):
        result_of("parquet", bytes(data))


def test_nanoseconds_are_checked_and_stay() -> None:
    data = arrow([1_234_567_891, None], pa.timestamp("ns", tz="UTC"))
    found = result_of("parquet", data, columns({"name": "a", "type": "timestamp", "required": True}))
    assert found.problems == {(2, "a", "required")}
    assert pq.read_table(io.BytesIO(found.valid))["a"].cast(pa.int64()).to_pylist() == [1_234_567_891]


@pytest.mark.parametrize("place", [4, 2_000, 30_000, -9, -100], ids=str)
@pytest.mark.parametrize("named", [None, STRICT], ids=["form alone", "spec"])
def test_a_damaged_file_is_rejected_or_read_as_it_was(place: int, named: Named | None) -> None:
    data = bytearray(parquet_of(IDS))
    data[place : place + 8 or None] = bytes(each ^ 0xFF for each in data[place : place + 8 or None])
    try:
        rows = result_of("parquet", bytes(data), named).facts["rows"]
    except Rejected as verdict:
        rows = verdict.code
        no_place_in_it = "/tmp" not in verdict.message  # noqa: S108
        assert no_place_in_it
    assert rows in {20_000, "unreadable_parquet"}


DAMAGED = {
    "nothing but the magic": b"PAR1PAR1",
    "a footer that is longer than the file": b"PAR1" + b"x" * 50 + b"\xff\xff\xff\x7fPAR1",
    "cut short": parquet_of(IDS)[:-100],
    "no Parquet": b"id,name\n1,Ann\n",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_what_is_no_parquet_is_rejected(data: bytes) -> None:
    with pytest.raises(Rejected) as verdict:
        result_of("parquet", data)
    assert verdict.value.code == "unreadable_parquet"


def arrow(values: list[Any], kind: pa.DataType, name: str = "a", **how: Any) -> bytes:
    """What others than DuckDB write: a column of this type, and one that has it within; both may be null."""
    file = io.BytesIO()
    table = pa.table({name: pa.array(values, kind), "n": pa.array([[value] for value in values], pa.list_(kind))})
    pq.write_table(table, file, **how)
    return file.getvalue()


def alike(first: str, second: str) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table([[1, None], [2, 3]], names=[first, second]), file)
    return file.getvalue()


INNER = pa.struct([("x", pa.int64()), ("X", pa.int64())])
READ_OTHERWISE = {
    "names that differ in case alone": (alike("a", "A"), ["'A'"]),
    "a name that is empty": (alike("a", ""), ["''"]),
    "names within that differ in case alone": (arrow([{"x": 1}, None], INNER), ["'a'", "'n'"]),
    "long decimals": (arrow([Decimal("9" * 40), None], pa.decimal256(40)), ["'a'", "'n'"]),
}
WRITTEN_OTHERWISE = arrow([1_234_567_891, None], pa.timestamp("ns"), use_deprecated_int96_timestamps=True)


@pytest.mark.parametrize("name", READ_OTHERWISE)
def test_columns_that_would_be_checked_as_something_else_are_rejected_where_there_is_a_spec(name: str) -> None:
    data, told = READ_OTHERWISE[name]
    assert result_of("parquet", data).valid == data
    with pytest.raises(Rejected) as verdict:
        result_of("parquet", data, columns())
    assert verdict.value.code == "unsupported_columns"
    assert re.findall(r"('\w*') \(", verdict.value.message) == told


def test_timestamps_that_would_be_cut_are_rejected_where_rows_have_to_go() -> None:
    assert result_of("parquet", WRITTEN_OTHERWISE, columns()).valid == WRITTEN_OTHERWISE
    with pytest.raises(Rejected, match=r"'a'.*INT96.*write the file with") as verdict:
        result_of("parquet", WRITTEN_OTHERWISE, columns({"name": "a", "type": "timestamp", "required": True}))
    assert verdict.value.code == "unsupported_columns"


def test_too_many_columns_are_rejected() -> None:
    with pytest.raises(Rejected, match="3 columns"):
        result_of("parquet", parquet_of("SELECT 1 AS a, 2 AS b, 3 AS c"), max_columns=2)
