"""What invocations of a function take, measured with boto3 at work and AWS in memory; bills are reckoned from it."""

from __future__ import annotations

import gc
import io
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any, NamedTuple

from bench.wire import Aws


class Context(NamedTuple):
    """What functions read of Lambda's context."""

    aws_request_id: str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What an invocation takes, on average."""

    seconds: float
    """CPU time, with the runtime's parsing of the event and writing of the answer."""
    calls: Mapping[str, float]
    """Of AWS, by operation."""
    read_units: float
    write_units: float
    stored_bytes: float
    """That tables have grown by."""
    log_bytes: float
    answer_bytes: float
    """Of the body."""


def measured(
    aws: Aws, logs: io.StringIO, handler: Callable[[Any, Any], Mapping[str, Any]], events: Sequence[Mapping[str, Any]]
) -> Usage:
    """Handles the events one after the other. Raises RuntimeError where something does not go well."""
    texts, answers = [json.dumps(event) for event in events], []
    stored, context = aws.stored_bytes, Context()
    aws.usage.clear()
    aws.seconds = 0.0
    logs.truncate(logs.seek(0))
    gc.collect()
    began = time.process_time()
    for text in texts:
        answer = handler(json.loads(text), context)
        answers.append((answer, json.dumps(answer)))
    seconds = time.process_time() - began - aws.seconds
    if failed := [answer for answer, _ in answers if answer.get("statusCode", 200) >= 400 or _failures(answer)]:
        raise RuntimeError(f"the function did not do what it was asked: {failed[0]}")
    usage = {name: number / len(events) for name, number in aws.usage.items()}
    return Usage(
        seconds=seconds / len(events),
        calls={name: number for name, number in usage.items() if name[0].isupper()},
        read_units=usage.get("read_units", 0) + usage.get("eventual_read_units", 0) / 2,
        write_units=usage.get("write_units", 0),
        stored_bytes=(aws.stored_bytes - stored) / len(events),
        log_bytes=len(logs.getvalue().encode()) / len(events),
        answer_bytes=sum(len(answer.get("body", "")) for answer, _ in answers) / len(events),
    )


def _failures(answer: Mapping[str, Any]) -> Any:
    return answer.get("batchItemFailures")


def typical(rounds: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, Usage]:
    """Of several rounds of usages, by name: the first one's, with the median of their CPU times."""
    return {
        name: Usage(**{**each, "seconds": median_low(float(one[name]["seconds"]) for one in rounds)})
        for name, each in rounds[0].items()
    }


def mixed(usages: Mapping[str, Usage], shares: Mapping[str, float]) -> Usage:
    """What an invocation takes on average, if they come in these shares, which add up to 1."""
    calls: defaultdict[str, float] = defaultdict(float)
    for name, share in shares.items():
        for call, number in usages[name].calls.items():
            calls[call] += share * number

    def average(field: str) -> float:
        return sum(share * float(getattr(usages[name], field)) for name, share in shares.items())

    return Usage(
        seconds=average("seconds"),
        calls=dict(calls),
        read_units=average("read_units"),
        write_units=average("write_units"),
        stored_bytes=average("stored_bytes"),
        log_bytes=average("log_bytes"),
        answer_bytes=average("answer_bytes"),
    )
