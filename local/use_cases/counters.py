"""What functions have counted, by the lines that they write; CloudWatch makes metrics of them, the emulator none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def total(functions: Any, logs: Any, function: str, metric: str) -> int:
    """A metric of a function, over all of its invocations; by boto3's clients of Lambda and CloudWatch Logs."""
    lines = [json.loads(line) for line in _lines(functions, logs, function) if line.startswith('{"_aws"')]
    return round(sum(sum(line.get(metric, [])) for line in lines))


def ended(functions: Any, logs: Any, function: str) -> int:
    """How many invocations of a function have ended, well or not.

    Of those that end at the same time the emulator may keep metrics back until the next ones, so these lag behind.
    """
    return sum(line.startswith("REPORT ") for line in _lines(functions, logs, function))


def _lines(functions: Any, logs: Any, function: str) -> Iterator[str]:
    group = functions.get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
        for event in page["events"]:
            yield event["message"]
