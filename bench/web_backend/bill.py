"""What a month of requests costs: from what a request of each operation was measured to take, and list prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.bill import GB, MEMORY_MB, PLATFORM_LOG_BYTES, ROUNDED_UP, Line, line, traces, waiting
from bench.invocations import Usage, mixed
from prices import Price

MIX: Final = {
    "list_items": 0.30,
    "get_item": 0.25,
    "get_feed": 0.10,
    "get_preferences": 0.05,
    "record_view": 0.15,
    "create_item": 0.08,
    "update_item": 0.05,
    "delete_item": 0.02,
}
"""Shares of the operations: people look more often than they change; assumed."""
REQUESTS_A_VISIT, REQUESTS_A_USER = 20, 100
"""Of the API, in a visit of the website, and of a user in a month; assumed."""
PAGE_FILES, PAGE_BYTES = 5, 32_000
"""Of a first visit: page, configuration, script, style and icon, compressed. Every visit is reckoned as one."""
ANSWER_HEADERS: Final = 900
"""Bytes that go with each answer, the security headers among them."""
ACCESS_LOG_BYTES: Final = 465
"""Of a request's line in the gateway's log."""
STARTS, START_SECONDS = 0.001, 0.6
"""Requests that find no execution environment waiting, and what starting one takes; assumed."""
FUNCTION_METRICS, ROUTE_METRICS, ALARMS = 4, 6, 7
"""Route metrics are those of each route that is called ("Monitor CloudWatch metrics for HTTP APIs", API Gateway
Developer Guide): detailed metrics, which are paid for as one's own."""


@dataclass(frozen=True)
class Month:
    """A month of so many requests, in the shares of `MIX`."""

    requests: float
    usages: Mapping[str, Usage]
    """By operation."""
    prices: Mapping[str, Price]

    @property
    def usage(self) -> Usage:
        """Of a request, on average."""
        return mixed(self.usages, MIX)

    @property
    def seconds(self) -> float:
        """Billed ones, of a request."""
        usage = self.usage
        return usage.seconds + waiting(usage.calls) + ROUNDED_UP + STARTS * START_SECONDS

    def lines(self) -> list[Line]:
        """The bill."""
        return [*self._front(), *self._function(), *self._table(), *self._watching()]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _front(self) -> Iterator[Line]:
        """From AWS to CloudFront bytes are free, and so is the policy that sets headers."""
        files = self.requests / REQUESTS_A_VISIT * PAGE_FILES
        sent = self.requests * (self.usage.answer_bytes + ANSWER_HEADERS)
        sent += self.requests / REQUESTS_A_VISIT * PAGE_BYTES
        yield self._line("HTTP API requests", "http-api-request", self.requests)
        yield self._line("CloudFront requests", "cloudfront-https-request", self.requests + files)
        yield self._line("CloudFront GB out", "cloudfront-gb-out", sent / GB)
        yield self._line("CloudFront Function invocations", "cloudfront-function-invocation", files)

    def _function(self) -> Iterator[Line]:
        gb_seconds = self.requests * self.seconds * MEMORY_MB / 1024
        yield self._line("Lambda requests", "lambda-request", self.requests)
        yield self._line("Lambda GB-seconds", "lambda-arm64-gb-second", gb_seconds)

    def _table(self) -> Iterator[Line]:
        usage, requests = self.usage, self.requests
        yield self._line("DynamoDB write units", "dynamodb-write-request-unit", requests * usage.write_units)
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", requests * usage.read_units)
        yield self._line("DynamoDB GB-months", "dynamodb-gb-month", requests * usage.stored_bytes / GB)

    def _watching(self) -> Iterator[Line]:
        logged = self.requests * (self.usage.log_bytes + PLATFORM_LOG_BYTES) / GB
        yield self._line("CloudWatch GB of the function's logs", "cloudwatch-logs-gb", logged)
        accesses = self.requests * ACCESS_LOG_BYTES / GB
        yield self._line("CloudWatch GB of access logs", "cloudwatch-logs-gb", accesses)
        yield self._line("X-Ray traces", "xray-trace", traces(self.requests))
        yield self._line("CloudWatch metrics of routes", "cloudwatch-metric", ROUTE_METRICS * len(MIX))
        yield self._line("CloudWatch metrics of the function", "cloudwatch-metric", FUNCTION_METRICS)
        yield self._line("CloudWatch alarms", "cloudwatch-alarm", ALARMS)
        yield self._line("CloudWatch dashboard", "cloudwatch-dashboard", 1)

    def of_users(self) -> Line:
        """What Cognito costs, if nothing of it were free."""
        users = self.requests / REQUESTS_A_USER
        return self._line("Cognito users of the month", "cognito-lite-user", users, counts=False)

    def behind_a_rest_api(self) -> list[Line]:
        """The bill, were the gateway's API a REST API."""
        _, *rest = self.lines()
        return [self._line("REST API requests", "rest-api-request", self.requests), *rest]
