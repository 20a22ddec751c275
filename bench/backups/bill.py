"""What a month of backups costs: from what is backed up, how many backups retention keeps, and list prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import mean
from typing import Final

from bench.bill import GB, MEMORY_MB, PLATFORM_LOG_BYTES, ROUNDED_UP, Line, line, traces, waiting
from lambdas.backups.contract import Retention, slot_id
from lambdas.backups.contract.records import Backup, Kind
from lambdas.backups.domain.retention import removable
from prices import Price

DAYS: Final = 30
YEAR_DAYS: Final = 365
MINUTES: Final = DAYS * 24 * 60
CHECKS: Final = DAYS / 7
"""In a month: once a week."""
FUNCTIONS: Final = 2
IDLE_SECONDS, IDLE_QUERIES = 0.010, 2
"""Of an invocation that finds nothing to do: CPU time, assumed, and calls of DynamoDB."""
LOOK_SECONDS, COPY_SECONDS, AT_A_TIME = 0.020, 0.100, 8
"""Of looking for an object's copy, and of making one; assumed, as in the limits of docs/backups.md."""
CHECK_SECONDS: Final = 70
"""Of a restored gigabyte: to read it, by pages of 1 MB in 50 ms each, and its export; assumed."""
LOG_BYTES: Final = 557 + 201
"""Lines of metrics that both functions write each minute."""
METRICS, ALARMS = 13, 12
"""With the ages of two policies."""
PACKED: Final = 0.3
"""Share of a table's bytes that its export takes, compressed; assumed."""
PAGE: Final = 1_000
"""Versions of a listing's page."""
UNIT_BYTES: Final = 4 * 1024
"""That a consistent read of one unit reads; the scratch table is read once."""


@dataclass(frozen=True)
class Estate:
    """What has the tag ``backup=daily``."""

    tables_gb: float
    buckets_gb: float
    objects: float
    volumes_gb: float
    churn: float = 0.01
    """Share of objects, and of a volume's blocks, that are other ones each day."""


SMALL: Final = Estate(tables_gb=10, buckets_gb=100, objects=100_000, volumes_gb=100)
LARGE: Final = Estate(tables_gb=1_000, buckets_gb=10_000, objects=10_000_000, volumes_gb=10_000)


@dataclass(frozen=True)
class Keeping:
    """What retention keeps of a resource that is backed up each day, on average over the third year."""

    backups: float
    days: float
    """From the oldest to the newest of them. What changed in between is held once, whether few or many are kept."""


@cache
def keeping(retention: Retention) -> Keeping:
    """Lets it go on for three years."""
    begin = datetime(2026, 1, 1, 3, tzinfo=UTC)
    backups: list[Backup] = []
    found: list[tuple[int, int]] = []
    for day in range(3 * YEAR_DAYS):
        slot = begin + timedelta(days=day)
        backups.append(
            Backup(policy="p", slot=slot_id(slot), kind=Kind.TABLE, resource="r", instant=slot, finished=slot)
        )
        old = removable(backups, retention, slot)
        backups = [each for each in backups if each not in old]
        found.append((len(backups), (slot - backups[0].instant).days))
    numbers, days = zip(*found[2 * YEAR_DAYS :], strict=True)
    return Keeping(mean(numbers), mean(days))


@dataclass(frozen=True)
class Month:
    """A month of an estate under the policy ``daily``."""

    estate: Estate
    retention: Retention
    prices: Mapping[str, Price]

    @property
    def kept(self) -> float:
        """Backups of each resource."""
        return keeping(self.retention).backups

    @property
    def held(self) -> float:
        """What copies or snapshots take, by what there is."""
        return 1 + self.estate.churn * keeping(self.retention).days

    def lines(self) -> list[Line]:
        """The bill."""
        return [*self._tables(), *self._checks(), *self._buckets(), *self._volumes(), *self._functions()]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _tables(self) -> Iterator[Line]:
        size = self.estate.tables_gb
        yield self._line("tables: on-demand backups, GB-months", "dynamodb-backup-gb-month", size * self.kept)
        yield self._line("tables: GB exported", "dynamodb-export-gb", size * DAYS)
        yield self._line("tables: exports, GB-months", "s3-gb-month", size * PACKED * self.kept)
        yield self._line("tables: point-in-time recovery, GB-months", "dynamodb-pitr-gb-month", size)

    def _checks(self) -> Iterator[Line]:
        size = self.estate.tables_gb * CHECKS
        yield self._line("checks: GB restored", "dynamodb-restore-gb", size)
        yield self._line("checks: read units", "dynamodb-read-request-unit", size * GB / UNIT_BYTES)

    def _buckets(self) -> Iterator[Line]:
        estate = self.estate
        listed = DAYS * estate.objects / PAGE
        yield self._line("buckets: copies, GB-months", "s3-gb-month", estate.buckets_gb * self.held)
        yield self._line("buckets: copies made, pages listed", "s3-put", DAYS * estate.objects * estate.churn + listed)
        yield self._line("buckets: copies looked for", "s3-get", DAYS * estate.objects)

    def _volumes(self) -> Iterator[Line]:
        size = self.estate.volumes_gb * self.held
        yield self._line("volumes: snapshots, GB-months", "ebs-snapshot-gb-month", size)

    def _functions(self) -> Iterator[Line]:
        invocations = FUNCTIONS * MINUTES
        idle = invocations * (IDLE_SECONDS + waiting({"Query": IDLE_QUERIES}) + ROUNDED_UP)
        seconds = idle + self._seconds_at_work
        logged = MINUTES * LOG_BYTES + invocations * PLATFORM_LOG_BYTES
        yield self._line("Scheduler invocations", "eventbridge-scheduler-invocation", invocations)
        yield self._line("Lambda requests", "lambda-request", invocations)
        yield self._line("Lambda GB-seconds", "lambda-arm64-gb-second", seconds * MEMORY_MB / 1024)
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", invocations * IDLE_QUERIES)
        yield self._line("CloudWatch GB of the functions' logs", "cloudwatch-logs-gb", logged / GB)
        yield self._line("X-Ray traces", "xray-trace", traces(invocations))
        yield self._line("CloudWatch metrics", "cloudwatch-metric", METRICS)
        yield self._line("CloudWatch alarms", "cloudwatch-alarm", ALARMS)
        yield self._line("CloudWatch dashboard", "cloudwatch-dashboard", 1)

    @property
    def _seconds_at_work(self) -> float:
        estate = self.estate
        copying = DAYS * estate.objects * (LOOK_SECONDS + estate.churn * COPY_SECONDS) / AT_A_TIME
        return copying + estate.tables_gb * CHECKS * CHECK_SECONDS

    def options(self) -> list[Line]:
        """What a lock costs: it is set anew on each object that a run refers to."""
        return [self._line("lock: set on objects of buckets", "s3-put", DAYS * self.estate.objects, counts=False)]
