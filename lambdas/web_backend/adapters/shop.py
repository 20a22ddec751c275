"""Orders in the shop's table, and out of the read model that table ETL makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from lambdas.common.calls import aws_call
from lambdas.common.ids import made_at
from lambdas.common.tables.read_model.reader import ReadModelReader, Totals
from lambdas.common.tables.shop import layout
from lambdas.web_backend.adapters.entries import Attributes, Entries, UnmetError
from lambdas.web_backend.contract import ITEM
from lambdas.web_backend.contract.models import DayTotal, Order, OrderLine
from lambdas.web_backend.domain.prices import money
from lambdas.web_backend.ports import MissingItemsError, Reply

SCHEMA_VERSION = 3
"""Of the shop's orders."""
CHANNEL = "web"


class ShopOrders(Struct, frozen=True):
    """`Orders`. A user is a customer of the shop, under the same id."""

    entries: Entries
    table_name: str
    read_model: ReadModelReader

    def place(self, user_id: str, order: Order, item_ids: Sequence[str], reply: Reply | None) -> Reply | None:
        """One transaction over both tables: one write of the shop's, up to one of a reply, and a check per item."""
        checks = [self.entries.requiring(user_id, ITEM + item_id) for item_id in item_ids]
        order_put = {"Put": {"TableName": self.table_name, "Item": _attributes(user_id, order)}}
        try:
            return self.entries.transact(user_id, [*checks, order_put], reply)
        except UnmetError as error:
            raise MissingItemsError([item_ids[at] for at in error.positions]) from error

    def find(self, user_id: str, order_id: str) -> Order | None:
        """One consistent read: when an order was placed stands in its id, and so its key is known."""
        with aws_call(f"read order {order_id}"):
            answer = self.entries.client.get_item(
                TableName=self.table_name,
                Key=_key(user_id, made_at(order_id), order_id),
                ConsistentRead=True,
            )
        found = answer.get("Item")
        return _order(found) if found else None

    def newest(self, user_id: str, limit: int) -> list[Order]:
        """An index, which follows the table within seconds."""
        with aws_call("list orders"):
            rows = list(self.read_model.newest(f"{layout.CUSTOMER}{user_id}#orders", limit=limit))
        return [_order_of_row(row.fields) for row in rows]

    def totals(self, user_id: str, first: str, last: str) -> list[DayTotal]:
        """By day and currency, the oldest first; days with returns alone have no orders."""
        with aws_call("read totals of orders"):
            found = list(self.read_model.totals(f"{layout.CUSTOMER}{user_id}#totals", first, last))
        return [_day_total(each) for each in found]


def _key(user_id: str, placed_at: datetime, order_id: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in layout.order_key(user_id, placed_at, order_id).items()}


def _attributes(user_id: str, order: Order) -> dict[str, Any]:
    return {
        **_key(user_id, order.placed_at, order.order_id),
        "schema_version": {"N": str(SCHEMA_VERSION)},
        "order_id": {"S": order.order_id},
        "placed_at": {"S": layout.format_time(order.placed_at)},
        "status": {"S": order.status},
        "currency": {"S": order.currency},
        "total": {"N": str(order.total)},
        "channel": {"S": CHANNEL},
        "lines": {
            "L": [
                {
                    "M": {
                        "sku": {"S": line.sku},
                        "quantity": {"N": str(line.quantity)},
                        "unit_price": {"N": str(line.unit_price)},
                    }
                }
                for line in order.lines
            ]
        },
    }


def _order(attributes: Attributes) -> Order:
    return Order(
        order_id=attributes["order_id"]["S"],
        placed_at=datetime.fromisoformat(attributes["placed_at"]["S"]),
        status=attributes["status"]["S"],
        currency=attributes["currency"]["S"],
        total=money(Decimal(attributes["total"]["N"])),
        lines=tuple(_line(each["M"]) for each in attributes["lines"]["L"]),
    )


def _line(attributes: Attributes) -> OrderLine:
    return OrderLine(
        sku=attributes["sku"]["S"],
        quantity=int(attributes["quantity"]["N"]),
        unit_price=money(Decimal(attributes["unit_price"]["N"])),
    )


def _order_of_row(fields: Mapping[str, Any]) -> Order:
    """Of a row of any channel, as boto3's resource has its values."""
    lines = [
        OrderLine(sku=each["sku"], quantity=int(each["quantity"]), unit_price=money(each["unit_price"]))
        for each in fields["lines"]
    ]
    return Order(
        order_id=fields["order_id"],
        placed_at=datetime.fromisoformat(fields["placed_at"]),
        status=fields["status"],
        currency=fields["currency"],
        total=money(fields["total"]),
        lines=tuple(lines),
    )


def _day_total(found: Totals) -> DayTotal:
    day, _, currency = found.sort.partition("#")
    amounts = found.amounts
    return DayTotal(
        day=day,
        currency=currency,
        orders=int(amounts.get("orders", 0)),
        revenue=money(amounts.get("revenue", Decimal(0))),
    )
