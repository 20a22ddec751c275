"""Rows that look good and rows that are, for schemas that can be said as types."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

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


VALUES = [
    *(
        written(text, escape=escape)
        for text in [*TEXTS, *DAYS, *(day + time for day in DAYS for time in TIMES)]
        for escape in (False, True)
    ),
    *NUMBERS,
    *ODD,
]


def _is_good(kind: dict[str, Any], value: str) -> bool:
    try:
        return Draft202012Validator(kind, validate_formats=True).is_valid(json.loads(value))
    except ValueError:
        return False


GOOD_VALUES = [[value for value in VALUES if _is_good(kind, value)] or ["0"] for kind in KINDS]


@st.composite
def tables(draw: st.DrawFn, depth: int = 1) -> tuple[dict[str, Any], st.SearchStrategy[str]]:
    """A schema of objects; and such, most of them good, in which keys may be missing, or be there twice."""
    properties, values = {}, {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        if depth and draw(st.booleans()):
            properties[name], values[name] = draw(tables(depth - 1))
        else:
            at = draw(st.integers(0, len(KINDS) - 1))
            properties[name], values[name] = KINDS[at], st.sampled_from(GOOD_VALUES[at])
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
    schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": draw(st.booleans()),
    }

    @st.composite
    def rows(draw: st.DrawFn) -> str:
        names = [name for name in properties if name in required or draw(st.booleans())]
        if rare(draw):
            names += draw(st.lists(st.sampled_from([*properties, "x"]), max_size=2))
        pairs = [
            written(name, escape=rare(draw))
            + draw(SPACES)
            + ":"
            + draw(SPACES)
            + draw(st.sampled_from(VALUES) if name == "x" or rare(draw) else values[name])
            for name in names
        ]
        return "{" + ",".join(pairs) + "}"

    return schema, rows()


def rare(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 15)) == 15
