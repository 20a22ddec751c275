"""Orders of a shop: each valid one stored exactly once, revenue per currency and minute in exact decimals."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact
from operator import attrgetter
from typing import Annotated

from msgspec import Meta, Struct

from lambdas.stream_analytics.domain.cleansing import PERSONAL_EMAIL, TRIM
from lambdas.stream_analytics.domain.events import Event, Name, check_amounts
from lambdas.stream_analytics.domain.recipe import Recipe, count, total

Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
"""Shape of an alphabetic code of ISO 4217; which codes there are changes with the years."""
Quantity = Annotated[int, Meta(ge=1, le=10**6)]

_EXACT = Context(prec=38, traps=[Inexact])
"""Enough for 1,000 lines of the greatest quantity and price: 3 + 7 + 15 digits, and 9 decimal places."""


class Line(Struct, forbid_unknown_fields=True):
    """Some of one article."""

    sku: Name
    quantity: Quantity
    unit_price: Decimal
    """Negative for a discount."""


class Order(Event, tag="orders"):
    """A transaction. Amounts are JSON numbers or strings and are taken digit by digit, never as binary fractions."""

    order_id: Name
    customer: Name
    """Their e-mail address; kept as a pseudonym."""
    currency: Currency
    lines: Annotated[list[Line], Meta(min_length=1, max_length=1000)]
    total: Decimal
    """What the lines add up to, to the last digit."""

    def __post_init__(self) -> None:
        check_amounts(self.total, *[line.unit_price for line in self.lines])
        due = Decimal(0)
        for line in self.lines:
            due = _EXACT.fma(line.unit_price, line.quantity, due)
        if due != self.total:
            raise ValueError(f"the total is {self.total}, but the lines add up to {due}")


RECIPE = Recipe(
    event=Order,
    cleanse={"order_id": TRIM, "customer": PERSONAL_EMAIL},
    measures=(
        count("orders", by=attrgetter("currency")),
        total("revenue", attrgetter("total"), by=attrgetter("currency")),
    ),
    once=attrgetter("order_id"),
    entities={"order": lambda order: (order.order_id,), "user": lambda order: (order.customer,)},
)
