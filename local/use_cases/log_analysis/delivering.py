"""Lines on their way to the function: put into log groups, or handed over as CloudWatch Logs does.

CloudWatch Logs gets lines as they happen. So they are put some minutes at a time, in the order of time, and those of a
log stream once the ones before are analyzed. It may deliver twice, which the emulator never does: the last lines of
each log group are therefore handed to the function here, and handed over again.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lambdas.common.groups import groups
from local.use_cases.log_analysis.lines import MINUTES, STREAMS, Line, Scenario
from local.use_cases.log_analysis.stack import Deployed
from local.use_cases.outcome import UseCaseError
from local.use_cases.waiting import wait_until_done

BORDERS = (0, 10, 40, MINUTES)
"""Minutes between which lines are put together. Those of the first ten are learned from."""

MOST_EVENTS = 10_000
MOST_BYTES = 1_048_576
EVENT_BYTES = 26
"""That each event counts beside its message: "PutLogEvents", Amazon CloudWatch Logs API Reference."""

_AT_ONCE = 3


@dataclass
class Delivery:
    """Puts a scenario's lines into log groups, and knows what it has handed over."""

    deployed: Deployed
    scenario: Scenario
    put: int = 0
    """Lines that went to the function."""
    calls: int = 0
    """Of PutLogEvents."""
    handed: Sequence[Sequence[Line]] = ()
    """Deliveries that the function got from here."""
    _before: int = 0
    """Invocations that had ended before the first line."""

    def run(self) -> None:
        """Until all lines are analyzed.

        Raises:
            UseCaseError: the function fails, or nothing is analyzed any more.
        """
        self._before = self.deployed.ended()
        for group in self.deployed.log_groups:
            for stream in range(STREAMS):
                self.deployed.logs.create_log_stream(logGroupName=group, logStreamName=f"{stream}")
        last = (BORDERS[-2], STREAMS - 1)
        for first, end in pairwise(BORDERS):
            for stream in range(STREAMS):
                spans = (
                    self._between(group, f"{stream}", first, end) for group in range(len(self.deployed.log_groups))
                )
                batches = [lines for lines in spans if lines]
                if (first, stream) == last:
                    self._hand_over([self._event(batch) for batch in batches])
                    self.put += sum(map(len, batches))
                    self.handed = batches
                else:
                    self._put(batches)

    def repeat(self) -> int:
        """Hands over again what was handed over: as it was, twice at once, and cut elsewhere. How many lines."""
        events = [self._event(lines) for lines in self.handed]
        overlapping = [self._event(lines, slice(len(lines) // 3, len(lines) * 2 // 3)) for lines in self.handed]
        twice = [event for event in events for _ in range(2)]
        self._hand_over([*twice, *overlapping])
        return sum(2 * len(lines) + len(lines) * 2 // 3 - len(lines) // 3 for lines in self.handed)

    def _hand_over(self, events: Sequence[bytes]) -> None:
        """Invokes the function with them, several at the same time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for answer in pool.map(self._invoke, events):
                if answer:
                    raise UseCaseError(f"the function failed on a delivery: {answer}")

    def _invoke(self, event: bytes) -> str:
        answer = self.deployed.functions.invoke(FunctionName=self.deployed.function, Payload=event)
        return answer["Payload"].read().decode() if "FunctionError" in answer else ""

    def _between(self, group: int, stream: str, first: int, end: int) -> list[Line]:
        start = int(self.scenario.start.timestamp()) * 1000
        since, until = (start + minute * 60_000 for minute in (first, end))
        return [
            line
            for line in self.scenario.lines
            if line.group == group and line.stream == stream and since <= line.milliseconds < until
        ]

    def _put(self, batches: Sequence[Sequence[Line]]) -> None:
        """Of one log group each."""
        for batch in batches:
            for lines in _calls(batch):
                self.deployed.logs.put_log_events(
                    logGroupName=self.deployed.log_groups[lines[0].group],
                    logStreamName=lines[0].stream,
                    logEvents=[{"timestamp": line.milliseconds, "message": line.message} for line in lines],
                )
                self.calls += 1
                self.put += len(lines)
        wait_until_done(self._left, "not every delivery is analyzed, and none has been")

    def _left(self) -> Sequence[str]:
        """Each call is one delivery."""
        left = self._before + self.calls - self.deployed.ended()
        return [f"{left} deliveries to go"] if left > 0 else []

    def _event(self, lines: Sequence[Line], part: slice = slice(None)) -> bytes:
        """What is delivered, as in "Subscription filters with AWS Lambda" (Amazon CloudWatch Logs User Guide)."""
        events = [
            {"id": _id(number, line), "timestamp": line.milliseconds, "message": line.message}
            for number, line in enumerate(lines)
        ]
        message = {
            "messageType": "DATA_MESSAGE",
            "owner": "123456789012",
            "logGroup": self.deployed.log_groups[lines[0].group],
            "logStream": lines[0].stream,
            "subscriptionFilters": ["demo"],
            "logEvents": events[part],
        }
        return packed(message)


def packed(message: Any) -> bytes:
    """The function's event of a message of CloudWatch Logs."""
    data = base64.b64encode(gzip.compress(json.dumps(message).encode())).decode()
    return json.dumps({"awslogs": {"data": data}}).encode()


def _id(number: int, line: Line) -> str:
    """56 digits, as CloudWatch Logs gives them."""
    digest = hashlib.sha256(f"{number} {line}".encode()).hexdigest()
    return f"{int(digest, 16) % 10**56:056d}"


def _calls(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Within what one call takes."""
    return groups(lines, lambda line: len(line.message.encode()) + EVENT_BYTES, largest=MOST_BYTES, most=MOST_EVENTS)
