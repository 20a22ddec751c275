"""What a month of log events costs: from what deliveries of them were measured to take, and list prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.bill import GB, MEMORY_MB, PLATFORM_LOG_BYTES, ROUNDED_UP, Line, line, traces, waiting
from bench.invocations import Usage
from prices import Price

STARTS, START_SECONDS = 0.001, 0.7
"""Invocations that find no execution environment waiting, and what starting one takes; assumed."""
METRICS: Final = 9
"""Of the Analyze function."""
LINE_BYTES: Final = 200
"""Of a log event, that CloudWatch Logs takes its own price for, whether it is analyzed or not; assumed."""


@dataclass(frozen=True)
class Month:
    """A month of so many log events, in deliveries that are all alike. CloudWatch Logs delivers them for nothing."""

    events: float
    a_delivery: float
    """Log events of each."""
    usage: Usage
    """Of a delivery."""
    prices: Mapping[str, Price]

    @property
    def deliveries(self) -> float:
        """Each of which is an invocation."""
        return self.events / self.a_delivery

    @property
    def gb_seconds(self) -> float:
        """Calls that are made side by side are reckoned as if they were not."""
        seconds = self.usage.seconds + waiting(self.usage.calls) + ROUNDED_UP + STARTS * START_SECONDS
        return self.deliveries * seconds * MEMORY_MB / 1024

    def lines(self) -> list[Line]:
        """The bill."""
        return [*self._function(), *self._table(), *self._watching()]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _function(self) -> Iterator[Line]:
        yield self._line("Lambda requests", "lambda-request", self.deliveries)
        yield self._line("Lambda GB-seconds", "lambda-arm64-gb-second", self.gb_seconds)

    def _table(self) -> Iterator[Line]:
        usage, deliveries = self.usage, self.deliveries
        yield self._line("DynamoDB write units", "dynamodb-write-request-unit", deliveries * usage.write_units)
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", deliveries * usage.read_units)
        yield self._line("DynamoDB GB-months", "dynamodb-gb-month", deliveries * usage.stored_bytes / GB / 2)

    def _watching(self) -> Iterator[Line]:
        logged = self.deliveries * (self.usage.log_bytes + PLATFORM_LOG_BYTES)
        yield self._line("CloudWatch GB of the function's logs", "cloudwatch-logs-gb", logged / GB)
        yield self._line("X-Ray traces", "xray-trace", traces(self.deliveries))
        yield self._line("CloudWatch metrics", "cloudwatch-metric", METRICS)

    def options(self) -> list[Line]:
        """What the same log events cost to be kept in the first place."""
        taken = self.events * LINE_BYTES / GB
        return [self._line("for comparison: GB into CloudWatch Logs", "cloudwatch-logs-gb", taken, counts=False)]
