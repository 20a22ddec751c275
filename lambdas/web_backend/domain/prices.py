"""What prints cost, and what an order of them comes to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from lambdas.web_backend.contract.models import LineDraft, Order, OrderDraft, OrderLine, Price, PriceList, Product

CURRENCY: Literal["EUR"] = "EUR"

PRICES = {
    Product.POSTCARD: Decimal("1.90"),
    Product.A4: Decimal("9.00"),
    Product.POSTER: Decimal("24.00"),
}

PRICE_LIST = PriceList(
    products=tuple(Price(product=product, price=price, currency=CURRENCY) for product, price in PRICES.items())
)


_CENT = Decimal("0.01")


def money(amount: Decimal) -> Decimal:
    """With two decimal places at least, as it is written: DynamoDB keeps no zeros at the end."""
    exponent = amount.as_tuple().exponent
    return amount.quantize(_CENT) if isinstance(exponent, int) and exponent > -2 else amount


def priced(draft: OrderDraft, order_id: str, placed_at: datetime) -> Order:
    """The order that a draft becomes, at today's prices."""
    lines = tuple(map(_line, draft.lines))
    return Order(
        order_id=order_id,
        placed_at=placed_at,
        status="placed",
        currency=CURRENCY,
        total=sum((line.unit_price * line.quantity for line in lines), Decimal(0)),
        lines=lines,
    )


def _line(draft: LineDraft) -> OrderLine:
    return OrderLine(sku=f"{draft.product}:{draft.item_id}", quantity=draft.quantity, unit_price=PRICES[draft.product])
