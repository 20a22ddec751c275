"""What may be wrong with a row, and how a check of many rows tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

MOST_PROBLEMS = 20
"""Of one row that are told."""
MOST_TEXT = 500
"""Characters of a message."""


MOST_QUOTED = 60
"""Characters of a value in a message."""


class Problem(NamedTuple):
    """One thing that is wrong with a row."""

    column: str
    """Name of the column, or path in the JSON such as ``tags[1].name``; empty where it is the whole row."""
    code: str
    """Snake case: a keyword of JSON Schema, such as ``max_length``, where there is one."""
    message: str


Found = dict[int, list[Problem]]
"""Problems by the place of the row among those that were checked; rows that are fine are not in it."""

CheckCells = Callable[[Sequence[Sequence[str]]], Found]
"""Of rows of CSV, all as wide as the header."""
CheckObjects = Callable[[Sequence[dict[str, Any]]], Found]
"""Of rows of JSON; numbers with a point or an exponent are Decimal, or floats where those are exact."""


def problem(column: str, code: str, message: str) -> Problem:
    """A problem with a message of bounded length."""
    return Problem(column, code, message if len(message) <= MOST_TEXT else message[: MOST_TEXT - 3] + "...")


def quoted(value: object) -> str:
    """A value in a message, as JSON or CSV have it; it may be huge."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool() | None:
            return str(value).lower() if value is not None else "null"
        case str():
            return repr(value if len(value) <= MOST_QUOTED else value[: MOST_QUOTED - 3] + "...")
        case _:
            return str(value)[:MOST_QUOTED]
