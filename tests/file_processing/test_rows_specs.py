"""Specs are found by prefix, and a malformed one is never taken for one that allows everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.domain.processing import Input
from lambdas.file_processing.domain.rows import csv, specs
from lambdas.file_processing.domain.rows.checks import check_cells, check_objects
from lambdas.file_processing.domain.rows.specs import SpecError, load, shipped, spec_of

ID = {"name": "id", "type": "integer"}


def folder_of(path: Path, **files: Any) -> Path:
    """Specs by the names of their files."""
    for name, content in files.items():
        (path / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("named", shipped(), ids=lambda named: named.name)
def test_specs_that_are_shipped_can_be_used(named: specs.Named) -> None:
    assert check_objects(named)
    assert check_cells(named, ["id"])


def test_there_are_samples_of_both_sorts() -> None:
    assert {(each.name, each.spec.prefix, each.spec.schema is None) for each in shipped()} >= {
        ("orders", "orders/", True),
        ("readings", "readings/", False),
    }


def test_the_longest_prefix_wins(tmp_path: Path) -> None:
    prefixes = {"a": "", "b": "orders/", "c": "orders/2026/", "d": "orders/2026.zip!/"}
    found = load(folder_of(tmp_path, **{name: {"prefix": each, "columns": [ID]} for name, each in prefixes.items()}))
    names = {"x": "a", "orders/x": "b", "orders/2026/x": "c", "orders/2026.zip!/x": "d", "orders/2025.zip!/x": "b"}
    for name, expected in names.items():
        assert spec_of(name, found).name == expected  # type: ignore[union-attr]


def test_names_that_no_prefix_begins_have_no_spec(tmp_path: Path) -> None:
    found = load(folder_of(tmp_path, a={"prefix": "orders/", "columns": [ID]}))
    assert spec_of("in/orders/x", found) is None


MALFORMED: dict[str, Any] = {
    "no JSON": "{",
    "neither columns nor schema": {"prefix": "a"},
    "both": {"prefix": "a", "columns": [ID], "schema": {}},
    "no prefix": {"columns": [ID]},
    "misspelt": {"prefix": "a", "colums": [ID], "columns": [ID]},
    "a misspelt rule": {"prefix": "a", "columns": [ID | {"minimun": 1}]},
    "an unknown type": {"prefix": "a", "columns": [ID | {"type": "int"}]},
    "a column twice": {"prefix": "a", "columns": [ID, ID]},
    "a rule of another type": {"prefix": "a", "columns": [ID | {"pattern": "x"}]},
    "a bound of a string": {"prefix": "a", "columns": [ID | {"type": "string", "minimum": 1}]},
    "a bad pattern": {"prefix": "a", "columns": [ID | {"type": "string", "pattern": "("}]},
    "additional beside a schema": {"prefix": "a", "schema": {}, "additional": False},
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_spec_is_an_error(content: Any, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"broken\.json"):
        load(folder_of(tmp_path, broken=content))


SCHEMAS: dict[str, Any] = {
    "an unknown type": {"type": "int"},
    "a bad pattern": {"properties": {"a": {"pattern": "("}}},
    "an unknown format": {"properties": {"a": {"format": "postcode"}}},
    "another document": {"$ref": "https://example.com/a.json"},
    "a definition that is missing": {"$ref": "#/$defs/a"},
    "a bound that is no number": {"properties": {"a": {"minimum": "1"}}},
}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_malformed_schema_is_an_error(schema: Any, tmp_path: Path) -> None:
    (named,) = load(folder_of(tmp_path, broken={"prefix": "a", "schema": schema}))
    with pytest.raises(SpecError, match=r"broken\.json"):
        check_objects(named)


def test_two_specs_may_not_have_the_same_prefix(tmp_path: Path) -> None:
    one = {"prefix": "orders/", "columns": [ID]}
    with pytest.raises(SpecError, match="orders/"):
        load(folder_of(tmp_path, a=one, b=one))


def test_a_malformed_spec_is_no_verdict_on_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specs, "FOLDER", folder_of(tmp_path, broken="{"))
    monkeypatch.setattr(csv, "shipped", shipped.__wrapped__)
    (tmp_path / "in").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(SpecError):
        csv.process(Input(path=tmp_path / "in", name="any", kind="csv", size=8), tmp_path, Limits())
