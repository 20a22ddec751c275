"""What the page shows: what readers find in the read model, beside what SQL finds in the lake's Parquet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lambdas.common.tables.read_model.reader import ReadModelReader
from lambdas.table_etl.contract import Quarantined
from local import charts
from local.charts import Number, Series
from local.use_cases.outcome import Figure, Listing
from local.use_cases.table_etl import tally
from local.use_cases.table_etl.lake import Lake
from local.use_cases.table_etl.script import Put
from local.use_cases.table_etl.shop import Key
from local.use_cases.table_etl.tally import State

CURRENCY = "EUR"
_NEWEST = 8
_LONGEST_MESSAGE = 110

REVENUE = """\
SELECT day, sum(total) AS revenue
FROM orders
WHERE status <> 'cancelled' AND currency = 'EUR'
GROUP BY day ORDER BY day"""
TOP_ARTICLES = """\
SELECT line.sku, sum(line.quantity) AS pieces,
       sum(line.quantity * line.unit_price) AS revenue
FROM orders CROSS JOIN UNNEST(lines) AS t(line)
WHERE status <> 'cancelled' AND currency = 'EUR'
GROUP BY line.sku ORDER BY revenue DESC LIMIT 8"""


@dataclass(frozen=True)
class Gallery:
    """Draws charts into the page's directory."""

    directory: Path
    reader: ReadModelReader
    lake: Lake
    states: Mapping[Key, State]

    @property
    def _days(self) -> list[str]:
        return tally.days(self.states)

    def revenue_of_lake(self) -> Figure:
        """Per day, by SQL."""
        return self._revenue("revenue-of-lake", "as SQL finds it in the Parquet", dict(self.lake.asked(REVENUE)))

    def revenue_of_totals(self) -> Figure:
        """Per day, of all customers' totals."""
        found: defaultdict[str, Decimal] = defaultdict(Decimal)
        for customer in sorted(self._customers()):
            for each in self.reader.totals(f"customer#{customer}#totals", self._days[0], self._days[-1]):
                day, _, currency = each.sort.partition("#")
                if currency == CURRENCY:
                    found[day] += each.amounts.get("revenue", Decimal(0))
        return self._revenue("revenue-of-totals", "as the read model's totals add up", found)

    def _revenue(self, name: str, whence: str, found: dict[str, Any]) -> Figure:
        series = Series("revenue", [found.get(day) for day in self._days])
        chart = charts.bars(f"Revenue in {CURRENCY} per day, {whence}", [day[5:] for day in self._days], [series])
        whole = sum(found.values(), Decimal(0))
        return charts.figure(chart, self.directory, name, (f"{whole:,.2f} {CURRENCY} in all",))

    def _customers(self) -> set[str]:
        rows = tally.shown(self.states).values()
        return {row.fields["customer_id"] for row in rows}

    def statuses(self) -> Figure:
        """Of the orders in the read model."""
        found: Counter[str] = Counter()
        for customer in sorted(self._customers()):
            for row in self.reader.newest(f"customer#{customer}#orders", limit=10_000):
                found[row.fields["status"]] += 1
        return self._rows("statuses", "Orders by status", found.items())

    def changes(self, puts: Iterable[Put]) -> Figure:
        """Of the source table, by kind."""
        return self._rows("changes", "Changes by kind", Counter(_kind(put) for put in puts).items())

    def rejected(self, quarantined: Iterable[Quarantined]) -> Figure:
        """By reason."""
        reasons = {str(each.position): str(each.reason) for each in quarantined}
        return self._rows("rejected", "Rejected, by reason", Counter(reasons.values()).items())

    def examples(self, quarantined: Iterable[Quarantined]) -> Listing:
        """The first of each reason, in the order of their messages."""
        first: dict[str, Quarantined] = {}
        for each in sorted(quarantined, key=lambda each: each.message):
            first.setdefault(each.reason, each)
        return Listing(
            title="One of each",
            heads=("Reason", "Message"),
            rows=tuple((reason, _short(each.message)) for reason, each in sorted(first.items())),
        )

    def _rows(self, name: str, title: str, values: Iterable[tuple[str, Number]]) -> Figure:
        ranked = sorted(values, key=lambda each: (-each[1], each[0]))
        return charts.figure(charts.rows(title, ranked), self.directory, name)

    def newest_orders(self) -> Listing:
        """Of the customer who has most of them."""
        counts = Counter(
            row.fields["customer_id"] for row in tally.shown(self.states).values() if row.dataset == "orders"
        )
        customer = min(counts, key=lambda each: (-counts[each], each))
        view = f"customer#{customer}#orders"
        rows = [row.fields for row in self.reader.newest(view, limit=_NEWEST)]
        return Listing(
            title=f"The newest orders of {customer}, by one query",
            code=f'reader.newest("{view}", limit={_NEWEST})',
            heads=("Placed", "Order", "Status", "Articles", "Total"),
            rows=tuple(
                (
                    f"{datetime.fromisoformat(each['placed_at']):%d %b %H:%M}",
                    each["order_id"],
                    each["status"],
                    str(each["articles"]),
                    f"{each['total']:,.2f} {each['currency']}",
                )
                for each in rows
            ),
            numbers=(3, 4),
        )

    def top_articles(self) -> Listing:
        """By SQL over nested lines."""
        rows = self.lake.asked(TOP_ARTICLES)
        return Listing(
            title="Articles that sell best, by SQL on the Parquet",
            code=TOP_ARTICLES,
            heads=("Article", "Pieces", f"Revenue in {CURRENCY}"),
            rows=tuple((sku, f"{pieces:,}", f"{revenue:,.2f}") for sku, pieces, revenue in rows),
            numbers=(1, 2),
        )


def _kind(put: Put) -> str:
    """The many ways of being bad are one."""
    return "bad" if put.reason else put.kind


def _short(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"
