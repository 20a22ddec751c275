"""Orders of a shop; amounts that binary fractions would get wrong, and totals that are wrong."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from random import Random

from tools.samples.base import Content, Fault, Made, Sample, Tally, encode, item, pick, untrimmed

_CURRENCIES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
"""With their decimal places."""


def _lines(random: Random, places: int) -> tuple[list[Content], Decimal]:
    """Lines of an order, and what they add up to; counted in the smallest unit, as whole numbers."""
    lines: list[Content] = []
    units = 0
    for _ in range(random.randint(1, 3)):
        quantity, price = random.randint(1, 5), random.randint(1, 20_000)
        units += quantity * price
        lines.append(
            {
                "sku": f"sku-{random.randint(1, 999):03d}",
                "quantity": quantity,
                "unit_price": Decimal(price).scaleb(-places),
            }
        )
    return lines, Decimal(units).scaleb(-places)


def _make(random: Random, time: datetime) -> Made:
    order_id, currency = f"o-{random.getrandbits(64):016x}", pick(random, list(_CURRENCIES))
    lines, total = _lines(random, _CURRENCIES[currency])
    customer = f"user.{random.randrange(300)}@mail.example"
    content: Content = {
        "order_id": untrimmed(random, order_id),
        "customer": random.choice((customer, customer.upper())),
        "currency": currency,
        "lines": lines,
        "total": total,
    }

    def tell(tally: Tally) -> None:
        tally.counts[item("orders.orders", currency, time)] += 1
        tally.sums[item("orders.revenue", currency, time)].append(total)

    return Made(order_id, content, tell)


def _with_total(content: Content, total: str) -> bytes:
    return encode(content | {"total": total})


SAMPLE = Sample(
    "orders",
    _make,
    faults=(
        Fault("wrong_schema", lambda content: _with_total(content, f"{content['total']}1")),
        Fault("wrong_schema", lambda content: _with_total(content, f"-{content['total']}")),
        Fault("wrong_schema", lambda content: _with_total(content, "NaN")),
        Fault("wrong_schema", lambda content: _with_total(content, "Infinity")),
        Fault("wrong_schema", lambda content: _with_total(content, "1e999999")),
        Fault("wrong_schema", lambda content: encode(content | {"currency": "euro"})),
        Fault("wrong_schema", lambda content: encode(content | {"lines": []})),
    ),
    once=True,
)
