"""A shop: customers, orders with lines, and returns, made ready to be looked up by customer and asked about by day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Context, Decimal, Inexact
from enum import StrEnum
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from lambdas.common.tables.shop import layout
from lambdas.table_etl.domain.attributes import Item
from lambdas.table_etl.domain.conditions import SourceFilter, absent, equals, prefix, where
from lambdas.table_etl.domain.pipeline import Flow, Pipeline, Total, View
from lambdas.table_etl.domain.steps import validate

Name = Annotated[str, Meta(min_length=1, max_length=256)]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
"""Shape of an alphabetic code of ISO 4217; which codes there are changes with the years."""
Time = Annotated[datetime, Meta(tz=True)]

_EXACT = Context(prec=38, traps=[Inexact])


class Stored(Struct, forbid_unknown_fields=True, kw_only=True):
    """What every item of the shop's table has."""

    pk: str
    sk: str
    schema_version: int
    test: bool = False
    """Made by tests of the shop; filtered out."""

    @property
    def customer_id(self) -> str:
        """Of whoever it belongs to."""
        return self.pk.removeprefix(layout.CUSTOMER)


def _check_key(item: Stored, key: dict[str, str]) -> None:
    """An item stands under the key that its fields make, or it would be found under one and counted under another."""
    if (item.pk, item.sk) != (key[layout.PARTITION_KEY], key[layout.SORT_KEY]):
        raise ValueError(f"the key is {item.pk}, {item.sk}, but the fields make it {', '.join(key.values())}")


# --- customers ------------------------------------------------------------------------------------------------------


class Customer(Stored):
    """A customer's profile."""

    name: Name
    email: Name
    country: Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z")]
    since: date
    marketing: bool = False

    def __post_init__(self) -> None:
        _check_key(self, layout.customer_key(self.customer_id))


class CustomerRow(Struct, kw_only=True):
    """A customer as others may see them: without the address."""

    customer_id: str
    name: str
    country: str
    region: str | None = None
    since: date
    marketing: bool


REGIONS = {"AT": "EU", "CH": "EFTA", "DE": "EU", "ES": "EU", "FR": "EU", "GB": "UK", "IT": "EU", "US": "NA"}


def customer_row(customer: Customer) -> CustomerRow:
    """The profile without its personal address."""
    return CustomerRow(
        customer_id=customer.customer_id,
        name=customer.name,
        country=customer.country,
        since=customer.since,
        marketing=customer.marketing,
    )


def with_region(row: CustomerRow) -> CustomerRow:
    """Adds the sales region of the country, where there is one."""
    row.region = REGIONS.get(row.country)
    return row


CUSTOMERS = Flow(
    name="customers",
    when=equals(layout.PROFILE),
    steps=validate(Customer, version=1).map(customer_row).enrich(with_region).sort("customer_id"),
    row=CustomerRow,
    view=View(partition=lambda row: f"country#{row.country}#customers", sort=lambda row: row.customer_id),
)

# --- orders ---------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """How far an order is."""

    DRAFT = "draft"
    PLACED = "placed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Line(Struct, forbid_unknown_fields=True):
    """Some of one article."""

    sku: Name
    quantity: Annotated[int, Meta(ge=1, le=10**6)]
    unit_price: Decimal
    """Negative for a discount."""


def _due(lines: list[Line]) -> Decimal:
    due = Decimal(0)
    try:
        for line in lines:
            due = _EXACT.fma(line.unit_price, line.quantity, due)
    except Inexact as error:
        raise ValueError(f"the lines add up to a number of more than {_EXACT.prec} digits") from error
    return due


class Order(Stored):
    """An order, from draft to shipped; ``total`` is what the lines add up to, to the last digit."""

    order_id: Name
    placed_at: Time
    status: Status
    currency: Currency
    lines: Annotated[list[Line], Meta(min_length=1, max_length=1000)]
    total: Decimal
    channel: Name | UnsetType = UNSET
    tags: set[Name] | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    """Whatever else a shop wants to keep; of any type that DynamoDB has."""

    def __post_init__(self) -> None:
        _check_key(self, layout.order_key(self.customer_id, self.placed_at, self.order_id))
        due = _due(self.lines)
        if _EXACT.compare(due, self.total) != 0:
            raise ValueError(f"the total is {self.total}, but the lines add up to {due}")


class OrderRow(Struct, kw_only=True):
    """An order with what is derived from it."""

    customer_id: str
    order_id: str
    placed_at: datetime
    status: Status
    currency: str
    total: Decimal
    articles: int = 0
    dearest: str | None = None
    lines: list[Line]
    channel: str | UnsetType = UNSET
    tags: set[str] | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET


def _with_currency(item: Item) -> Item:
    """Version 1 had no currencies: the shop sold in euros."""
    return {**item, "currency": "EUR"}


def _with_lines(item: Item) -> Item:
    """Version 2 kept lines by article, without an order of their own."""
    articles = item.get("articles")
    if not isinstance(articles, dict) or not all(isinstance(line, dict) for line in articles.values()):
        raise ValueError("an order of version 2 has a map of articles, each of them a map")
    lines = [{"sku": sku, **line} for sku, line in sorted(articles.items())]
    return {name: value for name, value in item.items() if name != "articles"} | {"lines": lines}


def is_placed(order: Order) -> bool:
    """Drafts are nobody's business yet, and leave the targets again if an order becomes one."""
    return order.status is not Status.DRAFT


def order_row(order: Order) -> OrderRow:
    """The order without its storage keys."""
    return OrderRow(
        customer_id=order.customer_id,
        order_id=order.order_id,
        placed_at=order.placed_at,
        status=order.status,
        currency=order.currency,
        total=order.total,
        lines=order.lines,
        channel=order.channel,
        tags=order.tags,
        attributes=order.attributes,
    )


def with_summary(row: OrderRow) -> OrderRow:
    """Adds how many articles, and which costs most."""
    row.articles = sum(line.quantity for line in row.lines)
    row.dearest = max(row.lines, key=lambda line: (line.unit_price, line.sku)).sku
    return row


def _count(row: OrderRow) -> int:
    return 0 if row.status is Status.CANCELLED else 1


def _revenue(row: OrderRow) -> Decimal:
    return Decimal(0) if row.status is Status.CANCELLED else row.total


ORDERS = Flow(
    name="orders",
    when=prefix(layout.ORDER),
    steps=validate(Order, version=3, upgrades={1: _with_currency, 2: _with_lines})
    .filter(is_placed)
    .map(order_row)
    .enrich(with_summary)
    .sort("customer_id", "placed_at", "order_id"),
    row=OrderRow,
    day=lambda key: layout.day_of(key[-1]),
    view=View(
        partition=lambda row: f"customer#{row.customer_id}#orders",
        sort=lambda row: f"{layout.format_time(row.placed_at)}#{row.order_id}",
    ),
    totals=(
        Total(
            partition=lambda row: f"customer#{row.customer_id}#totals",
            sort=lambda row: f"{layout.format_time(row.placed_at)[:10]}#{row.currency}",
            amounts={"orders": _count, "revenue": _revenue},
        ),
    ),
)

# --- returns --------------------------------------------------------------------------------------------------------


class Return(Stored):
    """Articles of an order that came back."""

    return_id: Name
    order_id: Name
    returned_at: Time
    currency: Currency
    sku: Name
    quantity: Annotated[int, Meta(ge=1, le=10**6)]
    refund: Decimal
    reason: str | None = None

    def __post_init__(self) -> None:
        _check_key(self, layout.return_key(self.customer_id, self.returned_at, self.return_id))
        if not self.refund.is_finite() or self.refund < 0:
            raise ValueError(f"the refund is {self.refund}, and it has to be zero or more")


class ReturnRow(Struct, kw_only=True):
    """A return without its storage keys."""

    customer_id: str
    return_id: str
    order_id: str
    returned_at: datetime
    currency: str
    sku: str
    quantity: int
    refund: Decimal
    reason: str | None


def return_row(item: Return) -> ReturnRow:
    """The return without its storage keys."""
    return ReturnRow(
        customer_id=item.customer_id,
        return_id=item.return_id,
        order_id=item.order_id,
        returned_at=item.returned_at,
        currency=item.currency,
        sku=item.sku,
        quantity=item.quantity,
        refund=item.refund,
        reason=item.reason,
    )


RETURNS = Flow(
    name="returns",
    when=prefix(layout.RETURN),
    steps=validate(Return, version=1).map(return_row).sort("customer_id", "returned_at", "return_id"),
    row=ReturnRow,
    day=lambda key: layout.day_of(key[-1]),
    view=View(
        partition=lambda row: f"customer#{row.customer_id}#returns",
        sort=lambda row: f"{layout.format_time(row.returned_at)}#{row.return_id}",
    ),
    totals=(
        Total(
            partition=lambda row: f"customer#{row.customer_id}#totals",
            sort=lambda row: f"{layout.format_time(row.returned_at)[:10]}#{row.currency}",
            amounts={"returns": lambda _: 1, "refunds": lambda row: row.refund},
        ),
    ),
)

# Test orders, and whatever else stands in the table, such as carts, never reach the function.
PIPELINE = Pipeline(
    keys=(layout.PARTITION_KEY, layout.SORT_KEY),
    source=SourceFilter(
        (
            where(layout.SORT_KEY, "S", equals(layout.PROFILE), prefix(layout.ORDER), prefix(layout.RETURN)),
            where("test", "BOOL", absent(), equals(value=False)),
        )
    ),
    flows=(CUSTOMERS, ORDERS, RETURNS),
)
