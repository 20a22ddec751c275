"""What has to come out, by the producers' own account: of each item the last state that is not rejected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from lambdas.common.tables.shop.layout import format_time
from local.use_cases.table_etl.history import History
from local.use_cases.table_etl.script import Put
from local.use_cases.table_etl.shop import Key, Row

HISTORICAL = "0#"
"""Versions of historical rows begin with it; of live changes they are known to the last digit."""
_SEQUENCE_DIGITS = 40

Place = tuple[str, ...]
"""Where a bad change or row stood, as quarantine has to tell."""
Totals = dict[tuple[str, str], dict[str, Decimal]]
"""By partition and sort key of the read model."""


class State(NamedTuple):
    """What the targets have to show of an item."""

    row: Row | None
    version: str
    """Or its beginning."""


class Bad(NamedTuple):
    """What has to be in quarantine."""

    reason: str
    payload: Any
    """The item of a change or an export, the cells of CSV, or the line of JSON."""


@dataclass(frozen=True)
class Dropped:
    """How files are known to quarantine."""

    csv_version: str
    json_version: str
    export_id: str


@dataclass(frozen=True)
class Tally:
    """All that was put, and where."""

    changes: Sequence[Put]
    numbers: Sequence[str]
    """Sequence numbers of the changes in the table's stream."""
    history: History
    dropped: Dropped

    def states(self) -> dict[Key, State]:
        """By item, the last state that is to be taken: any live one is later than any of history."""
        states: dict[Key, State] = {}
        for puts in self.history.puts.values():
            for put in _taken(puts):
                if put.key in states:
                    raise ValueError(f"{put.key} is in two files, and who wins depends on when they come")
                states[put.key] = State(put.row, HISTORICAL)
        for number, put in zip(self.numbers, self.changes, strict=True):
            if not put.reason and not put.ignored:
                states[put.key] = State(put.row, f"1#{number:0>{_SEQUENCE_DIGITS}}")
        return states

    def bad(self) -> dict[Place, Bad]:
        """By place, what has to be rejected."""
        found: dict[Place, Bad] = {}
        for number, put in zip(self.numbers, self.changes, strict=True):
            if put.reason:
                found["stream", number] = Bad(put.reason, put.item)
        files = ((self.history.csv, self.dropped.csv_version), (self.history.json, self.dropped.json_version))
        for file, version in files:
            for row, (put, payload) in enumerate(zip(file.rows, file.payloads, strict=True), 1):
                if put.reason:
                    found["file", file.key, version, str(row)] = Bad(put.reason, payload)
        for put in self.history.table:
            if put.reason:
                found["export", self.dropped.export_id, *put.key] = Bad(put.reason, put.item)
        return found


def _taken(puts: Sequence[Put]) -> Iterator[Put]:
    return (put for put in puts if not put.reason and not put.ignored)


# --- what readers of the read model are to find ---------------------------------------------------------------------


def views(states: Mapping[Key, State]) -> dict[str, list[Mapping[str, Any]]]:
    """Rows by view, the newest first."""
    sorted_rows: defaultdict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for row in shown(states).values():
        fields = row.fields
        match row.dataset:
            case "customers":
                view, sort = f"country#{fields['country']}#customers", fields["customer_id"]
            case "orders":
                view = f"customer#{fields['customer_id']}#orders"
                sort = f"{format_time(fields['placed_at'])}#{fields['order_id']}"
            case _:
                view = f"customer#{fields['customer_id']}#returns"
                sort = f"{format_time(fields['returned_at'])}#{fields['return_id']}"
        sorted_rows[view].append((sort, fields))
    return {
        view: [fields for _, fields in sorted(rows, key=lambda each: each[0], reverse=True)]
        for view, rows in sorted_rows.items()
    }


def totals(states: Mapping[Key, State]) -> Totals:
    """Sums per customer, day and currency that are not zero; cancelled orders count nothing."""
    sums: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in shown(states).values():
        if row.dataset == "customers":
            continue
        fields = row.fields
        amounts = sums[f"customer#{fields['customer_id']}#totals", f"{row.day}#{fields['currency']}"]
        if row.dataset == "returns":
            amounts.update({"returns": 1, "refunds": fields["refund"]})
        elif fields["status"] != "cancelled":
            amounts.update({"orders": 1, "revenue": fields["total"]})
    nonzero = {key: {name: Decimal(each) for name, each in amounts.items() if each} for key, amounts in sums.items()}
    return {key: amounts for key, amounts in nonzero.items() if amounts}


def shown(states: Mapping[Key, State]) -> dict[Key, Row]:
    """Those items of which there is a row."""
    return {key: state.row for key, state in states.items() if state.row}


def days(states: Mapping[Key, State]) -> list[str]:
    """Of orders, without gaps."""
    dates = sorted(row.fields["placed_at"].date() for row in shown(states).values() if row.dataset == "orders")
    first, last = dates[0], dates[-1]
    return [str(first + timedelta(days=at)) for at in range((last - first).days + 1)]
