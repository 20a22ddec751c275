"""The check that a file's spec asks for; without a spec, there is none beyond the form."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lambdas.file_processing.domain.rows import columns, json_schema
from lambdas.file_processing.domain.rows.objects import MOST_DEPTH, depth_of
from lambdas.file_processing.domain.rows.problems import CheckCells, CheckObjects
from lambdas.file_processing.domain.rows.proof import Proof
from lambdas.file_processing.domain.rows.specs import Named
from lambdas.file_processing.domain.rows.strict import strict


def check_cells(named: Named | None, header: Sequence[str]) -> CheckCells | None:
    """For rows of CSV. Raises SpecError."""
    if named is None:
        return None
    return json_schema.cells(named, header) if named.spec.columns is None else columns.cells(named.spec, header)


def check_objects(named: Named | None) -> CheckObjects | None:
    """For rows of JSON and Parquet. Raises SpecError."""
    if named is None:
        return None
    return json_schema.objects(named) if named.spec.columns is None else columns.objects(named.spec)


def by_columns(named: Named | None) -> bool:
    """Whether there is a spec by columns."""
    return named is not None and named.spec.columns is not None


def proof(named: Named | None) -> Proof | None:
    """Proves rows of JSON good, where the spec can be said as a type; to be used beside `check_objects`."""
    schema = named.spec.schema if named else None
    # A schema is at least as deep as the rows that a type can be made for: those that are too deep must not pass.
    if schema is None or depth_of(msgspec.json.encode(schema)) > MOST_DEPTH:
        return None
    known = strict(schema)
    return Proof(known) if known else None
