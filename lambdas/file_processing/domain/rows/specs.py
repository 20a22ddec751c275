"""What rows of a prefix have to be: the files in ``schemas/``, each a list of columns or a JSON Schema."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

FOLDER = Path(__file__).parents[2] / "schemas"

NUMBERS = frozenset({"integer", "number"})


class SpecError(ValueError):
    """A spec cannot be used. It is a fault of the deployment, so files wait in the failure queue until it is mended."""


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column. Where it is absent, which empty cells of CSV and nulls are, only ``required`` is checked.

    Types by what is in a cell of CSV, or in a string of JSON for dates and timestamps:
    ``integer`` and ``number``: digits of ASCII, as ``-12``, ``007``, ``1.50``, ``6e23``; no separators of thousands.
    ``boolean``: ``true`` or ``false``, in CSV in any case.
    ``date``: ISO 8601, ``2026-11-26``. ``timestamp``: ISO 8601 with a T, ``2026-11-26T10:00:00.5Z``; the seconds, their
    fraction and the offset may be missing.
    """

    name: str
    type: Literal["string", "integer", "number", "boolean", "date", "timestamp"]
    required: bool = False
    enum: tuple[str, ...] | None = None
    """The only values of a string."""
    pattern: str | None = None
    """Python's regular expression of a whole string."""
    max_length: int | None = None
    """Characters of a string."""
    minimum: Decimal | None = None
    """Least number."""
    maximum: Decimal | None = None

    def __post_init__(self) -> None:
        of_strings = self.enum is not None or self.pattern is not None or self.max_length is not None
        of_numbers = self.minimum is not None or self.maximum is not None
        if (of_strings and self.type != "string") or (of_numbers and self.type not in NUMBERS):
            raise ValueError(
                f"column {self.name!r}: enum, pattern and max_length are for strings, minimum and maximum for numbers"
            )
        try:
            re.compile(self.pattern or "")
        except re.error as error:
            raise ValueError(f"column {self.name!r}: pattern {self.pattern!r}: {error}") from error


class Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rows of files are checked against whose names begin with ``prefix``."""

    prefix: str
    """Such as ``orders/``. Members of archives are named after the archive: ``orders/2026.zip!/may.csv``."""
    columns: tuple[Column, ...] | None = None
    additional: bool = True
    """Whether there may be more columns than these."""
    schema: dict[str, Any] | None = None
    """JSON Schema (draft 2020-12, formats are asserted) of a row, instead of columns. See `schemas.cells` for CSV."""

    def __post_init__(self) -> None:
        if (self.columns is None) == (self.schema is None):
            raise ValueError("a spec has either columns or a schema")
        names = [column.name for column in self.columns or ()]
        if len(set(names)) < len(names):
            raise ValueError(f"a column is there twice: {', '.join(names)}")
        if self.schema is not None and not self.additional:
            raise ValueError("additional is for columns: a schema says it with additionalProperties")


class Named(msgspec.Struct, frozen=True):
    """A spec and the name of its file, without ``.json``."""

    name: str
    spec: Spec


def load(folder: Path) -> tuple[Named, ...]:
    """Every spec of a folder, longest prefix first. Raises SpecError if one is malformed, or a prefix there twice."""
    named = [Named(path.stem, _read(path)) for path in sorted(folder.glob("*.json"))]
    prefixes = [each.spec.prefix for each in named]
    for prefix in prefixes:
        if prefixes.count(prefix) > 1:
            raise SpecError(f"{folder.name}: two specs have the prefix {prefix!r}")
    return tuple(sorted(named, key=lambda each: -len(each.spec.prefix)))


def _read(path: Path) -> Spec:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Spec)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{path.name}: {error}") from error


@cache
def shipped() -> tuple[Named, ...]:
    """The specs that were deployed with the code. Raises SpecError."""
    return load(FOLDER)


def spec_of(name: str, specs: tuple[Named, ...]) -> Named | None:
    """The spec with the longest prefix that a file's name begins with; None if there is none."""
    return next((each for each in specs if name.startswith(each.spec.prefix)), None)
