"""What a month of clicks costs: from what a batch was measured to use, and list prices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.bill import GB, MEMORY_MB, MONTH_SECONDS, PLATFORM_LOG_BYTES, Line, line, traces, waiting
from lambdas.stream_analytics.contract import Metric
from prices import Price

MONTH_EVENTS: Final = 100e9

SHARD_RECORDS, SHARD_BYTES = 1000, 1_000_000
"""What a shard takes in a second ("Quotas and limits", Amazon Kinesis Data Streams Developer Guide)."""
PUT_UNIT: Final = 25 * 1024
ON_DEMAND_UNIT: Final = 1024
ALARMS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What handling a batch takes, on average."""

    events: float
    records: float
    record_bytes: float
    """Of one record, with its partition key."""
    seconds: float
    """CPU time, with the runtime's parsing of the event."""
    calls: Mapping[str, float]
    """Of AWS, by operation."""
    write_units: float
    index_units: float
    """Those of the write units that the index takes."""
    read_units: float
    s3_bytes: float
    log_bytes: float
    progress_bytes: float
    """Of items that say what a transaction covered."""
    minute_bytes: float
    """Of the items that one shard has written for one minute in the end."""


@dataclass(frozen=True)
class Month:
    """A month of `MONTH_EVENTS` that are handled in batches such as were measured, at a steady rate."""

    usage: Usage
    prices: Mapping[str, Price]

    @property
    def batches(self) -> float:
        """Invocations."""
        return MONTH_EVENTS / self.usage.events

    @property
    def records(self) -> float:
        """Kinesis records."""
        return self.batches * self.usage.records

    @property
    def shards(self) -> int:
        """As few as take the records and their bytes at a steady rate, with nothing to spare."""
        a_second = self.records / MONTH_SECONDS
        return math.ceil(max(a_second / SHARD_RECORDS, a_second * self.usage.record_bytes / SHARD_BYTES))

    @property
    def gb_seconds(self) -> float:
        """Of the function."""
        return self.batches * (self.usage.seconds + waiting(self.usage.calls)) * MEMORY_MB / 1024

    def lines(self) -> list[Line]:
        """The bill."""
        return [*self._lambda(), *self._kinesis(), *self._dynamodb(), *self._rest()]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _lambda(self) -> Iterator[Line]:
        yield self._line("Lambda requests", "lambda-request", self.batches)
        yield self._line("Lambda GB-seconds", "lambda-arm64-gb-second", self.gb_seconds)

    def _kinesis(self) -> Iterator[Line]:
        usage, hours = self.usage, MONTH_SECONDS / 3600
        yield self._line("Kinesis shard-hours", "kinesis-shard-hour", self.shards * hours)
        units = self.records * math.ceil(usage.record_bytes / PUT_UNIT)
        yield self._line("Kinesis PUT payload units", "kinesis-put-payload-unit", units)
        written = self.records * math.ceil(usage.record_bytes / ON_DEMAND_UNIT) * ON_DEMAND_UNIT / GB
        read = self.records * usage.record_bytes / GB
        standard = (
            self.prices["kinesis-on-demand-stream-hour"].of(hours)
            + self.prices["kinesis-on-demand-gb-in"].of(written)
            + self.prices["kinesis-on-demand-gb-out"].of(read)
        )
        advantage = self.prices["kinesis-advantage-gb-in"].of(written) + self.prices["kinesis-advantage-gb-out"].of(
            read
        )
        quantity = f"{written:,.0f} GB in, {read:,.0f} GB out"
        yield Line("or Kinesis on-demand standard", quantity, standard, counts=False)
        yield Line("or Kinesis on-demand advantage", quantity, advantage, counts=False)

    def _dynamodb(self) -> Iterator[Line]:
        usage = self.usage
        yield self._line("DynamoDB write units", "dynamodb-write-request-unit", self.batches * usage.write_units)
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", self.batches * usage.read_units)
        metrics = usage.minute_bytes * self.shards * MONTH_SECONDS / 60
        kept = (metrics + usage.progress_bytes * self.batches) / GB
        yield self._line("DynamoDB GB-months", "dynamodb-gb-month", kept)

    def _rest(self) -> Iterator[Line]:
        usage, batches = self.usage, self.batches
        yield self._line("S3 PUT requests", "s3-put", batches * usage.calls["PutObject"])
        yield self._line("S3 GB-months", "s3-gb-month", batches * usage.s3_bytes / GB)
        logged = batches * (usage.log_bytes + PLATFORM_LOG_BYTES) / GB
        yield self._line("CloudWatch GB of logs", "cloudwatch-logs-gb", logged)
        yield self._line("X-Ray traces", "xray-trace", traces(batches))
        yield self._line("CloudWatch metrics", "cloudwatch-metric", len(Metric))
        yield self._line("CloudWatch alarms", "cloudwatch-alarm", ALARMS)
        yield self._line("Secrets Manager secrets", "secrets-manager-secret", 1)

    def of_index(self, indexed: Usage) -> list[Line]:
        """What ``index=True`` would add."""
        more = indexed.index_units / indexed.events * MONTH_EVENTS
        seconds = Month(indexed, self.prices).gb_seconds - self.gb_seconds
        return [
            self._line("index=True: DynamoDB write units", "dynamodb-write-request-unit", more, counts=False),
            self._line("index=True: Lambda GB-seconds", "lambda-arm64-gb-second", seconds, counts=False),
        ]

    def of_requests(self, events_a_batch: int) -> Line:
        """What Lambda's requests alone would cost with batches of another size."""
        what = f"Lambda requests, batches of {events_a_batch:,}"
        return self._line(what, "lambda-request", MONTH_EVENTS / events_a_batch, counts=False)


def billion(one: Line) -> float:
    """Dollars for a billion events, at the same rate."""
    return one.month * 1e9 / MONTH_EVENTS
