"""Whether metrics per minute are those of the lines that were generated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Sum
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.common.tables.metrics.sketches import Quantiles, Top
from lambdas.file_processing.contract.access_logs import STATUS_CLASSES, AccessMetric, status_dimension
from local.use_cases.file_processing.checks import Area, Problem
from local.use_cases.file_processing.requests import MINUTES, Minute
from local.use_cases.file_processing.samples import SITE

QUANTILES = (0.5, 0.95, 0.99)
_QUANTILE_ERROR = 0.0101
"""What `Quantiles` promises, and a rounding."""

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True)
class Measured:
    """Metrics of a site, by minute since the beginning; minutes without a value are absent."""

    requests: Mapping[int, Count]
    statuses: Mapping[str, Mapping[int, Count]]
    """By class."""
    errors: Mapping[int, Count]
    bytes: Mapping[int, Sum]
    latency: Mapping[int, Quantiles]
    paths: Mapping[int, Top]
    failing: Mapping[int, Top]

    @classmethod
    def of(cls, reader: MetricsReader, start: datetime) -> Measured:
        """Reads all of an hour around the minutes in which there were requests."""

        def read(metric: AccessMetric, kind: type[A], dimension: str = SITE) -> dict[int, A]:
            points = reader.series(
                metric,
                start=start - timedelta(minutes=30),
                end=start + timedelta(minutes=30),
                step=timedelta(minutes=1),
                dimension=dimension,
            )
            values = {(point.start - start) // timedelta(minutes=1): point.value for point in points}
            return {at: value for at, value in values.items() if isinstance(value, kind)}

        return cls(
            read(AccessMetric.REQUESTS, Count),
            {name: read(AccessMetric.STATUS, Count, status_dimension(SITE, name)) for name in STATUS_CLASSES},
            read(AccessMetric.ERRORS, Count),
            read(AccessMetric.BYTES, Sum),
            read(AccessMetric.LATENCY, Quantiles),
            read(AccessMetric.PATHS, Top),
            read(AccessMetric.FAILING_PATHS, Top),
        )

    def top_paths(self, most: int) -> list[tuple[str, int]]:
        """Over all minutes."""
        counts = Counter[str]()
        for top in self.paths.values():
            counts.update({each.name: each.estimate for each in top.items()})
        return counts.most_common(most)


def check_metrics(wanted: Sequence[Minute], found: Measured) -> Iterator[Problem]:
    """Each minute's are exact, but for quantiles, which are as near as they promise."""
    exact: list[tuple[str, Mapping[int, Any], list[Any]]] = [
        ("requests", _plain(found.requests), [each.statuses.total() for each in wanted]),
        ("errors", _plain(found.errors), [each.statuses["5xx"] for each in wanted]),
        *(
            (f"requests answered {name}", _plain(counts), [each.statuses[name] for each in wanted])
            for name, counts in found.statuses.items()
        ),
        ("bytes", {at: int(each.total) for at, each in found.bytes.items()}, [each.size for each in wanted]),
        ("paths", _names(found.paths), [dict(each.paths) for each in wanted]),
        ("paths that fail", _names(found.failing), [dict(each.failing) for each in wanted]),
    ]
    for what, values, right in exact:
        # What did not happen in a minute has no value.
        if values != {at: value for at, value in enumerate(right) if value}:
            yield Problem(Area.METRICS, f"{what} by minute are {values}, not {right}")
    for at in range(MINUTES):
        yield from _check_latency(at, wanted[at], found.latency.get(at))


def _check_latency(at: int, minute: Minute, found: Quantiles | None) -> Iterator[Problem]:
    times = sorted(minute.milliseconds)
    if found is None or found.count != len(times):
        yield Problem(Area.METRICS, f"minute {at}: {found.count if found else 0} durations, not {len(times)}")
        return
    for share in QUANTILES:
        right, told = times[int(share * (len(times) - 1))], found.quantile(share)
        if abs(told - right) > _QUANTILE_ERROR * right:
            yield Problem(Area.METRICS, f"minute {at}: the quantile {share} is {told:.2f} ms, not {right:.2f}")


def _plain(counts: Mapping[int, Count]) -> dict[int, int]:
    return {at: each.count for at, each in counts.items()}


def _names(tops: Mapping[int, Top]) -> dict[int, dict[str, int]]:
    return {at: {each.name: each.estimate for each in top.items()} for at, top in tops.items()}
