"""The changes that the shop makes to its table, all of them thought out before the first one is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from lambdas.common.tables.shop import layout
from local.use_cases.table_etl.damage import WAYS, damaged
from local.use_cases.table_etl.shop import REGIONS, Customer, Item, Key, Line, Order, Return, Row, plain

DAYS = 14
"""That the orders are spread over."""
_CUSTOMERS = 1 / 100
"""Of the changes."""
_CURRENCIES = ("EUR",) * 6 + ("CHF", "USD")
_NEXT = {"draft": "placed", "placed": "shipped", "shipped": "cancelled"}


class Put(NamedTuple):
    """A change of the table, or a historical row, as it is put."""

    kind: str
    key: Key
    item: Item | None
    """None deletes."""
    row: Row | None = None
    """That has to come of it; None for nothing."""
    reason: str | None = None
    """For which it has to be rejected."""
    ignored: bool = False
    """Whether it is none of the pipeline's business."""


@dataclass
class Shop:
    """Makes up what happens, the same each time but for the days on which it does."""

    random: Random
    today: date
    customers: list[Customer] = field(default_factory=list)
    orders: dict[Key, Order] = field(default_factory=dict)
    """As they should be; those that are deleted, or tests, are not among them."""
    returns: dict[Key, Return] = field(default_factory=dict)
    present: dict[Key, Item] = field(default_factory=dict)
    """What stands in the table."""
    _made: int = 0

    def changes(self, count: int) -> list[Put]:
        """So many, each of which does change something; the last one is a new customer."""
        changes = [self._written("insert customer", self.new_customer()) for _ in range(round(count * _CUSTOMERS))]
        while len(changes) < count - 1:
            (act,) = self.random.choices(list(_ACTS), list(_ACTS.values()))
            change = act(self)
            if change and self.present.get(change.key) != change.item:
                self._keep(change)
                changes.append(change)
        return [*changes, self._written("insert customer", self.new_customer())]

    def _written(self, kind: str, made: Customer | Order | Return) -> Put:
        put = Put(kind, made.key, made.item, made.row)
        self._keep(put)
        return put

    def _keep(self, change: Put) -> None:
        if change.item is None:
            self.present.pop(change.key, None)
        else:
            self.present[change.key] = change.item

    # --- making things up ---------------------------------------------------------------------------------------------

    def new_customer(self) -> Customer:
        """One more of the shop's customers."""
        number = self._number()
        customer = Customer(
            customer_id=f"c-{number}",
            name=self.random.choice(["Ada", "Grace", "Zoë", "Émile", "山田"]) + f" {number}",
            country=self.random.choice(list(REGIONS)),
            since=self.today - timedelta(days=self.random.randint(20, 3000)),
        )
        self.customers.append(customer)
        return customer

    def new_order(self, **fixed: Any) -> Order:
        """An order that has nothing wrong, in one of the three versions."""
        (version,) = self.random.choices([3, 2, 1], [85, 10, 5])
        order = Order(
            customer_id=self.random.choice(self.customers).customer_id,
            order_id=f"o-{self._number()}",
            placed_at=self._moment(),
            status=self.random.choices(["placed", "draft"], [85, 15])[0],
            lines=self.lines(),
            currency=self.random.choice(_CURRENCIES),
            version=version,
            more=dict(self._more()),
        )
        order = replace(order, **fixed)
        return replace(order, currency="EUR") if order.version == 1 else order

    def new_return(self, order: Order) -> Return:
        """Some of an order's first line."""
        line = order.lines[0]
        quantity = self.random.randint(1, line.quantity)
        return Return(
            customer_id=order.customer_id,
            return_id=f"r-{self._number()}",
            order_id=order.order_id,
            returned_at=order.placed_at + timedelta(hours=self.random.randint(1, 24)),
            currency=order.currency,
            sku=line.sku,
            quantity=quantity,
            refund=Decimal(plain(quantity * line.unit_price)),
            reason=self.random.choice([None, "too small", "broken"]),
        )

    def lines(self) -> tuple[Line, ...]:
        """One to four, each of another article; prices as DynamoDB writes them, without needless zeros."""
        skus = self.random.sample(range(100, 180), self.random.choice([1, 1, 2, 2, 3, 4]))
        return tuple(
            Line(f"sku-{sku}", self.random.randint(1, 5), Decimal(self.random.randint(100, 20_000)) / 100)
            for sku in skus
        )

    def _more(self) -> Iterator[tuple[str, Any]]:
        if self.random.random() < 0.6:
            yield "channel", self.random.choice(["web", "app", "shop"])
        if self.random.random() < 0.3:
            yield "tags", set(self.random.sample(["gift", "express", "b2b", "straße"], self.random.randint(1, 3)))
        if self.random.random() < 0.1:
            yield (
                "attributes",
                {
                    "exact": Decimal("12345678901234567890.123456789012345678"),
                    "weights": {Decimal("1.25"), Decimal(self.random.randint(2, 9))},
                    "seal": self.random.randbytes(4),
                    "stamps": {b"\x00", b"\xff"},
                    "nested": [{"note": None}, ["a", [True]]],
                },
            )

    def _moment(self) -> datetime:
        midnight = datetime.combine(self.today - timedelta(days=DAYS), time(), UTC)
        # More of them in the later days, and in the afternoons.
        day = int(DAYS * self.random.random() ** 0.8)
        return midnight + timedelta(days=day, seconds=int(self.random.triangular(0, 86_399, 61_200)))

    def _number(self) -> int:
        self._made += 1
        return self._made

    # --- changes ----------------------------------------------------------------------------------------------------

    def insert_order(self) -> Put:
        """Placed, or a draft."""
        order = self.new_order()
        self.orders[order.key] = order
        kind = "insert draft" if order.status == "draft" else "insert order"
        if order.version < 3:
            kind = "insert of an old version"
        return Put(kind, order.key, order.item, order.row)

    def advance_order(self) -> Put | None:
        """Draft, placed, shipped, cancelled; written by the shop of today, in the newest version."""
        order = self._some_order()
        if not order or order.status not in _NEXT or (order.status == "shipped" and self.random.random() < 0.7):
            return None
        later = replace(order, status=_NEXT[order.status], version=3)
        self.orders[order.key] = later
        return Put(f"update to {later.status}", later.key, later.item, later.row)

    def change_lines(self) -> Put | None:
        """Something else is ordered."""
        order = self._some_order()
        if not order:
            return None
        later = replace(order, lines=self.lines(), version=3)
        self.orders[order.key] = later
        return Put("update of lines", later.key, later.item, later.row)

    def delete_order(self) -> Put | None:
        """It is gone."""
        order = self._some_order()
        return Put("delete order", self.orders.pop(order.key).key, None) if order else None

    def turn_into_test(self) -> Put | None:
        """It turns out to have been a test, and has to leave the targets."""
        order = self._some_order()
        if not order:
            return None
        del self.orders[order.key]
        later = replace(order, test=True, version=3)
        return Put("update to test", later.key, later.item, later.row)

    def insert_test(self) -> Put:
        """Never to be seen."""
        order = self.new_order(test=True)
        return Put("insert test", order.key, order.item, order.row)

    def insert_return(self) -> Put | None:
        """Of an order that is shipped."""
        order = self._some_order()
        if not order or order.status != "shipped":
            return None
        made = self.new_return(order)
        self.returns[made.key] = made
        return Put("insert return", made.key, made.item, made.row)

    def delete_return(self) -> Put | None:
        """It did not come back after all."""
        if not self.returns:
            return None
        key = self.random.choice(list(self.returns))
        del self.returns[key]
        return Put("delete return", key, None)

    def change_customer(self) -> Put:
        """They move, which is into another view, or want to be written to."""
        at = self.random.randrange(len(self.customers))
        customer = replace(
            self.customers[at],
            country=self.random.choice(list(REGIONS)),
            marketing=self.random.random() < 0.5,
        )
        self.customers[at] = customer
        return Put("update customer", customer.key, customer.item, customer.row)

    def fill_cart(self) -> Put:
        """Of which the pipeline has no flow."""
        customer = self.random.choice(self.customers).customer_id
        key = layout.customer_key(customer) | {layout.SORT_KEY: "cart"}
        item: Item = {**key, "articles": [line.sku for line in self.lines()]}
        return Put("cart", (key[layout.PARTITION_KEY], "cart"), item, ignored=True)

    def write_wrongly(self) -> Put:
        """A new order, or one that is there, gets a state that has to be rejected; what it was before stays."""
        (way,) = self.random.choices(list(WAYS), list(WAYS.values()))
        new = way == "key without a day" or self.random.random() < 0.5
        order = None if new else self._some_order()
        # Not a draft: that is filtered out before anybody looks at what the targets could hold of it.
        right = replace(order or self.new_order(), version=3, status="placed")
        item, reason = damaged(self.random, right.item, way)
        return Put(f"bad: {way}", (item[layout.PARTITION_KEY], item[layout.SORT_KEY]), item, reason=reason)

    def _some_order(self) -> Order | None:
        return self.orders[self.random.choice(list(self.orders))] if self.orders else None


_ACTS: Mapping[Callable[[Shop], Put | None], int] = {
    Shop.insert_order: 380,
    Shop.advance_order: 300,
    Shop.change_lines: 80,
    Shop.delete_order: 45,
    Shop.turn_into_test: 10,
    Shop.insert_test: 25,
    Shop.insert_return: 130,
    Shop.delete_return: 8,
    Shop.change_customer: 20,
    Shop.fill_cart: 60,
    Shop.write_wrongly: 40,
}
"""How often each is tried, of about a thousand times."""
