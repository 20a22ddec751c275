"""Customers, orders and returns: the item that is written of each, and the row that has to come of it, by hand.

Nothing here asks the pipeline: whoever changes it has to say here, too, what is expected now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from lambdas.common.tables.shop import layout

Item = dict[str, Any]
"""In Python types, as boto3's resource has them."""
Key = tuple[str, str]
"""Partition and sort key of a source item."""

REGIONS = {"AT": "EU", "DE": "EU", "FR": "EU", "CH": "EFTA", "GB": "UK", "US": "NA", "JP": None}
"""By country; Japan is in none."""


class Row(NamedTuple):
    """What the targets have to show of an item."""

    dataset: str
    fields: Mapping[str, Any]
    """Those that are not there have no value."""
    day: str
    """Partition of the lake."""


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A profile."""

    customer_id: str
    name: str
    country: str
    since: date
    marketing: bool = False

    @property
    def key(self) -> Key:
        """Of its item."""
        return _key(layout.customer_key(self.customer_id))

    @property
    def item(self) -> Item:
        """As the shop writes it."""
        return {
            **layout.customer_key(self.customer_id),
            "schema_version": 1,
            "name": self.name,
            "email": f"{self.customer_id}@example.com",
            "country": self.country,
            "since": self.since.isoformat(),
            "marketing": self.marketing,
        }

    @property
    def row(self) -> Row:
        """Without the address, with a region."""
        fields = {
            "customer_id": self.customer_id,
            "name": self.name,
            "country": self.country,
            "region": REGIONS[self.country],
            "since": self.since,
            "marketing": self.marketing,
        }
        return Row("customers", fields, "all")


class Line(NamedTuple):
    """Some of one article."""

    sku: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order, written in one of three schema versions."""

    customer_id: str
    order_id: str
    placed_at: datetime
    status: str
    lines: tuple[Line, ...]
    currency: str = "EUR"
    """Version 1 knows no other one."""
    version: int = 3
    test: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Fields that an order may have: channel, tags, attributes."""

    @property
    def key(self) -> Key:
        """Of its item."""
        return _key(layout.order_key(self.customer_id, self.placed_at, self.order_id))

    @property
    def total(self) -> Decimal:
        """What the lines add up to, without needless zeros, as DynamoDB has it."""
        return Decimal(plain(sum((line.quantity * line.unit_price for line in self.lines), Decimal(0))))

    @property
    def item(self) -> Item:
        """As the shop writes it, or wrote it in earlier versions."""
        item: Item = {
            **layout.order_key(self.customer_id, self.placed_at, self.order_id),
            "schema_version": self.version,
            "order_id": self.order_id,
            "placed_at": layout.format_time(self.placed_at),
            "status": self.status,
            "total": self.total,
            **self.more,
        }
        if self.test:
            item["test"] = True
        if self.version > 1:
            item["currency"] = self.currency
        if self.version > 2:
            return {**item, "lines": [line._asdict() for line in self.lines]}
        articles = {line.sku: {"quantity": line.quantity, "unit_price": line.unit_price} for line in self.lines}
        return {**item, "articles": articles}

    @property
    def row(self) -> Row | None:
        """With its lines in the order of their names where they had none; nothing of drafts and of tests."""
        if self.status == "draft" or self.test:
            return None
        lines = self.lines if self.version > 2 else sorted(self.lines)
        fields = {
            "customer_id": self.customer_id,
            "order_id": self.order_id,
            "placed_at": self.placed_at,
            "status": self.status,
            "currency": self.currency,
            "total": self.total,
            "articles": sum(line.quantity for line in lines),
            "dearest": max((line.unit_price, line.sku) for line in lines)[1],
            "lines": [line._asdict() for line in lines],
            **self.more,
        }
        return Row("orders", fields, f"{self.placed_at:%Y-%m-%d}")


@dataclass(frozen=True, kw_only=True)
class Return:
    """Articles that came back."""

    customer_id: str
    return_id: str
    order_id: str
    returned_at: datetime
    currency: str
    sku: str
    quantity: int
    refund: Decimal
    reason: str | None = None

    @property
    def key(self) -> Key:
        """Of its item."""
        return _key(layout.return_key(self.customer_id, self.returned_at, self.return_id))

    @property
    def item(self) -> Item:
        """As the shop writes it; the reason only where there is one."""
        item: Item = {
            **layout.return_key(self.customer_id, self.returned_at, self.return_id),
            "schema_version": 1,
            "return_id": self.return_id,
            "order_id": self.order_id,
            "returned_at": layout.format_time(self.returned_at),
            "currency": self.currency,
            "sku": self.sku,
            "quantity": self.quantity,
            "refund": self.refund,
        }
        return item | ({"reason": self.reason} if self.reason else {})

    @property
    def row(self) -> Row:
        """All of it."""
        fields = {
            "customer_id": self.customer_id,
            "return_id": self.return_id,
            "order_id": self.order_id,
            "returned_at": self.returned_at,
            "currency": self.currency,
            "sku": self.sku,
            "quantity": self.quantity,
            "refund": self.refund,
            "reason": self.reason,
        }
        return Row("returns", fields, f"{self.returned_at:%Y-%m-%d}")


def plain(number: Decimal) -> str:
    """All digits, without an exponent and needless zeros."""
    text = f"{number:f}"  # not by normalize(), which rounds to 28 digits
    return text.rstrip("0").rstrip(".") if "." in text else text


def _key(key: Mapping[str, str]) -> Key:
    return key[layout.PARTITION_KEY], key[layout.SORT_KEY]
