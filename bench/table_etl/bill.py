"""What a month of changes costs: from what a batch and a compaction were measured to use, and list prices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.bill import GB, MEMORY_MB, PLATFORM_LOG_BYTES, POLLS, Line, line, total, traces, waiting
from bench.table_etl.inputs import DAYS
from lambdas.table_etl.contract import Metric
from prices import Price

MONTH_DAYS: Final = 30
FLOWS: Final = 3
"""Of the sample: customers, orders and returns. A compaction lists what is staged, and what is there, of each."""
EVERY_MINUTES, GRACE_HOURS, CHUNK_BYTES = 15, 24, 64 * 1024**2
COMPACT_MEMORY_MB, COMPACT_STORAGE_MB, INCLUDED_STORAGE_MB = 3008, 4096, 512
"""Defaults of `TableEtlConfig`."""
TRANSFER: Final = 80e6
"""Bytes that a function gets from S3, or puts there, in a second: assumed."""
PAGE: Final = 1000
"""Objects of a listing's answer."""
COMPACT_LOG_BYTES: Final = 900
"""What a compaction writes itself."""
ALARMS, COMPACT_ALARMS = 18, 4
LOAD_METRICS: Final = (
    Metric.CHANGES,
    Metric.RETRIED,
    Metric.LAG,
    Metric.BATCH_TIME,
    Metric.LOADED,
    Metric.REJECTED,
    Metric.REJECTED_SHARE,
)
COMPACT_METRICS: Final = (
    Metric.COMPACTED,
    Metric.COMPACTED_BYTES,
    Metric.STAGED,
    Metric.STAGED_AGE,
    Metric.COMPACTION_TIME,
)


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What loading a batch takes."""

    changes: float
    inserted: float
    """Of the changes, those that make a new row."""
    seconds: float
    """CPU time, with the runtime's parsing of the event."""
    calls: Mapping[str, float]
    """Of AWS, by operation."""
    write_units: float
    projected_units: float
    """Write units of the index."""
    read_units: float
    stored_bytes: float
    """That the table and its index have grown by."""
    s3_bytes: float
    event_units: float
    log_bytes: float


@dataclass(frozen=True, kw_only=True)
class Compacting:
    """What compacting takes; CPU time."""

    start_seconds: float
    """Of a new execution environment: none outlives a quarter of an hour without work, it is assumed."""
    run_seconds: float
    """Of a run that finds something of one day, however little."""
    version_seconds: float
    """Of each staged row."""
    row_seconds: float
    """Of each row that is there already, on a day that changes."""
    row_bytes: float
    """Of each row, as Parquet."""


@dataclass(frozen=True)
class Compactions:
    """A month of them. Rows change on the day of their making and on the ``DAYS - 1`` days after it, as in the input.

    So a run rewrites each of the last ``DAYS`` days, all of them full but today, which is half full on average.
    """

    changes: float
    batches: float
    new_rows: float
    staged_bytes: float
    """Of a month, as stored."""
    each: Compacting

    @property
    def runs(self) -> float:
        """Of the schedule."""
        return MONTH_DAYS * 24 * 60 / EVERY_MINUTES

    @property
    def busy(self) -> float:
        """Runs that find something."""
        return min(self.runs, self.batches)

    @property
    def chunks(self) -> int:
        """Of a run, each of which rewrites its days."""
        return max(1, math.ceil(self.staged_bytes / self.busy / CHUNK_BYTES))

    @property
    def rewritten(self) -> float:
        """Rows that a chunk reads and writes again."""
        return self.new_rows / MONTH_DAYS * (DAYS - 0.5)

    @property
    def kept(self) -> float:
        """Bytes of Parquet that have been replaced, and are not yet removed."""
        return self.busy * self.chunks * GRACE_HOURS / (24 * MONTH_DAYS) * self.rewritten * self.each.row_bytes

    @property
    def lists(self) -> float:
        """Requests. Old generations of changing days fill pages; what is staged and settled days fit on the first."""
        generations = self.busy * self.chunks * GRACE_HOURS / (24 * MONTH_DAYS) * DAYS
        pages = math.ceil(2 * generations / PAGE) or 1
        return self.runs * (FLOWS + FLOWS - 1 + pages)

    @property
    def gets(self) -> float:
        """Requests: staged objects; of each day its pointer, rows and tombstones, and the pointer again to sweep."""
        return self.batches + self.busy * DAYS * (3 * self.chunks + 1)

    @property
    def puts(self) -> float:
        """Requests: of each day rows, tombstones and pointer. Deleting is free."""
        return self.busy * DAYS * 3 * self.chunks

    @property
    def run_seconds(self) -> float:
        """Of a run that finds something, one core's worth; waiting included."""
        each, chunks = self.each, self.chunks
        read = self.staged_bytes / self.busy + chunks * self.rewritten * each.row_bytes
        computing = each.run_seconds * DAYS * chunks + each.version_seconds * self.changes / self.busy
        computing += each.row_seconds * self.rewritten * chunks
        transferring = (read + chunks * self.rewritten * each.row_bytes) / TRANSFER
        calls = {"GetObject": self.gets / self.busy, "PutObject": self.puts / self.busy}
        return computing + transferring + waiting(calls | {"DeleteObjects": chunks + DAYS})

    @property
    def seconds(self) -> float:
        """Billed ones."""
        listing = waiting({"ListObjectsV2": self.lists})
        return self.runs * self.each.start_seconds + self.busy * self.run_seconds + listing


@dataclass(frozen=True)
class Month:
    """A month of changes that are loaded in batches such as were measured; with a lake where there is compacting."""

    changes: float
    usage: Usage
    prices: Mapping[str, Price]
    compacting: Compacting | None = None

    @property
    def batches(self) -> float:
        """Invocations."""
        return self.changes / self.usage.changes

    @property
    def compactions(self) -> Compactions | None:
        """None without a lake."""
        usage, batches = self.usage, self.batches
        if self.compacting is None:
            return None
        return Compactions(self.changes, batches, batches * usage.inserted, batches * usage.s3_bytes, self.compacting)

    def lines(self) -> list[Line]:
        """The bill. The stream is not on it: reading by Lambda is free."""
        lake = self.compactions
        return [*self._load(), *(self._lake(lake) if lake else []), *self._outlet(), *self._watching(lake)]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _load(self) -> Iterator[Line]:
        usage, batches = self.usage, self.batches
        gb_seconds = batches * (usage.seconds + waiting(usage.calls)) * MEMORY_MB / 1024
        yield self._line("Load: Lambda requests", "lambda-request", batches)
        yield self._line("Load: Lambda GB-seconds", "lambda-arm64-gb-second", gb_seconds)
        yield self._line("DynamoDB write units, table", "dynamodb-write-request-unit", batches * usage.write_units)
        yield self._line("DynamoDB write units, index", "dynamodb-write-request-unit", batches * usage.projected_units)
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", batches * usage.read_units)
        yield self._line("DynamoDB GB-months", "dynamodb-gb-month", batches * usage.stored_bytes / GB)

    def _lake(self, lake: Compactions) -> Iterator[Line]:
        seconds = lake.seconds
        storage = seconds * (COMPACT_STORAGE_MB - INCLUDED_STORAGE_MB) / 1024
        kept = lake.new_rows * lake.each.row_bytes + lake.kept
        yield self._line("Load: S3 PUT requests", "s3-put", self.batches * self.usage.calls["PutObject"])
        yield self._line("Compact: schedule", "eventbridge-scheduler-invocation", lake.runs)
        yield self._line("Compact: Lambda requests", "lambda-request", lake.runs)
        yield self._line("Compact: Lambda GB-seconds", "lambda-arm64-gb-second", seconds * COMPACT_MEMORY_MB / 1024)
        yield self._line("Compact: storage GB-seconds", "lambda-ephemeral-storage-gb-second", storage)
        yield self._line("Compact: S3 PUT and LIST requests", "s3-put", lake.puts + lake.lists)
        yield self._line("Compact: S3 GET requests", "s3-get", lake.gets)
        yield self._line("S3 GB-months of Parquet", "s3-gb-month", kept / GB)

    def _outlet(self) -> Iterator[Line]:
        if self.usage.event_units:
            yield self._line("EventBridge events", "eventbridge-custom-event", self.batches * self.usage.event_units)

    def _watching(self, lake: Compactions | None) -> Iterator[Line]:
        runs = lake.runs if lake else 0
        logged = self.batches * (self.usage.log_bytes + PLATFORM_LOG_BYTES)
        logged += runs * (COMPACT_LOG_BYTES + PLATFORM_LOG_BYTES)
        metrics = len(LOAD_METRICS) + (len(COMPACT_METRICS) if lake else 0)
        yield self._line("CloudWatch GB of logs", "cloudwatch-logs-gb", logged / GB)
        yield self._line("X-Ray traces", "xray-trace", traces(self.batches) + traces(runs))
        yield self._line("CloudWatch metrics", "cloudwatch-metric", metrics)
        yield self._line("CloudWatch alarms", "cloudwatch-alarm", ALARMS + (COMPACT_ALARMS if lake else 0))
        yield self._line("CloudWatch dashboard", "cloudwatch-dashboard", 1)
        yield self._line("SQS requests of an idle queue", "sqs-request", POLLS)

    def in_small_batches(self, small: Usage) -> Line:
        """What the same changes would cost in batches of another size."""
        whole = total(Month(self.changes, small, self.prices, self.compacting).lines())
        return Line(f"all of it, in batches of {small.changes:,.0f}", "", whole.month, counts=False)

    def of_query(self) -> Line:
        """What asking Athena costs."""
        return self._line("Athena, for each TB scanned", "athena-tb-scanned", 1, counts=False)


def straightforward(changes: float, usage: Usage, prices: Mapping[str, Price]) -> list[Line]:
    """What a put for each change costs, which keeps rows and nothing else."""
    batches = changes / usage.changes
    gb_seconds = batches * (usage.seconds + waiting(usage.calls)) * MEMORY_MB / 1024
    write_units = batches * usage.write_units
    return [
        line("straightforward: Lambda requests", prices["lambda-request"], batches, counts=False),
        line("straightforward: Lambda GB-seconds", prices["lambda-arm64-gb-second"], gb_seconds, counts=False),
        line("straightforward: write units", prices["dynamodb-write-request-unit"], write_units, counts=False),
    ]
