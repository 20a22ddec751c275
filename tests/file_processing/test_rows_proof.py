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
from tests.file_processing.tables import Result, result_of, spec

READINGS = next(each for each in shipped() if each.name == "readings")
KINDS: list[dict[str, Any]] = [
    {"type": "integer"},
    {"type": "integer", "minimum": -1.5, "exclusiveMaximum": 3},
    {"type": "integer", "exclusiveMinimum": 0, "maximum": 2.5},
    {"type": "number"},
    {"type": "number", "minimum": 0.3, "maximum": 100},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.3},
    {"type": ["number", "null", "integer"], "minimum": 1},
    {"type": "string", "pattern": r"^[a-c]{1,2}-?\d+$"},
    {"type": "string", "pattern": "^a*[a-b]*$", "maxLength": 3},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "date"},
    {"type": ["string", "null"], "format": "date-time", "minLength": 1},
    {"type": "string", "minLength": 1, "maxLength": 2},
    {"type": ["string", "boolean"], "maxLength": 1},
    {"enum": ["a", "b:", "é"]},
    {"type": "string", "enum": ["a"], "pattern": "^b$"},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 1, "maxItems": 2},
]
NAMES = ["a", "b", "b:", "c d"]
TEXTS = [
    "a",
    "ab-1",
    "a\n",
    "ab",
    "b:",
    "é",
    "",
    ":",
    '":',
    "0e1",
    "😀",
    "c12",
    "2024-02-29",
    "2023-02-29",
    "2024-12-31",
]
TIMES = [
    *("T10:00:00Z", "t10:00:00z", " 10:00:00Z", "T10:00:00.123456789Z", "T10:00:00+01:00", "T10:00:00+0100"),
    *(
        "T10:00:00-23:59",
        "T10:00:00+24:00",
        "T23:59:60Z",
        "T24:00:00Z",
        "T10:00Z",
        "T10:00:00",
        "T10:00:00Z\n",
        "T10:00:00.Z",
    ),
]
DAYS = ["2024-02-28", "2023-02-29", "2024-04-30", "2024-04-31", "2024-12-31", "0000-01-01", "2024-00-10", "2024-1-1"]
NUMBERS = [
    *("0", "-0", "0.0", "-0.0", "1", "1.0", "2.5", "3", "1e0", "1E2", "100.0", "100", "0.3", "-1", "-2"),
    *("0.30000000000000000001", "0.29999999999999999999", "100.00000000000000000001", "99.999999999999999999999"),
    *("1e-400", "-1e-400", "1e400", "1e-99999999999999999999", "0e99999999999999999999", "1e99999999999999999999"),
    *("9223372036854775807", "9223372036854775808", "123456789012345678901234567890", "9" * 400, "9" * 5000),
    *("01", "1.", ".5", "+1", "NaN", "Infinity"),
]
ODD = [
    "true",
    "null",
    "[]",
    "{}",
    r'"\ud800"',
    r'"\u0061"',
    r'"b\u003a"',
    r'"\u003A"',
    '"\xff"',
    '"a',
    "[1e-400]",
    "[1,2.5]",
]
SPACES = st.sampled_from(["", "", "", " ", "\t"])


def written(text: str, *, escape: bool) -> str:
    """A string of JSON; its first character, too, may be escaped."""
    escaped = escape and text and ord(text[0]) < 0xFFFF
    return f'"\\u{ord(text[0]):04x}{json.dumps(text[1:])[1:]}' if escaped else json.dumps(text, ensure_ascii=False)


STRINGS = st.builds(
    written,
    st.sampled_from(TEXTS) | st.builds(str.__add__, st.sampled_from(DAYS), st.sampled_from(TIMES)),
    escape=st.sampled_from([False, False, True]),
)
VALUES = STRINGS | st.sampled_from(NUMBERS) | st.sampled_from(ODD)
KEYS = st.builds(written, st.sampled_from([*NAMES, "x"]), escape=st.sampled_from([False, False, False, True]))


@st.composite
def texts(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """An object, in which keys may be there twice."""
    pairs = draw(st.lists(st.tuples(KEYS, SPACES, SPACES, values), max_size=4))
    return "{" + ",".join(f"{key}{before}:{after}{value}" for key, before, after, value in pairs) + "}"


@st.composite
def schemas(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    """Of objects."""
    kinds = st.sampled_from(KINDS) | schemas(depth - 1) if depth else st.sampled_from(KINDS)
    properties = draw(st.dictionaries(st.sampled_from(NAMES), kinds, min_size=1))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": draw(st.booleans()),
    }


def outcome(kind: str, data: bytes, named: Named) -> Result | str:
    try:
        return result_of(kind, data, named, max_row_bytes=20_000)
    except Rejected as verdict:
        return verdict.code


def assert_same(rows: Iterable[str], named: Named) -> None:
    """With and without proof."""
    lines = [row.encode("utf-8", "surrogateescape").replace(b"\xc3\xbf", b"\xff") for row in rows]
    for kind, module, data in (
        ("json_lines", json_lines, b"\n".join(lines)),
        ("json", json_rows, b"[" + b",\n".join(lines) + b"]"),
    ):
        quick = outcome(kind, data, named)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "proof", lambda _: None)
            assert quick == outcome(kind, data, named)


@settings(deadline=None, max_examples=200)
@given(schemas(), st.lists(texts(VALUES | texts(VALUES)), max_size=8))
def test_any_rows_get_the_verdict_of_the_checks(schema: dict[str, Any], rows: list[str]) -> None:
    assert_same(rows, spec(schema=schema))


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(KINDS), st.lists(VALUES, min_size=1, max_size=30))
def test_any_value_gets_the_verdict_of_the_checks(kind: dict[str, Any], values: list[str]) -> None:
    for schema in (kind, {"type": "object", "properties": {"a": kind}}):
        rows = [f'{{"a":{value}}}' if schema is kind else f'{{"a":{{"a":{value}}}}}' for value in values]
        assert_same(rows, spec(schema={"type": "object", "properties": {"a": schema}}))


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
    found = result_of("json_lines", f'{{}}\n{{"a":{row}}}'.encode(), named)
    assert found.problems == {(2, "", "too_deep")}
