"""What a month of telemetry costs: from what a message was measured to take, and list prices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.bill import GB, MEMORY_MB, PLATFORM_LOG_BYTES, ROUNDED_UP, Line, line, traces, waiting
from bench.invocations import Usage, mixed
from bench.iot_backend.inputs import EVERY_SECONDS, MESSAGE_BYTES
from prices import Price

MIX: Final = {"message": 0.99, "crossing": 0.01}
"""Shares of messages; assumed: one in a hundred crosses a threshold, and is alerted of."""
FORWARDED: Final = "forwarded"
"""A message whose readings go to stream analytics as well."""
METERED_BYTES: Final = 5 * 1024
"""Of a message, that AWS IoT Core takes for one."""
RULES: Final = 2
"""That a message triggers: one takes it, the other looks whether it is in a foreign name. A rule whose WHERE is false
is triggered all the same ("WHERE clause", AWS IoT Core Developer Guide)."""
FUNCTION_MEMORY_MB: Final = 512
"""Default of `IotBackendConfig`."""
STARTS, START_SECONDS = 0.001, 0.7
"""Invocations that find no execution environment waiting, and what starting one takes; assumed."""
METRICS: Final = 6
"""Of the Telemetry function."""
STREAM_RECORD_BYTES: Final = 1024
"""Of a message's readings in the stream, rounded up as on-demand streams are billed."""


@dataclass(frozen=True)
class Month:
    """A month of so many messages, in the shares of `MIX`, of devices that are always connected."""

    messages: float
    usages: Mapping[str, Usage]
    prices: Mapping[str, Price]

    @property
    def usage(self) -> Usage:
        """Of a message, on average."""
        return mixed(self.usages, MIX)

    def gb_seconds(self, usage: Usage) -> float:
        """With less memory computing takes longer, and costs the same; waiting costs less."""
        computing = usage.seconds + STARTS * START_SECONDS
        waited = waiting(usage.calls) + ROUNDED_UP
        return self.messages * (computing * MEMORY_MB + waited * FUNCTION_MEMORY_MB) / 1024

    def lines(self) -> list[Line]:
        """The bill."""
        return [*self._front(), *self._function(), *self._watching()]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _front(self) -> Iterator[Line]:
        metered = self.messages * math.ceil(MESSAGE_BYTES / METERED_BYTES)
        yield self._line("IoT connection minutes", "iot-connection-minute", self.messages * EVERY_SECONDS / 60)
        yield self._line("IoT messages", "iot-message", metered)
        yield self._line("IoT rules triggered", "iot-rule", RULES * metered)
        yield self._line("IoT rule actions", "iot-rule-action", metered)

    def _function(self) -> Iterator[Line]:
        usage = self.usage
        yield self._line("Lambda requests", "lambda-request", self.messages)
        yield self._line("Lambda GB-seconds", "lambda-arm64-gb-second", self.gb_seconds(usage))
        yield self._line("DynamoDB write units", "dynamodb-write-request-unit", self.messages * usage.write_units)
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", self.messages * usage.read_units)
        yield self._line("SNS requests", "sns-publish", self.messages * usage.calls["Publish"])

    def _watching(self) -> Iterator[Line]:
        logged = self.messages * (self.usage.log_bytes + PLATFORM_LOG_BYTES)
        yield self._line("CloudWatch GB of the function's logs", "cloudwatch-logs-gb", logged / GB)
        yield self._line("X-Ray traces", "xray-trace", traces(self.messages))
        yield self._line("CloudWatch metrics", "cloudwatch-metric", METRICS)

    def options(self) -> list[Line]:
        """What the wire to stream analytics adds here; what is counted there is on the bill of stream analytics."""
        more = self.gb_seconds(self.usages[FORWARDED]) - self.gb_seconds(self.usages["message"])
        stream = self.messages * STREAM_RECORD_BYTES / GB
        return [
            self._line("metrics=True: Lambda GB-seconds", "lambda-arm64-gb-second", more, counts=False),
            self._line("metrics=True: GB into the stream", "kinesis-on-demand-gb-in", stream, counts=False),
        ]
