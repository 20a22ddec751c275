"""Which source items a pipeline is about, in a form that Lambda can filter by before it invokes the function.

A condition looks at one attribute under one type. It is decided here by `SourceFilter.selects`, and by AWS through
`SourceFilter.patterns`; both must agree, so a condition is no more than event filter patterns can say ("Using event
filtering with a DynamoDB event source", Lambda Developer Guide: numbers are text there, so they only compare equal).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdas.table_etl.domain.attributes import Item
from lambdas.table_etl.domain.digits import NumberError, number_text

TYPES = ("S", "N", "BOOL")


@dataclass(frozen=True)
class Rule:
    """One way for a value to be as wanted: exactly ``equals``, beginning with ``prefix``, or not there at all."""

    equals: str | bool | None = None
    prefix: str | None = None
    absent: bool = False

    def allows(self, value: Any) -> bool:
        """Whether a value, None for an absent one, is as wanted; numbers as DynamoDB writes them.

        Raises:
            NumberError: DynamoDB does not have the number.
        """
        if value is None:
            return self.absent
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            value = number_text(value)
        if self.prefix is not None:
            return isinstance(value, str) and value.startswith(self.prefix)
        return type(value) is type(self.equals) and bool(value == self.equals)

    @property
    def pattern(self) -> Any:
        """As an event filter pattern has it."""
        if self.absent:
            return {"exists": False}
        return {"prefix": self.prefix} if self.prefix is not None else self.equals


def equals(value: str | bool) -> Rule:  # noqa: FBT001  a value of the table's
    """Exactly this value; numbers as DynamoDB writes them, ``equals("5")``."""
    return Rule(equals=value)


def prefix(text: str) -> Rule:
    """Strings that begin so."""
    return Rule(prefix=text)


def absent() -> Rule:
    """The attribute is not there, or is of another type."""
    return Rule(absent=True)


@dataclass(frozen=True)
class Condition:
    """An attribute, under one type (``S``, ``N`` or ``BOOL``), is as one of the rules wants it."""

    attribute: str
    type: str
    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise ValueError(f"{self.attribute}: conditions are on attributes of type S, N or BOOL, not {self.type}")
        if not self.rules:
            raise ValueError(f"{self.attribute}: a condition without rules would select nothing")
        for rule in self.rules:
            if not _possible(rule, self.type):
                raise ValueError(
                    f"{self.attribute}: {rule.pattern!r} is never found under {self.type}: under S are strings, under "
                    f"BOOL true and false, under N numbers as DynamoDB writes them, such as '5' and '0.5'"
                )

    def holds(self, item: Item) -> bool:
        """Whether an item is as wanted."""
        leaf = self._leaf(item.get(self.attribute))
        return any(rule.allows(leaf) for rule in self.rules)

    def _leaf(self, value: Any) -> Any:
        """What an event filter sees of a value: nothing if it is of another type."""
        match value:
            case bool():
                return value if self.type == "BOOL" else None
            case str():
                return value if self.type == "S" else None
            case int() | Decimal():
                return value if self.type == "N" else None
        return None

    @property
    def pattern(self) -> dict[str, Any]:
        """As an event filter pattern on an image has it."""
        return {self.attribute: {self.type: [rule.pattern for rule in self.rules]}}


def _possible(rule: Rule, kind: str) -> bool:
    match kind, rule.equals:
        case _ if rule.absent:
            return True
        case "BOOL", value:
            return isinstance(value, bool)
        case "N", str(text):
            return _as_written(text)
        case _, value:
            return isinstance(value, str) or rule.prefix is not None
    return False


def _as_written(text: str) -> bool:
    """Whether it is a number as DynamoDB writes it."""
    try:
        return number_text(Decimal(text)) == text
    except (InvalidOperation, NumberError):
        return False


def where(attribute: str, kind: str, *rules: Rule) -> Condition:
    """``where("sk", "S", prefix("order#"))``: the attribute, of this type, is as one of the rules wants it."""
    return Condition(attribute, kind, rules)


@dataclass(frozen=True)
class SourceFilter:
    """All conditions hold; none select everything.

    At least one has to be on an attribute that every selected item has, or a pattern would also match an image that is
    not there.
    """

    conditions: tuple[Condition, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.conditions and all(any(rule.absent for rule in each.rules) for each in self.conditions):
            raise ValueError("add a condition that only a present attribute fulfils, such as one on the key")
        attributes = [each.attribute for each in self.conditions]
        if len(set(attributes)) < len(attributes):
            raise ValueError("conditions are on different attributes: put rules for the same one into one condition")

    def selects(self, item: Item | None) -> bool:
        """Whether an item is one that the pipeline is about; None, an item that is not there, is not."""
        return item is not None and all(each.holds(item) for each in self.conditions)

    @property
    def patterns(self) -> list[dict[str, Any]]:
        """Event filter patterns, of which a change has to match one; none for no filter.

        A change of an item that was selected before it, or is after it, is delivered: what leaves the selection has to
        leave the targets. Only what was and is none of the pipeline's business never gets to the function.
        """
        if not self.conditions:
            return []
        image = {name: types for each in self.conditions for name, types in each.pattern.items()}
        return [{"dynamodb": {name: image}} for name in ("NewImage", "OldImage")]
