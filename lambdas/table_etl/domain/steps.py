"""The steps that turn a source item into a row: validate, filter, map, enrich, sort, in any order after validate.

Steps are chained so that the types are checked from one to the next::

    validate(Order, version=2, upgrades={1: with_currency}).filter(is_real).map(order_row).enrich(with_day).sort("day")

Every function is pure. What one raises is a verdict on the item: ValueError says what is wrong with it, anything else
that the step is; either way the item goes to quarantine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from lambdas.table_etl.contract import SCHEMA_VERSION, ReasonCode
from lambdas.table_etl.domain.attributes import Item
from lambdas.table_etl.domain.rejection import Rejected

T = TypeVar("T")
U = TypeVar("U")

Upgrade = Callable[[Item], Item]
"""Rewrites an item of one schema version in the form of the next."""


@dataclass(frozen=True)
class Validate:
    """Brings an item to the current schema version and checks it, field by field."""

    model: type[msgspec.Struct]
    version: int
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = set(range(min(self.upgrades, default=self.version), self.version))
        if set(self.upgrades) != wanted:
            raise ValueError(
                f"{self.model.__name__}: upgrades lead from one version to the next, up to {self.version}, without a "
                f"gap; there are some from {sorted(self.upgrades)}"
            )

    def __call__(self, item: Item, *, strict: bool) -> Any:
        """The model. Raises Rejected for another schema version, and for what does not fit the model."""
        version: Any = item.get(SCHEMA_VERSION)
        if type(version) is not int:
            raise self._unknown(version)
        while version != self.version:
            upgrade = self.upgrades.get(version)
            if upgrade is None:
                raise self._unknown(version)
            version += 1
            item = {**upgrade(item), SCHEMA_VERSION: version}
        try:
            return msgspec.convert(item, self.model, strict=strict)
        except msgspec.ValidationError as error:
            raise Rejected(ReasonCode.WRONG_SCHEMA, str(error)) from error

    def _unknown(self, version: Any) -> Rejected:
        known = ", ".join(str(each) for each in [*sorted(self.upgrades), self.version])
        return Rejected(
            ReasonCode.UNKNOWN_SCHEMA_VERSION,
            f"{SCHEMA_VERSION} is {version!r}; {self.model.__name__} knows {known}: add an upgrade, then redrive",
        )


@dataclass(frozen=True)
class Filter:
    """Drops rows; what was loaded of such an item before is deleted."""

    keep: Callable[[Any], bool]


@dataclass(frozen=True)
class Map:
    """Makes another row."""

    make: Callable[[Any], Any]


@dataclass(frozen=True)
class Sort:
    """Orders the rows of a batch, and those of a compacted day, by these fields."""

    fields: tuple[str, ...]


Step = Filter | Map | Sort


@dataclass(frozen=True)
class Steps(Generic[T]):
    """An ordered list of steps that ends in rows of type ``T``."""

    validate: Validate
    rest: tuple[Step, ...] = ()

    def filter(self, keep: Callable[[T], bool]) -> Steps[T]:
        """Only rows for which ``keep`` is true go on."""
        return Steps(self.validate, (*self.rest, Filter(keep)))

    def map(self, make: Callable[[T], U]) -> Steps[U]:
        """Each row becomes another one."""
        return Steps(self.validate, (*self.rest, Map(make)))

    def enrich(self, add: Callable[[T], T]) -> Steps[T]:
        """Each row gets what follows from it: a map that keeps the type."""
        return Steps(self.validate, (*self.rest, Map(add)))

    def sort(self, *fields: str) -> Steps[T]:
        """Rows are loaded, and kept in the lake, in the order of these fields."""
        return Steps(self.validate, (*self.rest, Sort(fields)))

    @property
    def sort_fields(self) -> tuple[str, ...]:
        """Of all sort steps, the last one first, as sorting one after the other has it."""
        sorts = [each for each in self.rest if isinstance(each, Sort)]
        return tuple(dict.fromkeys(name for each in reversed(sorts) for name in each.fields))


M = TypeVar("M", bound=msgspec.Struct)


def validate(model: type[M], *, version: int, upgrades: Mapping[int, Upgrade] | None = None) -> Steps[M]:
    """Starts a list of steps: items of ``version``, or of one that ``upgrades`` lead on from."""
    return Steps(Validate(model, version, upgrades or {}))
