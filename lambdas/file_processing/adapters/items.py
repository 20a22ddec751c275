"""Items of the catalog table: their keys, their values, and expressions that change them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self, TypeVar

import msgspec
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from lambdas.file_processing.contract.tables import PARTITION, SORT

# All that the table resource of boto3 would be loaded for.
to_dynamo = TypeSerializer().serialize
_from_dynamo = TypeDeserializer().deserialize

T = TypeVar("T")

_NEW = f"attribute_not_exists({PARTITION})"


def key(partition: str, entry: str) -> dict[str, Any]:
    """Primary key of an item."""
    return {PARTITION: {"S": partition}, SORT: {"S": entry}}


def from_item(item: Mapping[str, Any], kind: type[T]) -> T:
    """The value that an item holds; its other attributes are left alone."""
    return msgspec.convert({name: _plain(_from_dynamo(value)) for name, value in item.items()}, kind)


def to_item(value: msgspec.Struct) -> dict[str, Any]:
    """Attributes that `from_item` reads."""
    return {name: to_dynamo(each) for name, each in msgspec.to_builtins(value).items()}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return int(value)
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case _:
            return value


class Update:
    """Expressions of an update, in which every name has an alias: many of them are reserved words."""

    def __init__(self) -> None:
        self._adds: list[str] = []
        self._sets: list[str] = []
        self._condition: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def add(self, name: str, value: int) -> Self:
        """Adds to a number; one that is absent counts as 0."""
        self._adds.append(f"{self._name(name)} {self._value(to_dynamo(value))}")
        return self

    def set(self, name: str, value: Any) -> Self:
        """Sets an attribute."""
        self._sets.append(f"{self._name(name)} = {self._value(to_dynamo(value))}")
        return self

    def when(self, name: str, value: Any) -> Self:
        """Only where an attribute has this value."""
        self._condition = {"ConditionExpression": f"{self._name(name)} = {self._value(to_dynamo(value))}"}
        return self

    def when_new(self) -> Self:
        """Only where there is no item yet."""
        self._condition = {"ConditionExpression": _NEW}
        return self

    def when_at_most(self, bounds: Mapping[str, int]) -> Self:
        """Only where there is no item yet, or one of whose numbers none is beyond its bound."""
        within = (f"{self._name(name)} <= {self._value(to_dynamo(bound))}" for name, bound in bounds.items())
        self._condition = {"ConditionExpression": f"{_NEW} OR {' AND '.join(within)}"}
        return self

    def condition(self) -> dict[str, Any]:
        """The condition alone, for writes of whole items."""
        return {
            **self._condition,
            "ExpressionAttributeNames": self._names,
            "ExpressionAttributeValues": self._values,
        }

    def request(self) -> dict[str, Any]:
        """Parameters of an update."""
        adding = [f"ADD {', '.join(self._adds)}"] if self._adds else []
        setting = [f"SET {', '.join(self._sets)}"] if self._sets else []
        return {"UpdateExpression": " ".join(adding + setting), **self.condition()}

    def _name(self, name: str) -> str:
        alias = f"#n{len(self._names)}"
        self._names[alias] = name
        return alias

    def _value(self, value: Any) -> str:
        alias = f":v{len(self._values)}"
        self._values[alias] = value
        return alias
