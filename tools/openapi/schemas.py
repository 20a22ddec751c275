"""JSON Schemas of a contract's models, as OpenAPI 3.1 documents have them."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec

Schema = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"

_WHOLE = re.compile(r"\\A(.*)\\Z", re.DOTALL)
_OF_PYTHON_ALONE = re.compile(r"\\[AZ]|\(\?[^:=!]")


def components(models: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each model, and of all that they are made of by name.

    Raises:
        ValueError: a pattern has something of Python's.
    """
    wanted = list(models)
    schemas, found = msgspec.json.schema_components(wanted, ref_template=_REFERENCE)
    documented = {each.__name__: _field_docs(each) for each in _structs(wanted)}
    for name, schema in found.items():
        for field, said in documented.get(name, {}).items():
            schema["properties"][field]["description"] = said
    return [_translated(each) for each in schemas], {name: _translated(each) for name, each in found.items()}


def parameters(model: type[msgspec.Struct]) -> list[tuple[str, Schema, bool]]:
    """Name, schema and need of each field of a struct that is read from a path or a query, where there is no null."""
    _, found = components([model])
    schema = found[model.__name__]
    return [(name, _without_null(each), name in schema["required"]) for name, each in schema["properties"].items()]


def reference_to(name: str) -> Schema:
    """To a schema among the components."""
    return {"$ref": _REFERENCE.format(name=name)}


def _as_markdown(docstring: str) -> str:
    """A docstring as descriptions have it."""
    return inspect.cleandoc(docstring).replace("``", "`")


def _without_null(schema: Schema) -> Schema:
    kinds = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    return {**kinds[0], **rest}


def _translated(schema: Any) -> Any:
    match schema:
        case {"enum": [*values]} if all(isinstance(each, str) for each in values):
            return {"type": "string", **{name: _value(name, value) for name, value in schema.items()}}
        case dict():
            return {name: _value(name, value) for name, value in schema.items()}
        case list():
            return [_translated(each) for each in schema]
    return schema


def _value(keyword: str, value: Any) -> Any:
    match keyword, value:
        case (("default" | "enum" | "examples" | "required"), _):
            return value
        case "properties", dict():
            return {name: _translated(each) for name, each in value.items()}
        case "pattern", str():
            return _as_ecma_262(value)
        case "description", str():
            return _as_markdown(value)
    return _translated(value)


def _as_ecma_262(pattern: str) -> str:
    """``\\A…\\Z`` as ``^…$``, which there mean the same; in Python ``$`` lets a line feed follow."""
    whole = _WHOLE.fullmatch(pattern)
    inside = whole[1] if whole else pattern
    if _OF_PYTHON_ALONE.search(inside):
        raise ValueError(f"pattern {pattern!r} has something that regular expressions of ECMA 262 have not: do without")
    if not whole:
        return pattern
    return f"^(?:{inside})$" if "|" in inside else f"^{inside}$"


def _structs(models: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """All structs that models are made of."""
    found: set[type[msgspec.Struct]] = set()
    waiting = [msgspec.inspect.type_info(each) for each in models]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in found:
                continue
            found.add(info.cls)
            waiting += [field.type for field in info.fields]
        else:
            parts = (getattr(info, name) for name in info.__struct_fields__)
            inside = [each for part in parts for each in (part if isinstance(part, tuple) else (part,))]
            waiting += [each for each in inside if isinstance(each, msgspec.inspect.Type)]
    return found


def _field_docs(model: type[msgspec.Struct]) -> dict[str, str]:
    """What stands below a field as a string, which Python itself forgets."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    body = [statement for each in tree.body if isinstance(each, ast.ClassDef) for statement in each.body]
    docs = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                docs[name] = said
    return docs
