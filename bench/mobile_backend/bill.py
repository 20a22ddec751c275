"""What a month of requests and notifications costs: from what each was measured to take, and list prices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bench.bill import (
    GB,
    MEMORY_MB,
    MONTH_SECONDS,
    PLATFORM_LOG_BYTES,
    POLLS,
    ROUNDED_UP,
    Line,
    line,
    traces,
    waiting,
)
from bench.invocations import Usage, mixed
from bench.mobile_backend.inputs import DEVICES, DIGEST
from prices import Price

MIX: Final = {"list_notifications": 0.35, "list_devices": 0.15, "register_device": 0.10, "notify": 0.40}
"""Shares of the operations; assumed. Every notification is pushed to two devices and mailed."""
CONSUMERS: Final = ("push", "audit", "digest")
CONSUMER_MEMORY_MB, DIGEST_SECONDS, MAX_DIGEST = 512, 300, 100
"""Defaults of `MobileBackendConfig`: a batch for a digest is collected for so long, or until there are so many."""
REQUESTS_A_USER: Final = 50
ANSWER_HEADERS: Final = 500
"""Bytes that go with each answer."""
ACCESS_LOG_BYTES: Final = 495
"""Of a request's line in the gateway's log."""
STARTS, START_SECONDS = 0.001, 0.7
"""Invocations that find no execution environment waiting, and what starting one takes; assumed."""
METRICS, METHOD_METRICS, ALARMS = 11, 5, 18
"""Method metrics are those of each method that is called ("Amazon API Gateway dimensions and metrics", API Gateway
Developer Guide): detailed metrics, which are paid for as one's own."""
SECRET_CALLS: Final = 2 * MONTH_SECONDS / 300
"""Two digests at a time, each of which reads the secret every five minutes."""
WAF_RULES: Final = 2
_SNS: Final = ("Publish", "CreatePlatformEndpoint", "SetEndpointAttributes")
"""Calls that are requests to SNS."""


@dataclass(frozen=True)
class Month:
    """A month of so many requests, in the shares of `MIX`, at a steady rate."""

    requests: float
    usages: Mapping[str, Usage]
    """By operation and consumer; a digest is one of `DIGEST` messages."""
    prices: Mapping[str, Price]

    @property
    def notifications(self) -> float:
        """Each of which goes to every consumer."""
        return self.requests * MIX["notify"]

    @property
    def usage(self) -> Usage:
        """Of a request, on average."""
        return mixed(self.usages, MIX)

    @property
    def invocations(self) -> dict[str, float]:
        """Of the consumers: messages come one by one, but for digests, which wait for others."""
        a_digest = min(MAX_DIGEST, max(1, self.notifications * DIGEST_SECONDS / MONTH_SECONDS))
        return {"push": self.notifications, "audit": self.notifications, "digest": self.notifications / a_digest}

    @property
    def gb_seconds(self) -> float:
        """With less memory computing takes longer, and costs the same; waiting costs less."""
        usage = self.usage
        seconds = self.requests * (usage.seconds + waiting(usage.calls) + ROUNDED_UP + STARTS * START_SECONDS)
        found = seconds * MEMORY_MB / 1024
        for name, invocations in self.invocations.items():
            handled = self.notifications / (DIGEST if name == "digest" else 1)
            computing = handled * self.usages[name].seconds + invocations * STARTS * START_SECONDS
            waited = handled * waiting(self.usages[name].calls) + invocations * ROUNDED_UP
            found += computing * MEMORY_MB / 1024 + waited * CONSUMER_MEMORY_MB / 1024
        return found

    def lines(self) -> list[Line]:
        """The bill."""
        return [*self._front(), *self._functions(), *self._messages(), *self._tables(), *self._watching()]

    def _line(self, what: str, price: str, units: float, *, counts: bool = True) -> Line:
        return line(what, self.prices[price], units, counts=counts)

    def _front(self) -> Iterator[Line]:
        sent = self.requests * (self.usage.answer_bytes + ANSWER_HEADERS) / GB
        yield self._line("REST API requests", "rest-api-request", self.requests)
        yield self._line("GB out", "data-transfer-gb-out", sent)

    def _functions(self) -> Iterator[Line]:
        yield self._line("Lambda requests", "lambda-request", self.requests + sum(self.invocations.values()))
        yield self._line("Lambda GB-seconds", "lambda-arm64-gb-second", self.gb_seconds)

    def _messages(self) -> Iterator[Line]:
        """SNS delivers to queues for nothing; SQS takes its price for what comes in, is received and deleted."""
        pushes = self.notifications * DEVICES
        asked = {name: self.requests * number for name, number in self.usage.calls.items()}
        published = pushes + sum(asked.get(name, 0) for name in _SNS)
        received = len(CONSUMERS) * self.notifications + 2 * sum(self.invocations.values())
        yield self._line("SNS requests", "sns-publish", published)
        yield self._line("SNS mobile pushes", "sns-mobile-push", pushes)
        yield self._line("SQS requests", "sqs-request", received)
        yield self._line("SQS requests of idle queues", "sqs-request", len(CONSUMERS) * POLLS)
        yield self._line("Secrets Manager calls", "secrets-manager-call", SECRET_CALLS)
        yield self._line("Secrets Manager secret", "secrets-manager-secret", 1)

    def _tables(self) -> Iterator[Line]:
        def units(field: str) -> float:
            of_consumers = sum(
                getattr(self.usages[name], field) / (DIGEST if name == "digest" else 1) for name in CONSUMERS
            )
            return float(self.requests * getattr(self.usage, field) + self.notifications * of_consumers)

        yield self._line("DynamoDB write units", "dynamodb-write-request-unit", units("write_units"))
        yield self._line("DynamoDB read units", "dynamodb-read-request-unit", units("read_units"))
        yield self._line("DynamoDB GB-months", "dynamodb-gb-month", units("stored_bytes") / GB)

    def _watching(self) -> Iterator[Line]:
        logged = self.requests * (self.usage.log_bytes + PLATFORM_LOG_BYTES)
        for name, invocations in self.invocations.items():
            logged += invocations * (self.usages[name].log_bytes + PLATFORM_LOG_BYTES)
        traced = traces(self.requests) + sum(map(traces, self.invocations.values()))
        yield self._line("CloudWatch GB of the functions' logs", "cloudwatch-logs-gb", logged / GB)
        accesses = self.requests * ACCESS_LOG_BYTES / GB
        yield self._line("CloudWatch GB of access logs", "cloudwatch-logs-gb", accesses)
        yield self._line("X-Ray traces", "xray-trace", traced)
        yield self._line("CloudWatch metrics of methods", "cloudwatch-metric", METHOD_METRICS * len(MIX))
        yield self._line("CloudWatch metrics of the functions", "cloudwatch-metric", METRICS)
        yield self._line("CloudWatch alarms", "cloudwatch-alarm", ALARMS)
        yield self._line("CloudWatch dashboard", "cloudwatch-dashboard", 1)

    def options(self) -> list[Line]:
        """What the config switches on, and users, of whom those count as active who were looked up for a mail."""
        acl, rules = self.prices["waf-web-acl"].of(1), self.prices["waf-rule"].of(WAF_RULES)
        firewall = self._line("waf=True", "waf-request", self.requests, counts=False)
        return [
            Line(firewall.what, firewall.quantity, firewall.month + acl + rules, counts=False),
            self._line("graphql=True: operations", "appsync-operation", self.requests, counts=False),
            self._line(
                "Cognito users of the month", "cognito-lite-user", self.requests / REQUESTS_A_USER, counts=False
            ),
        ]
