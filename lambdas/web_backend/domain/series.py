"""What a client is told of a metric."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lambdas.common.tables.metrics.layout import MINUTE, metric_key, period_key
from lambdas.web_backend.contract.models import Named, Point, SeriesQuery

TOP = 10
"""Most frequent names in an answer."""


def check(metric: str, query: SeriesQuery, max_points: int) -> None:
    """Raises ValueError for what cannot be asked: an empty range, too many points, times or names that make no key."""
    if query.start >= query.end:
        raise ValueError("the end has to be after the start")
    points = -((query.start - query.end) // timedelta(minutes=query.step_minutes))
    if points > max_points:
        raise ValueError(f"the range has {points:,} steps, and {max_points:,} are answered: ask for longer steps")
    metric_key(metric, query.dimension)
    try:
        for moment in (query.start, query.end):
            period_key(int(moment.timestamp()) // MINUTE * MINUTE + MINUTE)
    except OverflowError as error:
        raise ValueError("the range is beyond the years that there are") from error


def point(start: datetime, value: Any) -> Point:
    """One step; ``value`` is an `Aggregate`, of which those that estimate are loaded only where one is met."""
    match value.kind:
        case "count":
            return Point(start=start, kind="count", value=Decimal(value.count))
        case "sum":
            return Point(start=start, kind="sum", value=value.total)
        case "stats":
            return Point(start=start, kind="stats", value=value.mean, minimum=value.minimum, maximum=value.maximum)
        case "distinct":
            return Point(start=start, kind="distinct", value=Decimal(round(value.estimate)))
        case "quantiles":
            low, median, p95, high = (_decimal(value.quantile(q)) for q in (0, 0.5, 0.95, 1))
            return Point(start=start, kind="quantiles", value=median, minimum=low, maximum=high, p95=p95)
        case "top":
            names = tuple(Named(name=each.name, count=each.upper) for each in value.items()[:TOP])
            return Point(start=start, kind="top", value=Decimal(value.weight), top=names)
    raise ValueError(f"{value.kind!r} is no known kind of metric: the reader is newer, let this function show it, too")


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))
