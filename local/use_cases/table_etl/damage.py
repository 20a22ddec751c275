"""Ways in which an order can be wrong, and the reason for which each has to be rejected."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from lambdas.common.tables.shop import layout
from local.use_cases.table_etl.shop import Item

_BEYOND_THE_LIMIT = 205_000
"""Characters; a row may have 200,000 bytes."""


def damaged(random: Random, item: Item, way: str) -> tuple[Item, str]:
    """A wrong order, made of a right one of version 3, and the reason code."""
    match way:
        case "wrong total":
            return {**item, "total": item["total"] + Decimal("0.01")}, "wrong_schema"
        case "unknown version":
            return {**item, "schema_version": random.randint(4, 99)}, "unknown_schema_version"
        case "unknown field":
            return {**item, "colour": random.choice(["red", "blue"])}, "wrong_schema"
        case "missing field":
            return {name: value for name, value in item.items() if name != "currency"}, "wrong_schema"
        case "other key":
            return {**item, "order_id": f"{item['order_id']}-copy"}, "wrong_schema"
        case "key without a day":
            return {**item, layout.SORT_KEY: f"{layout.ORDER}yesterday#{item['order_id']}"}, "bad_key"
        case "too many decimals":
            price = Decimal(random.randint(1, 10**10 - 1) * 10 + 1).scaleb(-11)
            return {
                **item,
                "lines": [{"sku": "dust", "quantity": 1, "unit_price": price}],
                "total": price,
            }, "bad_number"
        case "too big":
            return {**item, "attributes": {"note": random.choice("xyz") * _BEYOND_THE_LIMIT}}, "too_big"
    raise ValueError(way)


WAYS = {
    "wrong total": 30,
    "unknown version": 25,
    "unknown field": 20,
    "missing field": 15,
    "other key": 15,
    "key without a day": 12,
    "too many decimals": 20,
    "too big": 3,
}
"""How often each is taken, of 140."""
