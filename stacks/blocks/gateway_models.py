"""Models that a REST API holds bodies against: JSON Schema draft 4, made of the structs of a contract.

"Data models for REST APIs" (API Gateway Developer Guide) names the draft.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"

_DOCUMENTATION = ("title", "description", "default")
_AS_THEY_ARE = (
    "additionalProperties",
    "enum",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "required",
    "type",
)

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ANCHORS = {"A": "^", "Z": "$"}
_OF_PYTHON_ALONE = re.compile(r"\\[bBdDsSwW]|\(\?[^:=!]")
"""Classes of characters that are larger in Python, and groups that are not elsewhere."""


def draft_4(model: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a struct; it takes what msgspec takes.

    Raises:
        ValueError: the struct needs something of newer drafts, or a pattern something of Python's.
    """
    whole = msgspec.json.schema(model)
    return {"$schema": _DRAFT_4, **_translated(whole, whole.get("$defs", {}))}


def _translated(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Definitions are put where they are referred to: draft 4 keeps them elsewhere."""
    if "$ref" in schema:
        return _translated(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {
        keyword: _value(keyword, value, definitions)
        for keyword, value in schema.items()
        # An empty list of required fields is none in draft 4.
        if keyword not in _DOCUMENTATION and (keyword, value) != ("required", [])
    }


def _value(keyword: str, value: Any, definitions: dict[str, Any]) -> Any:
    match keyword, value:
        case "properties", dict():
            return {name: _translated(each, definitions) for name, each in value.items()}
        case (("items" | "additionalProperties"), dict()):
            return _translated(value, definitions)
        case "anyOf", list():
            return [_translated(each, definitions) for each in value]
        case "pattern", str():
            return _as_ecma_262(value)
        case _ if keyword in _AS_THEY_ARE:
            return value
    raise ValueError(f"{keyword!r} of {value!r} has no translation into JSON Schema draft 4 yet: write one")


def _as_ecma_262(pattern: str) -> str:
    """With ``^`` for ``\\A`` and ``$`` for ``\\Z``, which mean the same there: nothing may come before or after."""
    if _OF_PYTHON_ALONE.search(pattern):
        raise ValueError(f"pattern {pattern!r} has something that means more in Python than in ECMA 262: do without")
    return _ESCAPED.sub(lambda escaped: _ANCHORS.get(escaped[1], escaped[0]), pattern)
