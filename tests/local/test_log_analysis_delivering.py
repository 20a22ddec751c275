"""How the demo's lines get to the function: in time, within the limits of PutLogEvents, some of them repeatedly."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from local.use_cases.log_analysis.delivering import BORDERS, EVENT_BYTES, MOST_BYTES, MOST_EVENTS, Delivery
from local.use_cases.log_analysis.lines import MINUTES, Line, Scenario, Sort, generate
from local.use_cases.outcome import UseCaseError

START = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
GROUPS = ("shop", "site", "store")
DAY = timedelta(days=1).total_seconds() * 1000

Event = dict[str, Any]
EARLIER = 7
"""Invocations that others have caused."""


@dataclass
class Fake:
    """Log groups, and a function that fails where it is told to."""

    function: str = "analyze"
    log_groups: tuple[str, ...] = GROUPS
    streams: set[tuple[str, str]] = field(default_factory=set)
    calls: list[tuple[str, str, list[Event]]] = field(default_factory=list)
    """Of PutLogEvents."""
    deliveries: list[Event] = field(default_factory=list)
    """What the function was invoked with."""
    broken: bool = False

    @property
    def logs(self) -> Any:
        return self

    @property
    def functions(self) -> Any:
        return self

    def create_log_stream(self, *, logGroupName: str, logStreamName: str) -> None:  # noqa: N803  boto3's names
        self.streams.add((logGroupName, logStreamName))

    def put_log_events(self, *, logGroupName: str, logStreamName: str, logEvents: list[Event]) -> None:  # noqa: N803
        assert (logGroupName, logStreamName) in self.streams
        self.calls.append((logGroupName, logStreamName, logEvents))

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:  # noqa: N803
        assert FunctionName == self.function
        self.deliveries.append(json.loads(gzip.decompress(base64.b64decode(json.loads(Payload)["awslogs"]["data"]))))
        failed = {"FunctionError": "Unhandled"} if self.broken else {}
        return {"Payload": io.BytesIO(b'{"errorMessage": "no table"}'), **failed}

    def ended(self) -> int:
        return EARLIER + len(self.calls)


def delivery(fake: Fake, scenario: Scenario) -> Delivery:
    deployed: Any = fake
    return Delivery(deployed, scenario)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return generate(3, START)


def test_every_line_gets_to_the_function_once(scenario: Scenario) -> None:
    fake = Fake()
    made = delivery(fake, scenario)
    made.run()
    put = Counter(
        (group, stream, each["timestamp"], each["message"]) for group, stream, events in fake.calls for each in events
    )
    put += Counter(
        (each["logGroup"], each["logStream"], event["timestamp"], event["message"])
        for each in fake.deliveries
        for event in each["logEvents"]
    )
    assert put == Counter((GROUPS[x.group], x.stream, x.milliseconds, x.message) for x in scenario.lines)
    assert (made.put, made.calls) == (len(scenario.lines), len(fake.calls))


def test_calls_are_as_putlogevents_takes_them(scenario: Scenario) -> None:
    fake = Fake()
    delivery(fake, scenario).run()
    for _, _, events in fake.calls:
        times = [each["timestamp"] for each in events]
        assert times == sorted(times)
        assert times[-1] - times[0] < DAY
        assert len(events) <= MOST_EVENTS
        assert sum(len(each["message"].encode()) + EVENT_BYTES for each in events) <= MOST_BYTES


def test_a_large_batch_takes_several_calls() -> None:
    fake = Fake()
    lines = [Line(int(START.timestamp()) * 1000, 0, "0", "ü" * 30_000, "large", Sort.CHATTER) for _ in range(40)]
    made = delivery(fake, Scenario(START, lines, ()))
    made.run()
    assert [len(events) for _, _, events in fake.calls] == [17, 17, 6]


def test_lines_come_as_they_happen_whatever_their_stream(scenario: Scenario) -> None:
    fake = Fake()
    delivery(fake, scenario).run()
    start = int(START.timestamp()) * 1000
    for group in GROUPS:
        spans = [
            next(at for at, (_, end) in enumerate(pairwise(BORDERS)) if event["timestamp"] < start + end * 60_000)
            for name, _, events in fake.calls
            for event in events
            if name == group
        ]
        assert spans == sorted(spans)
    assert (BORDERS[0], BORDERS[-1]) == (0, MINUTES)


def test_repeated_deliveries_have_the_ids_of_the_first_ones(scenario: Scenario) -> None:
    fake = Fake()
    made = delivery(fake, scenario)
    made.run()
    first = {event["id"]: event for each in fake.deliveries for event in each["logEvents"]}
    assert len(first) == sum(map(len, made.handed))
    fake.deliveries.clear()

    repeated = made.repeat()

    again = [event for each in fake.deliveries for event in each["logEvents"]]
    assert len(again) == repeated > 2 * len(first)
    assert all(first[event["id"]] == event for event in again)


def test_a_function_that_fails_is_told(scenario: Scenario) -> None:
    with pytest.raises(UseCaseError, match=r"the function failed on a delivery: .*no table"):
        delivery(Fake(broken=True), scenario).run()
