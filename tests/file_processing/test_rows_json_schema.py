"""Specs by JSON Schema: problems are told by their place, and CSV is read by the schema's types."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.file_processing.tables import Result, result_of, spec

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "price": {"type": ["number", "null"], "multipleOf": 0.01},
        "gift": {"type": "boolean"},
        "name": {"type": "string"},
        "zip": {"type": ["string", "integer"]},
        "mail": {"type": "string", "format": "email"},
        "when": {"format": "date-time"},
        "tags": {"items": {"type": "object", "properties": {"n": {"maxLength": 1}}}},
    },
    "additionalProperties": False,
}
NAMED = spec(schema=SCHEMA)


def of_objects(*rows: dict[str, Any]) -> Result:
    return result_of("json_lines", "\n".join(map(json.dumps, rows)).encode(), NAMED)


def test_problems_are_told_by_their_place() -> None:
    found = of_objects({"id": 1, "tags": [{}, {"n": "ab"}]}, {"id": 0, "name": None, "x": 1, "y": 2}, {})
    assert found.problems == {
        (1, "tags[1].n", "max_length"),
        (2, "id", "minimum"),
        (2, "name", "type"),
        (2, "x", "additional_properties"),
        (2, "y", "additional_properties"),
        (3, "id", "required"),
    }


def test_formats_are_asserted() -> None:
    found = of_objects(
        {"id": 1, "mail": "a@b.ch", "when": "2026-11-26T10:00:00Z"},
        {"id": 1, "when": "2026-02-30T10:00:00Z"},
        {"id": 1, "mail": "a"},
    )
    assert found.problems == {(2, "when", "format"), (3, "mail", "format")}


def test_numbers_are_compared_with_all_their_digits() -> None:
    named = spec(schema={"properties": {"n": {"maximum": 0.3}}})
    found = result_of("json_lines", b'{"n":0.3}\n{"n":0.300000000000000000000001}\n', named)
    assert found.problems == {(2, "n", "maximum")}


def test_cells_are_read_by_the_types_of_the_schema() -> None:
    data = b"id,price,gift,name,zip,mail\n1,0.07,TRUE,5,08001,a@b.ch\n+2,1e2,false,true,x,\n"
    found = result_of("csv", data, NAMED)
    assert (found.bad, found.valid) == ([], data.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("kind", ["integer", "number"])
def test_numbers_without_a_fraction_are_integers_however_they_are_written(kind: str) -> None:
    named = spec(schema={"properties": {"n": {"type": kind, "minimum": 5}}})
    assert result_of("csv", b"n\n5\n5.0\n+1e2\n4.0\n" + b"9" * 5_000 + b"\n", named).problems == {(4, "n", "minimum")}


def test_cells_that_cannot_be_read_so_are_told() -> None:
    found = result_of("csv", b"id,price,gift\n1.5,1,true\nx,y,1\n1,0.001,yes\n", NAMED)
    assert found.problems == {
        (1, "id", "type"),
        (2, "id", "type"),
        (2, "price", "type"),
        (2, "gift", "type"),
        (3, "price", "multiple_of"),
        (3, "gift", "type"),
    }


def test_empty_cells_are_absent() -> None:
    assert result_of("csv", b"id,price,name\n1,,\n,1,x\n", NAMED).problems == {(2, "id", "required")}


def test_columns_that_the_schema_does_not_know_are_strings() -> None:
    named = spec(schema={"patternProperties": {"^n": {"type": "string"}}, "properties": {"m": True}})
    assert result_of("csv", b"n1,m\n5,6\n", named).bad == []


def test_endless_patterns_end() -> None:
    named = spec(schema={"properties": {"a": {"pattern": r"^(?=x)(x+x+)+\1y$"}}})
    found = result_of("json_lines", b'{"a":"' + b"x" * 40 + b'"}\n{"a":1}\n', named)
    assert [(bad["row"], bad["column"]) for bad in found.bad] == [(1, "a")]
