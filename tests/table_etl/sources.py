"""A shop's table as a schedule needs it: items change, shards carry the changes, exports show it as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from lambdas.common.tables.shop import layout
from lambdas.table_etl.contract import FilePosition, Form, history_version, live_version
from lambdas.table_etl.domain.changes import FileRow
from tests.support.event_source import Clock, DynamoDBShard, Record

START = 1_795_600_800.0
"""Unix seconds."""
CUSTOMERS = ("c-1", "c-2")
BAD_STATES = ("wrong total", "unknown version", "no version", "too big", "extra field")
STATES = ("placed", "shipped", "cancelled", "draft", "test", "version 1", "version 2", *BAD_STATES)

Item = dict[str, Any]
_serialize = TypeSerializer().serialize


def image(item: Item) -> dict[str, Any]:
    """An item as a stream shows it; the samples hold no binary values."""
    return {name: _listed(_serialize(value)) for name, value in item.items()}


def _listed(typed: Any) -> Any:
    return {kind: sorted(value) if kind in {"SS", "NS"} else value for kind, value in typed.items()}


def order(customer: str, number: int, state: str, amount: int) -> Item:
    """An order in one of `STATES`; what is bad about it is in its name."""
    at = datetime(2026, 11, 20 + number, 10, number, tzinfo=UTC)
    item: Item = layout.order_key(customer, at, f"o-{number}") | {
        "schema_version": 3,
        "order_id": f"o-{number}",
        "placed_at": layout.format_time(at),
        "status": state if state in {"shipped", "cancelled", "draft"} else "placed",
        "currency": "EUR",
        "total": 2 * amount,
        "lines": [{"sku": f"sku-{number}", "quantity": 2, "unit_price": amount}],
        "tags": {"a", "b"},
    }
    match state:
        case "test":
            item["test"] = True
        case "version 1" | "version 2":
            item["schema_version"] = int(state[-1])
            [line] = item.pop("lines")
            item["articles"] = {line.pop("sku"): line}
            if state == "version 1":
                del item["currency"]
        case "wrong total":
            item["total"] += 1
        case "unknown version":
            item["schema_version"] = 99
        case "no version":
            del item["schema_version"]
        case "too big":
            item["attributes"] = {"note": "x" * 3_000}
        case "extra field":
            item["colour"] = "red"
    return item


def line(item: Item, form: Form) -> bytes:
    """An item as a file of that form holds it; of CSV its cells."""
    match form:
        case Form.EXPORT:
            content: Any = {"Item": image(item)}
        case Form.CSV:
            content = [each if isinstance(each, str) else json.dumps(each, default=sorted) for each in item.values()]
        case _:
            content = item
    return json.dumps(content, default=sorted).encode()


@dataclass(frozen=True)
class State:
    """One state of one item that a function may be told of."""

    order: tuple[int, ...]
    """As states follow each other: history by time, file and row, then changes by number."""
    version: str
    item: Item | None
    good: bool
    """Whether the pipeline takes it."""
    row: FileRow | None = None
    """Out of a file."""


class Table:
    """The source table, with a shard for each customer, and every state that a function may be told of.

    ``states``: by source key. ``bad``: versions of the states that the pipeline does not take.
    """

    def __init__(self) -> None:
        self.clock = Clock(START)
        self.items: dict[str, Item] = {}
        self.states: dict[str, list[State]] = {}
        self.exports: list[list[FileRow]] = []
        self.bad: set[str] = set()
        self._told: list[str] = []
        # The first shard's sequence numbers grow by a digit on the way.
        firsts = (10**21 - 2**32, 800000000003126276362)
        self.shards = {
            customer: DynamoDBShard(self.clock, shard_id=f"shardId-{customer}", first_sequence_number=first)
            for customer, first in zip(CUSTOMERS, firsts, strict=True)
        }

    def __repr__(self) -> str:
        return f"Table: {', '.join(self._told)}"

    def put(self, customer: str, number: int, state: str, amount: int) -> Record:
        """Writes an order."""
        self._told.append(f"put {customer} {number} {state} {amount}")
        new = order(customer, number, state, amount)
        old = self.items.get(_name(new))
        self.items[_name(new)] = new
        return self._change(customer, new, image(new), image(old) if old else None, good=state not in BAD_STATES)

    def delete(self, customer: str, number: int) -> Record | None:
        """Deletes an order, if it is there."""
        self._told.append(f"delete {customer} {number}")
        key = _name(order(customer, number, "placed", 1))
        old = self.items.pop(key, None)
        return self._change(customer, old, None, image(old), good=True) if old else None

    def _change(self, customer: str, item: Item, new: Any, old: Any, *, good: bool) -> Record:
        keys = image({name: item[name] for name in (layout.PARTITION_KEY, layout.SORT_KEY)})
        record = self.shards[customer].put(keys, new_image=new, old_image=old)
        version = live_version(record.sequence_number)
        self._remember(_name(item), State((1, int(record.sequence_number)), version, item if new else None, good))
        if not good:
            self.bad.add(version)
        return record

    def export(self, form: Form) -> None:
        """A file with every item as it is now."""
        self._told.append(f"export {len(self.items)} items as {form}")
        moment = datetime.fromtimestamp(self.clock.now, UTC) + timedelta(microseconds=len(self.exports))
        rows = []
        for at, (key, item) in enumerate(self.items.items(), 1):
            position = FilePosition("backfill", f"export-{len(self.exports)}", "v", at)
            version = history_version(moment, f"{len(self.exports)}", at)
            columns = tuple(item) if form is Form.CSV else ()
            row = FileRow(position, form, line(item, form), version, columns)
            rows.append(row)
            good = self._is_good(item)
            self._remember(key, State((0, int(self.clock.now), len(self.exports), at), row.version, item, good, row))
            if not good:
                self.bad.add(row.version)
        self.exports.append(rows)

    @staticmethod
    def _is_good(item: Item) -> bool:
        version = item.get("schema_version")
        lines = item.get("lines") or [{"quantity": 2, "unit_price": item["total"] // 2}]
        due = sum(line["quantity"] * line["unit_price"] for line in lines)
        return version in {1, 2, 3} and due == item["total"] and not item.keys() & {"colour", "attributes"}

    def _remember(self, key: str, state: State) -> None:
        self.states.setdefault(key, []).append(state)

    def fold(self) -> Iterator[tuple[str, State]]:
        """By source key, the last state that the pipeline takes."""
        for key, states in self.states.items():
            good = [state for state in states if state.good]
            if good:
                yield key, max(good, key=lambda state: state.order)


def _name(item: Item) -> str:
    return json.dumps([item[layout.PARTITION_KEY], item[layout.SORT_KEY]], separators=(",", ":"))


def shown(item: Item | None) -> Any:
    """What the read model shows of an item, by hand; None for one that it does not show."""
    if item is None or item["status"] == "draft" or item.get("test"):
        return None
    lines = item.get("lines")
    if lines is None:
        lines = [{"sku": sku, **line} for sku, line in item["articles"].items()]
    [line] = lines
    at = datetime.fromisoformat(item["placed_at"]).isoformat().replace("+00:00", "Z")
    return {
        "customer_id": item[layout.PARTITION_KEY].removeprefix(layout.CUSTOMER),
        "order_id": item["order_id"],
        "placed_at": at,
        "status": item["status"],
        "currency": item.get("currency", "EUR"),
        "total": item["total"],
        "articles": line["quantity"],
        "dearest": line["sku"],
        "lines": lines,
        "tags": item["tags"],
    }
