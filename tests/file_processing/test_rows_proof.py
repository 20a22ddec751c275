"""Rows that are proven good by reading them as a type: the verdicts are those of the checks, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.file_processing.domain.processing import Rejected
from lambdas.file_processing.domain.rows import json as json_rows
from lambdas.file_processing.domain.rows import json_lines
from lambdas.file_processing.domain.rows.checks import proof
from lambdas.file_processing.domain.rows.specs import Named, shipped
from tests.file_processing.hostile_rows import GOOD_VALUES, KINDS, NUMBERS, ODD, VALUES, tables
from tests.file_processing.tables import Result, result_of, spec

READINGS = next(each for each in shipped() if each.name == "readings")


def outcome(kind: str, data: bytes, named: Named) -> Result | str:
    try:
        return result_of(kind, data, named, max_row_bytes=20_000)
    except Rejected as verdict:
        return verdict.code


def assert_same(rows: Iterable[str], named: Named) -> None:
    """With and without proof."""
    lines = [row.encode("utf-8", "surrogateescape").replace(b"\xc3\xbf", b"\xff") for row in rows]
    for kind, module, data in (
        ("json_lines", json_lines, b"\n".join(lines) + b"\n"),
        ("json", json_rows, b"[" + b",\n".join(lines) + b"]"),
    ):
        quick = outcome(kind, data, named)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "proof", lambda _: None)
            assert quick == outcome(kind, data, named)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_rows_get_the_verdict_of_the_checks(data: st.DataObject) -> None:
    schema, rows = data.draw(tables())
    assert_same(data.draw(st.lists(rows, max_size=12)), spec(schema=schema))


@pytest.mark.parametrize("at", range(len(KINDS)))
def test_any_value_gets_the_verdict_of_the_checks(at: int) -> None:
    kind = KINDS[at]
    inner = {"type": "object", "properties": {"a": kind}}
    assert_same((f'{{"a":{value}}}' for value in VALUES), spec(schema=inner))
    assert_same(
        (f'{{"b":{{"a":{value}}}}}' for value in VALUES), spec(schema={"type": "object", "properties": {"b": inner}})
    )


@pytest.mark.parametrize("at", range(len(KINDS)))
def test_any_value_that_is_there_twice_is_bad(at: int) -> None:
    rows = "".join(f'{{"a":{value},"a":{value}}}\n' for value in GOOD_VALUES[at])
    named = spec(schema={"type": "object", "properties": {"a": KINDS[at]}})
    assert result_of("json_lines", rows.encode(), named).valid == b""


READING = {
    "sensor": "ab-1",
    "at": "2026-11-01T00:00:00Z",
    "value": 20.01,
    "unit": "C",
    "battery": 0,
    "position": {"latitude": 47.309999999999995, "longitude": 8.5},
    "tags": ["a:b", '"', "é"],
}


@settings(deadline=None, max_examples=150)
@example(0, "", 0)
@given(st.integers(0, 250), st.sampled_from([*'":{}[],\\ \t-0e9\xff', *ODD, *NUMBERS, '"value":1,']), st.integers(0, 4))
def test_a_damaged_row_gets_the_verdict_of_the_checks(place: int, put: str, cut: int) -> None:
    good = json.dumps(READING)
    assert_same([good, good[:place] + put + good[place + cut :], good], READINGS)


def test_a_row_in_which_a_required_key_is_missing_is_bad() -> None:
    rows = [
        {name: value for name, value in READING.items() if name != left} for left in ("unit", "sensor", "at", "value")
    ]
    found = result_of("json_lines", "\n".join(map(json.dumps, rows)).encode(), READINGS)
    assert found.problems == {(2, "sensor", "required"), (3, "at", "required"), (4, "value", "required")}


def test_texts_are_checked_where_others_are_absent() -> None:
    named = spec(
        schema={"type": "object", "properties": {"a": {"type": "string", "pattern": "^a+$"}, "b": {"enum": ["b"]}}}
    )
    found = result_of("json_lines", b'{"b":"b"}\n{"a":"aa"}\n{"b":"b"}\n{"a":"c"}\n', named)
    assert found.problems == {(4, "a", "pattern")}


GOOD = st.fixed_dictionaries(
    {
        "sensor": st.from_regex("[a-z]{2,10}-[0-9]{1,6}", fullmatch=True),
        "at": st.datetimes().filter(lambda at: (at.month, at.day) != (2, 29)).map(lambda at: at.isoformat() + "Z"),
        "value": st.integers(-273, 10_000) | st.floats(-273, 9_999).filter(lambda value: "e" not in repr(value)),
    },
    optional={
        "unit": st.sampled_from(["C", "K", "hPa", "%"]),
        "battery": st.integers(0, 100),
        "tags": st.lists(st.text(max_size=40), max_size=20),
    },
)


@settings(deadline=None)
@given(st.lists(GOOD, min_size=1))
def test_what_usual_rows_hold_is_proven(rows: list[dict[str, Any]]) -> None:
    known = proof(READINGS)
    assert known
    assert known.doubtful([json.dumps(row, ensure_ascii=False).encode() for row in rows]) == []


INEXPRESSIBLE: dict[str, dict[str, Any]] = {
    "another dialect": {"$schema": "http://json-schema.org/draft-04/schema#"},
    "a rule for the whole row": {"minProperties": 1},
    "a rule for other names": {"patternProperties": {"a": {"type": "string"}}},
    "a reference": {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}},
    "a required key of any value": {"required": ["b"]},
    "a key of any value": {"properties": {"a": {}}},
    "multiples": {"properties": {"a": {"type": "number", "multipleOf": 0.01}}},
    "a pattern that is not anchored": {"properties": {"a": {"type": "string", "pattern": "a"}}},
    "a pattern with choices": {"properties": {"a": {"type": "string", "pattern": "^(a|b)$"}}},
    "a pattern of complements": {"properties": {"a": {"type": "string", "pattern": "^[^a]$"}}},
    "another format": {"properties": {"a": {"type": "string", "format": "email"}}},
    "a choice of texts with a pattern": {"properties": {"a": {"enum": ["a"], "pattern": "^b$"}}},
    "numbers to choose from": {"properties": {"a": {"enum": [1, "a"]}}},
}


@pytest.mark.parametrize("name", INEXPRESSIBLE)
def test_nothing_is_proven_where_a_type_cannot_say_what_the_schema_says(name: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}} | INEXPRESSIBLE[name]
    assert proof(spec(schema=schema)) is None


def test_rows_deeper_than_rows_may_be_are_not_proven() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    row = "1"
    for _ in range(101):
        schema, row = {"type": "array", "items": schema}, f"[{row}]"
    named = spec(schema={"type": "object", "properties": {"a": schema}})
    found = result_of("json_lines", f'{{"a":[]}}\n{{"a":{row}}}\n'.encode(), named)
    assert found.problems == {(2, "", "too_deep")}


def test_patterns_end_that_would_try_all_ways_to_part_a_text() -> None:
    named = spec(schema={"type": "object", "properties": {"a": {"type": "string", "pattern": "^" + "a*" * 9 + "$"}}})
    found = result_of("json_lines", b'{"a":"a"}\n{"a":"' + b"a" * 5_000 + b'c"}\n', named)
    assert found.problems == {(2, "a", "pattern")}
