"""What the page shows of each recipe: charts of what a reader of the metrics table finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from operator import methodcaller
from pathlib import Path
from typing import Any

from lambdas.common.tables.metrics.aggregates import Aggregate
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.stream_analytics.domain.tally import CLEANSED, REJECTED
from local import charts
from local.charts import Number, Series, plain
from local.use_cases.outcome import Figure
from local.use_cases.stream_analytics.checks import QUANTILES
from tools.samples.base import Item

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_ROWS = 8
_LINES = 6


@dataclass(frozen=True)
class Gallery:
    """Draws charts into the page's directory, each of the minutes given."""

    directory: Path
    reader: MetricsReader
    start: datetime
    minutes: int
    counted: Mapping[Item, Aggregate]
    """Tells which dimensions there are."""

    @property
    def end(self) -> datetime:
        """After the last minute."""
        return self.start + self.minutes * _MINUTE

    def figures(self, recipe: str) -> tuple[Figure, ...]:
        """Of one of the recipes."""
        draw: dict[str, Callable[[], Iterator[Figure]]] = {
            "clickstream": self._clickstream,
            "activity": self._activity,
            "orders": self._orders,
            "telemetry": self._telemetry,
            "mobile": self._mobile,
            "social": self._social,
            "logs": self._logs,
        }
        return tuple(draw[recipe]())

    def rejected(self) -> Figure:
        """Rejected events by reason."""
        return self._arrivals(REJECTED, "Events rejected, by reason")

    def cleansed(self) -> Figure:
        """Fields that cleansing changed, by rule."""
        return self._arrivals(CLEANSED, "Fields cleansed, by rule")

    def _arrivals(self, metric: str, title: str) -> Figure:
        # Counted in the minutes in which the events arrived, not in those in which they happened.
        arrived = self.start, self.end + _DAY
        counts = [
            (each, self._value(self.reader.total(metric, *arrived, each), _count)) for each in self._dimensions(metric)
        ]
        return self._rows(metric.replace(".", "-"), title, counts)

    # --- recipes ----------------------------------------------------------------------------------------------------

    def _clickstream(self) -> Iterator[Figure]:
        views, clicks = (self._series(f"clickstream.{name}", name, _count) for name in ("views", "clicks"))
        yield self._bars("clickstream-views", "Views and clicks per minute", [views, clicks])
        visitors = self._series("clickstream.unique_visitors", "visitors", lambda each: round(each.estimate))
        yield self._lines("clickstream-visitors", "Unique visitors per minute", [visitors], text=plain)
        yield self._top("clickstream.pages", "Top pages")
        yield self._top("clickstream.referrers", "Top referrers")

    def _activity(self) -> Iterator[Figure]:
        users = self._series("activity.active_users", "users", lambda each: round(each.estimate))
        yield self._lines("activity-users", "Active users per minute", [users], text=plain)
        yield self._bars("activity-features", "Feature use per minute", self._by("activity.feature_use", _count))

    def _orders(self) -> Iterator[Figure]:
        for currency in self._dimensions("orders.revenue"):
            revenue = self._series("orders.revenue", currency, lambda each: each.total, currency)
            sold = sum((value for value in revenue.values if value is not None), Decimal(0))
            orders = self._series("orders.orders", currency, _count, currency)
            facts = (f"{sold:,} {currency} in {sum(value or 0 for value in orders.values):,} orders",)
            title = f"Revenue in {currency} per minute"
            yield self._bars(f"orders-{currency}", title, [revenue], facts=facts)

    def _telemetry(self) -> Iterator[Figure]:
        for device in self._dimensions("telemetry.reading")[:2]:
            lowest, mean, highest = (
                self._series("telemetry.reading", name, read, device)
                for name, read in (
                    ("lowest", lambda each: each.minimum),
                    ("mean", lambda each: each.mean),
                    ("highest", lambda each: each.maximum),
                )
            )
            title = f"Readings of {device} per minute"
            yield self._lines(f"telemetry-{device}", title, [mean], band=(lowest, highest))
        midnight = self.start.replace(hour=0, minute=0)
        usage = [
            (account, self._value(self.reader.total("telemetry.usage", midnight, self.end, account), _total))
            for account in self._dimensions("telemetry.usage")
        ]
        yield self._rows("telemetry-usage", "kWh per account and day", usage)

    def _mobile(self) -> Iterator[Figure]:
        for release in self._dimensions("mobile.duration_ms"):
            percentiles = [
                self._series("mobile.duration_ms", f"p{q * 100:.0f}", methodcaller("quantile", q), release)
                for q in reversed(QUANTILES)
            ]
            yield self._lines(f"mobile-{release.replace(' ', '-')}", f"{release}: duration in ms", percentiles)

    def _social(self) -> Iterator[Figure]:
        yield self._bars("social-posts", "Posts per minute, by language", self._by("social.posts", _count))
        lowest, mean, highest = (
            self._series("social.sentiment", name, read)
            for name, read in (
                ("lowest", lambda each: each.minimum),
                ("mean", lambda each: each.mean),
                ("highest", lambda each: each.maximum),
            )
        )
        yield self._lines("social-sentiment", "Sentiment per minute", [mean], band=(lowest, highest))
        yield self._top("social.hashtags", "Top hashtags")
        yield self._top("social.mentions", "Top mentions")

    def _logs(self) -> Iterator[Figure]:
        yield self._bars("logs-lines", "Lines kept per minute, by level", self._by("logs.lines", _count))
        yield self._bars("logs-errors", "Errors per minute, by service", self._by("logs.errors", _count))

    # --- reading ----------------------------------------------------------------------------------------------------

    def _dimensions(self, metric: str) -> list[str]:
        """Of a metric that is kept by dimension, those of most events first."""
        events = Counter[str]()
        for item, value in self.counted.items():
            if item.metric == metric:
                events[item.dimension] += _count(value)
        return sorted(events, key=lambda each: (-events[each], each))

    def _series(self, metric: str, name: str, read: Callable[[Any], Number], dimension: str = "") -> Series:
        points = self.reader.series(metric, start=self.start, end=self.end, step=_MINUTE, dimension=dimension)
        found = {each.start: read(each.value) for each in points}
        return Series(name, [found.get(self.start + at * _MINUTE) for at in range(self.minutes)])

    def _by(self, metric: str, read: Callable[[Any], Number]) -> list[Series]:
        return [self._series(metric, each, read, each) for each in self._dimensions(metric)[:_LINES]]

    @staticmethod
    def _value(value: Any, read: Callable[[Any], Number]) -> Number:
        return 0 if value is None else read(value)

    # --- drawing ----------------------------------------------------------------------------------------------------

    @property
    def _ticks(self) -> list[str]:
        return [f"{(self.start + at * _MINUTE):%H:%M}" for at in range(self.minutes)]

    def _bars(self, name: str, title: str, series: list[Series], facts: tuple[str, ...] = ()) -> Figure:
        return charts.figure(charts.bars(title, self._ticks, series), self.directory, name, facts)

    def _lines(self, name: str, title: str, series: list[Series], **options: Any) -> Figure:
        return charts.figure(charts.lines(title, self._ticks, series, **options), self.directory, name)

    def _rows(self, name: str, title: str, values: Sequence[tuple[str, Number]], **options: Any) -> Figure:
        ranked = sorted(values, key=lambda each: -each[1])[:_ROWS]
        return charts.figure(charts.rows(title, ranked, **options), self.directory, name)

    def _top(self, metric: str, title: str) -> Figure:
        found: Any = self.reader.total(metric, self.start, self.end)
        values = [(each.name, each.estimate) for each in found.items()] if found else []
        return self._rows(metric.replace(".", "-"), title, values)


def _count(value: Any) -> int:
    count: int = value.count
    return count


def _total(value: Any) -> Number:
    total: Decimal = value.total
    return total
