"""Historical data: a CSV file, a JSON Lines file, and an older table; and what has to come of each of their rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lambdas.common.tables.shop import layout
from local.use_cases.table_etl.script import DAYS, Put, Shop
from local.use_cases.table_etl.shop import Customer, Item, Key, Order, Return, plain

CSV_KEY, JSON_KEY = "2025/orders of the old shop.csv.gz", "2025/returns.jsonl"
"""Spaces and all: keys are the users' own."""
_COLUMNS = (
    layout.PARTITION_KEY,
    layout.SORT_KEY,
    "schema_version",
    "order_id",
    "placed_at",
    "status",
    "currency",
    "total",
    "lines",
    "channel",
    "tags",
)


@dataclass(frozen=True)
class File:
    """A file, and what each of its rows has to become."""

    key: str
    content: bytes
    rows: Sequence[Put]
    payloads: Sequence[Any]
    """Of each row, what quarantine has to keep of it: the cells of CSV, or the line."""


@dataclass(frozen=True)
class History:
    """All that is dropped beside the live changes."""

    csv: File
    json: File
    table: Sequence[Put]
    """Items of the older table."""

    @property
    def puts(self) -> dict[str, Sequence[Put]]:
        """By what they are dropped as."""
        return {"CSV": self.csv.rows, "JSON Lines": self.json.rows, "export": self.table}


def past(shop: Shop, changes: Sequence[Put], scale: float = 1) -> History:
    """History of the shop whose changes these are, some of it of items that the changes are about, too.

    What is live wins, unless all of it was rejected. No two files have the same item.
    """
    live = _Live(shop, changes)
    return History(
        csv=_csv(shop, live, round(500 * scale)),
        json=_json(shop, live, round(300 * scale)),
        table=_table(shop, live, round(400 * scale)),
    )


class _Live:
    """Orders that are live, to be told of as they were in former times, each once."""

    def __init__(self, shop: Shop, changes: Sequence[Put]) -> None:
        # Where event filters keep them away, what only ever was a test is told to nobody.
        orders = {put.key for put in changes if put.key[1].startswith(layout.ORDER) and put.kind != "insert test"}
        rejected = {put.key for put in changes if put.reason}
        only_rejected = rejected - {put.key for put in changes if not put.reason}
        self._shop = shop
        self._keys = [key for key in sorted(only_rejected) if key in orders and _dated(key)]
        others = sorted(key for key in orders - only_rejected)
        self._keys += shop.random.sample(others, min(len(others), len(changes) // 20))
        shop.random.shuffle(self._keys)

    def take(self, count: int) -> list[Order]:
        """The next ones, with lines of their own."""
        taken, self._keys = self._keys[:count], self._keys[count:]
        return [self._former(key) for key in taken]

    def _former(self, key: Key) -> Order:
        partition, sort = key
        _, moment, order_id = sort.split("#")
        return replace(
            self._shop.new_order(status="placed", version=3),
            customer_id=partition.removeprefix(layout.CUSTOMER),
            order_id=order_id,
            placed_at=datetime.fromisoformat(moment),
        )


def _dated(key: Key) -> bool:
    return key[1].removeprefix(layout.ORDER)[:1].isdigit()


def _orders(shop: Shop, live: _Live, count: int, **fixed: Any) -> list[Order]:
    """A fifth of them is live, too; the others are older than anything that is."""
    former = live.take(count // 5)
    others = [_older(shop.new_order(status="shipped", **fixed)) for _ in range(count - len(former))]
    return [*former, *others]


def _put(made: Order | Return | Customer) -> Put:
    return Put(type(made).__name__.lower(), made.key, made.item, made.row)


def _older(order: Order) -> Order:
    return replace(order, placed_at=order.placed_at - timedelta(days=DAYS))


# --- CSV ------------------------------------------------------------------------------------------------------------


def _csv(shop: Shop, live: _Live, count: int) -> File:
    rows = [(_put(order), _cells(order)) for order in map(_plain, _orders(shop, live, count, version=3))]
    rows += [_bad_cells(shop, at) for at in range(max(4, count // 25))]
    shop.random.shuffle(rows)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    writer.writerows(cells for _, cells in rows)
    content = gzip.compress(text.getvalue().encode(), mtime=0)
    return File(CSV_KEY, content, [put for put, _ in rows], [cells for _, cells in rows])


def _plain(order: Order) -> Order:
    """Without what only DynamoDB has types for."""
    return replace(order, more={name: value for name, value in order.more.items() if name != "attributes"})


def _cells(order: Order) -> list[str]:
    item = order.item
    texts = {
        **{name: str(value) for name, value in item.items()},
        "total": plain(order.total),
        "lines": as_json(item["lines"]),
        "tags": as_json(sorted(order.more["tags"])) if "tags" in order.more else "",
    }
    return [texts.get(name, "") for name in _COLUMNS]


def _bad_cells(shop: Shop, at: int) -> tuple[Put, list[str]]:
    order = _older(shop.new_order(version=3, more={}))
    cells = _cells(order)
    total, lines, placed = (_COLUMNS.index(name) for name in ("total", "lines", "placed_at"))
    match at % 5:
        case 0:
            cells, kind, reason = cells[:-2], "too few cells", "bad_line"
        case 1:
            cells, kind, reason = [*cells, "more"], "too many cells", "bad_line"
        case 2:
            cells[total], kind, reason = "a lot", "no number", "wrong_schema"
        case 3:
            cells[lines], kind, reason = "[{", "no JSON in a cell", "wrong_schema"
        case _:
            cells[placed], kind, reason = "yesterday", "no time", "wrong_schema"
    return Put(f"bad: {kind}", order.key, None, reason=reason), cells


# --- JSON Lines -----------------------------------------------------------------------------------------------------


def _json(shop: Shop, live: _Live, count: int) -> File:
    made: list[Order | Return | Customer] = [_plain(each) for each in live.take(count // 6)]
    made += [shop.new_return(_older(shop.new_order(status="shipped"))) for _ in range(count - len(made) - 5)]
    # Not of the shop's customers: those who left before it had changes to tell of.
    made += [_former_customer(shop, at) for at in range(5)]
    rows = [(_put(each), as_json(each.item).encode()) for each in made]
    rows += [_bad_line(shop, at) for at in range(max(4, count // 30))]
    shop.random.shuffle(rows)
    content = b"".join(line + b"\n" for _, line in rows)
    return File(JSON_KEY, content, [put for put, _ in rows], [line for _, line in rows])


def _former_customer(shop: Shop, at: int) -> Customer:
    return Customer(
        customer_id=f"left-{at}", name=f"Former {at}", country="FR", since=shop.today - timedelta(days=4000 + at)
    )


def _bad_line(shop: Shop, at: int) -> tuple[Put, bytes]:
    made = shop.new_return(_older(shop.new_order()))
    line = as_json(made.item).encode()
    match at % 4:
        case 0:
            line, kind, reason = line[:-7], "cut off", "bad_line"
        case 1:
            line, kind, reason = line.replace(b"r-", b"r-\xff", 1), "Latin-1", "bad_encoding"
        case 2:
            line = as_json(made.item | {"schema_version": 7}).encode()
            kind, reason = "unknown version", "unknown_schema_version"
        case _:
            line = as_json(made.item | {"refund": Decimal(-1)}).encode()
            kind, reason = "negative refund", "wrong_schema"
    return Put(f"bad: {kind}", made.key, None, reason=reason), line


# --- the older table ------------------------------------------------------------------------------------------------


def _table(shop: Shop, live: _Live, count: int) -> list[Put]:
    """Orders of all versions, with all types that DynamoDB has, and some that no pipeline knows."""
    puts = [_put(order) for order in _orders(shop, live, count)]
    for at in range(max(4, count // 40)):
        order = _older(shop.new_order(version=3, more={}))
        if at % 2:
            puts.append(
                Put(
                    "bad: unknown version",
                    order.key,
                    order.item | {"schema_version": 0},
                    None,
                    "unknown_schema_version",
                )
            )
        else:
            no_lines: Item = {"lines": []}
            puts.append(Put("bad: no lines", order.key, order.item | no_lines, None, "wrong_schema"))
    carts = [shop.fill_cart() for _ in range(max(4, count // 40))]
    return [*puts, *{cart.key: cart for cart in carts}.values()]


# --- texts ----------------------------------------------------------------------------------------------------------


def as_json(value: Any) -> str:
    """Numbers with all of their digits."""
    match value:
        case Decimal():
            return plain(value)
        case dict():
            return "{" + ",".join(f"{json.dumps(name)}:{as_json(each)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(as_json, value)) + "]"
        case set():
            return as_json(sorted(value))
        case date():
            return json.dumps(value.isoformat())
    return json.dumps(value)


def keys_of(puts: Iterable[Put]) -> set[Key]:
    """Of what has to be in the targets, shown or not."""
    return {put.key for put in puts if not put.reason and not put.ignored}
