"""Entries of both tables: attributes are strings, and what is no string is JSON in one."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.structs import fields

from lambdas.iot_backend.contract import ENTRY
from lambdas.iot_backend.contract.devices import DEVICE_ID

Content = TypeVar("Content", bound=msgspec.Struct)
Item = Mapping[str, Any]


def key(device_id: str, entry: str) -> dict[str, Any]:
    """Of an entry of the device table."""
    return {DEVICE_ID: {"S": device_id}, ENTRY: {"S": entry}}


def attributes(content: msgspec.Struct) -> dict[str, Any]:
    """Of an entry, without its key; what is None is left out."""
    values = {field.name: getattr(content, field.name) for field in fields(content)}
    return {name: {"S": _text(value)} for name, value in values.items() if value is not None}


def content_of(item: Item, kind: type[Content]) -> Content:
    """What `attributes` made attributes of. A field that is not there has its default, or is None."""
    values = {
        field.name: _value(item[field.name]["S"], field.type) if field.name in item else None
        for field in fields(kind)
        if field.name in item or field.required
    }
    return msgspec.convert(values, kind)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str) else msgspec.json.encode(value).decode()


def _value(text: str, kind: Any) -> Any:
    bare = _bare(kind)
    is_text = isinstance(bare, type) and issubclass(bare, str)
    return text if is_text else msgspec.json.decode(text)


def _bare(kind: Any) -> Any:
    """A type without what it is annotated with, and without ``| None``."""
    return _bare(get_args(kind)[0]) if get_origin(kind) in {Annotated, Union, UnionType} else kind
