"""What the lines of a log come to, by minute."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import compress

from lambdas.common.tables.metrics.aggregates import Aggregate, Count, Sum
from lambdas.common.tables.metrics.sketches import Quantiles
from lambdas.file_processing.contract.access_logs import (
    OTHER_STATUS,
    STATUS_CLASSES,
    AccessMetric,
    status_dimension,
)
from lambdas.file_processing.domain.access_logs.dialect import Columns
from lambdas.file_processing.domain.access_logs.paths import Ranking, bounded
from lambdas.file_processing.domain.access_logs.values import Remembered
from lambdas.file_processing.domain.processing import Measurement, Rejected

MAX_PATHS = 2**18
"""Different paths of all minutes together that are counted exactly: up to 80 MB."""

_SERVER_ERRORS = frozenset(b"%d" % status for status in range(500, 600))
_CLASSES = {b"%d" % status: f"{status // 100}xx" for status in range(100, 600)}
_ZERO = -(10**9)
"""Stands for durations that `Quantiles` counts as zeros; its keys are closer to 0."""


def class_of(status: bytes) -> str:
    """One of `STATUS_CLASSES`."""
    return _CLASSES.get(status, OTHER_STATUS)


@dataclass
class Minute:
    """Requests of one minute."""

    statuses: Counter[bytes] = field(default_factory=Counter)
    size: int = 0
    bins: Counter[int | None] = field(default_factory=Counter)
    """Durations by `_bin_of`."""
    paths: Ranking = field(default_factory=Ranking)
    failing: Ranking = field(default_factory=Ranking)

    def add(
        self, statuses: Sequence[bytes], sizes: Sequence[bytes], bins: Sequence[int | None], paths: Sequence[bytes]
    ) -> int:
        """Counts requests; how many paths there are more than before."""
        self.statuses.update(statuses)
        self.size += sum(map(int, filter(b"-".__ne__, sizes)))
        self.bins.update(bins)
        more = self.paths.add(paths)
        if not _SERVER_ERRORS.isdisjoint(statuses):
            more += self.failing.add(compress(paths, map(_SERVER_ERRORS.__contains__, statuses)))
        return more

    @property
    def requests(self) -> int:
        """How many there were."""
        return self.statuses.total()

    def classes(self) -> dict[str, int]:
        """Requests by class of status, those that there were."""
        counts: Counter[str] = Counter()
        for status, count in self.statuses.items():
            counts[class_of(status)] += count
        return {name: counts[name] for name in STATUS_CLASSES if counts[name]}

    def latency(self) -> Quantiles:
        """Of the requests that tell how long they took."""
        bins = {key: count for key, count in self.bins.items() if key is not None}
        return Quantiles(bins.pop(_ZERO, 0), bins)


class Tally:
    """All minutes of a log."""

    def __init__(self, max_minutes: int) -> None:
        self.minutes: defaultdict[int, Minute] = defaultdict(Minute)
        """By the Unix seconds at which they start."""
        self._max_minutes = max_minutes
        self._paths = 0
        self._bins = Remembered(_bin_of)

    def add(self, columns: Columns) -> None:
        """Counts lines. Raises Rejected if they are of more minutes than a log may have."""
        minutes, statuses, sizes, durations, paths = columns
        values = statuses, sizes, list(map(self._bins.__getitem__, durations)), bounded(paths)
        if len(set(minutes)) == 1:
            self._paths += self.minutes[minutes[0]].add(*values)
        else:
            apart = defaultdict(list)
            for minute, row in zip(minutes, zip(*values, strict=True), strict=True):
                apart[minute].append(row)
            for minute, rows in apart.items():
                self._paths += self.minutes[minute].add(*zip(*rows, strict=True))
        if len(self.minutes) > self._max_minutes:
            raise Rejected(
                "too_many_minutes",
                f"the log has requests of more than {self._max_minutes} minutes: split it, or raise max_minutes",
            )
        if self._paths > MAX_PATHS:
            self._make_room()

    def _make_room(self) -> None:
        rankings = [each for minute in self.minutes.values() for each in (minute.paths, minute.failing)]
        for ranking in rankings:
            ranking.keep(MAX_PATHS // (2 * len(rankings)))
        self._paths = sum(len(ranking.counts) for ranking in rankings)

    def measurements(self, site: str) -> Iterator[Measurement]:
        """In the order of time."""
        for start, minute in sorted(self.minutes.items()):
            for metric, dimension, value in _values(site, minute):
                yield Measurement(metric, dimension, start, value)


def _values(site: str, minute: Minute) -> Iterator[tuple[str, str, Aggregate]]:
    classes = minute.classes()
    yield AccessMetric.REQUESTS, site, Count(minute.requests)
    for name, count in classes.items():
        yield AccessMetric.STATUS, status_dimension(site, name), Count(count)
    yield AccessMetric.BYTES, site, Sum(Decimal(minute.size), minute.requests)
    latency = minute.latency()
    if latency.count:
        yield AccessMetric.LATENCY, site, latency
    yield AccessMetric.PATHS, site, minute.paths.top()
    if errors := classes.get("5xx"):
        yield AccessMetric.ERRORS, site, Count(errors)
        yield AccessMetric.FAILING_PATHS, site, minute.failing.top()


def _bin_of(microseconds: int | None) -> int | None:
    """Where `Quantiles` counts a duration in milliseconds; None for those that it does not."""
    if microseconds is None or microseconds < 0:
        return None
    return next(iter(Quantiles.of([microseconds / 1000]).bins), _ZERO)
