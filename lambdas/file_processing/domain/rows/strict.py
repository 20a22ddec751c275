"""Types of msgspec that take nothing but what a JSON Schema allows, so that reading a row proves it good.

They may be stricter than the schema, never laxer: what such a type does not take has yet to be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from math import ceil, floor
from operator import attrgetter, or_
from types import GenericAlias
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from lambdas.file_processing.domain.rows.columns import CLOCK, Fine, shaped

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_KNOWN: Final = frozenset(
    {
        *("type", "enum", "properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
        *("minLength", "maxLength", "pattern", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
    }
)
"""Other keywords make a schema inexpressible. Properties that a schema does not name are never taken."""
_OF_TEXTS: Final = frozenset({"minLength", "maxLength", "pattern", "format"})

_DAY: Final = (
    "[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
"""Without the 29th of February."""
_FORMATS: Final = {"date": _DAY, "date-time": rf"{_DAY}T{CLOCK}:[0-5][0-9](?:\.[0-9]++)?+(?:Z|[+-]{CLOCK})"}

_CLASS: Final = r"\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_.@:/+ ])+-?\]"
_PIECE: Final = re.compile(rf"([A-Za-z0-9_@:/, -]|\\[d.+*?]|{_CLASS})([*+?]|\{{[0-9]{{1,4}}(?:,[0-9]{{0,4}})?\}})?")
_PATTERN: Final = re.compile(rf"\^((?:{_PIECE.pattern})*+)\$")
"""Patterns that mean the same in ECMA's and in Python's regular expressions."""

_INTEGERS: Final = (-(2**63), 2**63 - 1)
_MOST_BOUND: Final = 2**53
"""Up to which each integer is a float."""


class Text(NamedTuple):
    """Strings that are checked many at a time, which is faster than one by one while they are read."""

    get: Callable[[Any], Any]
    """From a row: a string or UNSET."""
    fine: Fine


class Strict(NamedTuple):
    """How rows are read that are good if they can be read so."""

    type: type[msgspec.Struct]
    texts: tuple[Text, ...]


class _InexpressibleError(Exception):
    """There is no such type, or none that would be certain."""


def strict(schema: dict[str, Any]) -> Strict | None:
    """The type of rows that a valid schema allows; None if it says something that types cannot say."""
    own = {name: value for name, value in schema.items() if name != "$schema"}
    if schema.get("$schema", _DIALECT) != _DIALECT or own.get("type") != "object":
        return None
    forms: dict[str, str] = {}
    try:
        row = _object(own, forms)
    except _InexpressibleError:
        return None
    return Strict(row, tuple(Text(attrgetter(name), shaped(form)) for name, form in forms.items()))


def _type(schema: Any) -> Any:
    if not isinstance(schema, dict) or not _KNOWN.issuperset(schema):
        raise _InexpressibleError
    declared = schema.get("type")
    kinds = [declared] if isinstance(declared, str) else list(declared or ())
    if "enum" in schema:
        texts = schema["enum"]
        is_text = not kinds or "string" in kinds
        if not is_text or _OF_TEXTS & set(schema) or not all(isinstance(text, str) for text in texts):
            raise _InexpressibleError
        return Literal[tuple(texts)]
    if not kinds:
        raise _InexpressibleError
    if "number" in kinds:
        kinds = [kind for kind in kinds if kind != "integer"]
    return reduce(or_, (_KINDS[kind](schema) for kind in kinds))


def _object(schema: dict[str, Any], forms: dict[str, str] | None = None) -> type[msgspec.Struct]:
    """``forms`` takes those of its texts, if they are not to be checked while they are read."""
    properties, required = schema.get("properties", {}), set(schema.get("required", ()))
    plain = all(name.isascii() and name.isprintable() and not {'"', "\\"} & set(name) for name in properties)
    if not properties or not plain or not required <= set(properties) or not _KNOWN.issuperset(schema):
        raise _InexpressibleError
    fields: list[tuple[str, Any, Any]] = []
    for number, (name, each) in enumerate(properties.items()):
        field = f"field_{number}"
        own = each
        if forms is not None and isinstance(each, dict) and each.get("type") == "string" and "enum" not in each:
            form = _form(each)
            if form is not None:
                forms[field] = form
                own = {keyword: value for keyword, value in each.items() if keyword not in {"pattern", "format"}}
        if name in required:
            fields.append((field, _type(own), msgspec.field(name=name)))
        else:
            fields.append((field, _type(own) | UnsetType, msgspec.field(name=name, default=UNSET)))
    return msgspec.defstruct("Row", fields, forbid_unknown_fields=True, gc=False, kw_only=True)


def _array(schema: dict[str, Any]) -> Any:
    size = Meta(min_length=_size(schema, "minItems"), max_length=_size(schema, "maxItems"))
    return Annotated[GenericAlias(list, _type(schema.get("items"))), size]


def _string(schema: dict[str, Any]) -> Any:
    form = _form(schema)
    return Annotated[
        str,
        Meta(
            min_length=_size(schema, "minLength"),
            max_length=_size(schema, "maxLength"),
            pattern=None if form is None else rf"\A(?:{form})\Z",
        ),
    ]


def _form(schema: dict[str, Any]) -> str | None:
    """Python's regular expression of whole strings; no quantifier gives back what it took, so that it always ends."""
    if "pattern" not in schema:
        if "format" not in schema:
            return None
        if schema["format"] not in _FORMATS:
            raise _InexpressibleError
        return _FORMATS[schema["format"]]
    found = _PATTERN.fullmatch(schema["pattern"])
    if found is None or "format" in schema:
        raise _InexpressibleError
    return "".join(
        piece.replace(r"\d", "[0-9]") + (f"{times}+" if times else "") for piece, times in _PIECE.findall(found[1])
    )


def _size(schema: dict[str, Any], keyword: str) -> int | None:
    size = schema.get(keyword)
    if size is not None and (type(size) is not int or size > _MOST_BOUND):
        raise _InexpressibleError
    return size


def _integer(schema: dict[str, Any]) -> Any:
    least, most = _INTEGERS
    for keyword in ("minimum", "exclusiveMinimum"):
        if (bound := _bound(schema, keyword)) is not None:
            least = max(least, ceil(bound) if keyword == "minimum" else floor(bound) + 1)
    for keyword in ("maximum", "exclusiveMaximum"):
        if (bound := _bound(schema, keyword)) is not None:
            most = min(most, floor(bound) if keyword == "maximum" else ceil(bound) - 1)
    return Annotated[int, Meta(ge=least, le=most)]


def _number(schema: dict[str, Any]) -> Any:
    """Reading floats rounds, which keeps order: one beyond a bound was beyond it, one that equals it may not have."""
    low = [bound for each in ("minimum", "exclusiveMinimum") if (bound := _bound(schema, each)) is not None]
    high = [bound for each in ("maximum", "exclusiveMaximum") if (bound := _bound(schema, each)) is not None]
    floats = Meta(gt=float(max(low)) if low else None, lt=float(min(high)) if high else None)
    return _integer(schema) | Annotated[float, floats]


def _bound(schema: dict[str, Any], keyword: str) -> int | float | None:
    bound = schema.get(keyword)
    if bound is not None and not -_MOST_BOUND <= bound <= _MOST_BOUND:
        raise _InexpressibleError
    return bound


_KINDS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _: bool,
    "null": lambda _: None,
}
