"""What the demo reads out of a function's log."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from local.use_cases import counters

LINES = [
    "START RequestId: 1 Version: $LATEST",
    '{"level": "INFO", "message": "REPORT of the day"}',
    '{"_aws": {}, "Taken": [1.0, 2.0]}',
    "REPORT RequestId: 1\tDuration: 12 ms",
    "START RequestId: 2 Version: $LATEST",
    "REPORT RequestId: 2\tDuration: 3 ms",
    '{"_aws": {}, "Taken": [1.0], "Refused": [1.0]}',
]


def pages(*, logGroupName: str) -> Any:  # noqa: N803  boto's names
    assert logGroupName == "/functions/it"
    yield {"events": [{"message": line} for line in LINES[:4]]}
    yield {"events": [{"message": line} for line in LINES[4:]]}


FUNCTIONS = SimpleNamespace(
    get_function_configuration=lambda FunctionName: {"LoggingConfig": {"LogGroup": f"/functions/{FunctionName}"}}  # noqa: N803
)
LOGS = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=pages))


@pytest.mark.parametrize(("metric", "total"), [("Taken", 4), ("Refused", 1), ("Unheard", 0)])
def test_a_metric_is_added_up_over_all_lines(metric: str, total: int) -> None:
    assert counters.total(FUNCTIONS, LOGS, "it", metric) == total


def test_invocations_have_ended_once_the_platform_reports_them() -> None:
    assert counters.ended(FUNCTIONS, LOGS, "it") == 2
