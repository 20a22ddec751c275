"""Checks of rows against a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator, ReferencingError, ValidationError, ValidationErrorKind

from lambdas.file_processing.domain.rows.columns import FORMS
from lambdas.file_processing.domain.rows.problems import (
    MOST_PROBLEMS,
    CheckCells,
    CheckObjects,
    Found,
    Problem,
    problem,
)
from lambdas.file_processing.domain.rows.specs import Named, SpecError

_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}+").fullmatch
"""Python refuses to read longer ones."""
_NUMBER = re.compile(FORMS["number"]).fullmatch
_BOOLEANS = {"true": True, "false": False}


def validator(named: Named) -> Draft202012Validator:
    """Raises SpecError for what is no schema, knows a format that nobody knows, or refers to other documents."""
    try:
        return Draft202012Validator(
            named.spec.schema or {}, validate_formats=True, ignore_unknown_formats=False, offline=True
        )
    except (ValidationError, ReferencingError, ValueError) as error:
        raise SpecError(f"{named.name}.json: {error}") from error


def objects(named: Named) -> CheckObjects:
    """Checks rows of JSON. Raises SpecError."""
    schema = validator(named)

    def check(rows: Sequence[dict[str, Any]]) -> Found:
        valid = schema.is_valid
        return {place: _problems(schema, row) for place, row in enumerate(rows) if not valid(row)}

    return check


def cells(named: Named, header: Sequence[str]) -> CheckCells:
    """Checks rows of CSV, as if each were an object without the empty cells. Raises SpecError.

    Cells are read as the type that the schema's own ``properties`` give the column: ``integer``, ``number``,
    ``boolean``; what cannot be read so, and all other columns, are strings.
    """
    check_objects = objects(named)
    properties = (named.spec.schema or {}).get("properties", {})
    readers = [(place, reader) for place, name in enumerate(header) if (reader := _reader(properties.get(name)))]

    def check(rows: Sequence[Sequence[str]]) -> Found:
        typed: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, reader in readers if typed else ():
            typed[place] = list(map(reader, typed[place]))
        return check_objects(
            [
                {name: value for name, value in zip(header, row, strict=True) if value != ""}
                for row in zip(*typed, strict=True)
            ]
        )

    return check


def _reader(schema: Any) -> Callable[[str], Any] | None:
    """How the text of a column is read; None if it is a string."""
    declared = schema.get("type") if isinstance(schema, dict) else None
    types = {declared} if isinstance(declared, str) else set(declared or ())
    if "string" in types or not types & {"integer", "number", "boolean"}:
        return None

    is_numeric = bool(types & {"integer", "number"})

    def read(text: str) -> Any:
        if is_numeric and _INTEGER(text):
            return int(text)
        if is_numeric and _NUMBER(text):
            return Decimal(text)  # 5.0 is an integer, too
        return _BOOLEANS.get(text.lower(), text) if "boolean" in types else text

    return read


def _problems(schema: Draft202012Validator, row: dict[str, Any]) -> list[Problem]:
    errors = (each for error in schema.iter_errors(row) for each in _told(error))
    return list(islice(errors, MOST_PROBLEMS))


def _told(error: ValidationError) -> Iterator[Problem]:
    """What is missing, or is too much, is told by its own name."""
    code = re.sub("(?=[A-Z])", "_", error.kind.name).lower()
    path = error.instance_path
    match error.kind:
        case ValidationErrorKind.Required(property=str(name)):
            names = [name]
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            pass
        case _:
            names = []
    for place in [[*path, name] for name in names] or [path]:
        yield problem(_column(place), code, error.message)


def _column(path: Sequence[str | int]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
