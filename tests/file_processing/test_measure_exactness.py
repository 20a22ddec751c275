"""Metrics of logs are exact: invocations run twice, between each other, are killed, and files are replaced and deleted.

The effects of the lane run over a fake of DynamoDB call by call; the common reader reads what they leave behind.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.common.tables.metrics.aggregates import Count, Sum
from lambdas.common.tables.metrics.reader import MetricsReader
from lambdas.common.tables.metrics.sketches import Quantiles
from lambdas.file_processing.adapters import metrics
from lambdas.file_processing.contract.access_logs import AccessMetric, status_dimension
from lambdas.file_processing.domain.processing import Processed
from tests.file_processing.measuring import FILES, GENERATIONS, MEASURED, START, TABLE, Logs, content
from tests.support.fake_aws import Fault
from tests.support.schedule import Command
from tests.support.schedules import SCHEDULES, under_schedules

ENDS = [*[Command.RUN] * 3, Command.KILL_BEFORE, Command.KILL_AFTER]
STEPS = st.one_of(
    st.tuples(st.just("show"), st.integers(0, FILES - 1), st.sampled_from([None, *range(GENERATIONS)])),
    st.tuples(st.just("start"), st.integers(0, 5), st.none()),
    st.tuples(st.just("again"), st.integers(0, FILES - 1), st.integers(0, GENERATIONS - 1)),
    st.tuples(st.just("work"), st.integers(0, 5), st.tuples(st.integers(0, 8), st.sampled_from(ENDS))),
    st.tuples(st.just("work"), st.integers(0, 5), st.tuples(st.integers(0, 8), st.sampled_from(ENDS))),
    st.tuples(st.just("fault"), st.integers(0, 5), st.sampled_from([Fault.THROTTLED, Fault.NO_ANSWER, Fault.PARTIAL])),
)


def play(steps: list[tuple[str, int, Any]]) -> Logs:
    """Runs a schedule to its end; afterwards the newest state of every file is settled."""
    logs = Logs()
    newest: dict[int, int] = defaultdict(lambda: -1)
    for what, number, more in steps:
        worker = logs.workers[number % len(logs.workers)][0] if logs.workers else None
        if what == "show" and more is None:
            logs.show(number, None)
        elif what == "show" and more > newest[number]:  # no generation comes twice
            newest[number] = more
            logs.show(number, more)
        elif what == "again":
            logs.start((number, more))
        elif what == "start" and logs.messages:
            logs.start(logs.messages.pop(number % len(logs.messages)))
        elif what == "work" and worker:
            calls, end = more
            for command in [*[Command.RUN] * calls, end]:
                if worker.running:
                    worker.step(command)
        elif what == "fault" and worker:
            logs.step_into(worker, more)
        logs.tidy()
    logs.settle()
    return logs


def check(logs: Logs) -> None:
    """The reader finds exactly the requests of what is shown."""
    reader = MetricsReader(logs.dynamodb, TABLE)
    end = START + timedelta(minutes=4)
    wanted: list[Processed] = [MEASURED[file, shown] for file, shown in logs.shown.items() if shown is not None]
    latencies: list[float] = []
    for file, shown in logs.shown.items():
        lines = content(file, shown).decode().splitlines() if shown is not None else []
        latencies += sorted(float(line.rpartition(" ")[2]) * 1000 for line in lines)

    def total(metric: AccessMetric, dimension: str = "shop/") -> Any:
        return reader.total(metric, START, end, dimension)

    requests = sum(int(str(each.facts["requests"])) for each in wanted)
    assert total(AccessMetric.REQUESTS) == (Count(requests) if wanted else None)
    errors = sum(each.facts["statuses"].get("5xx", 0) for each in wanted)  # type: ignore[union-attr, misc]
    assert total(AccessMetric.STATUS, status_dimension("shop/", "5xx")) == (Count(errors) if wanted else None)
    assert total(AccessMetric.ERRORS) == (Count(errors) if wanted else None)
    size = sum(int(str(each.facts["bytes"])) for each in wanted)
    assert total(AccessMetric.BYTES) == (Sum(Decimal(size), requests) if wanted else None)
    latency = total(AccessMetric.LATENCY)
    assert latency == (Quantiles.of(latencies) if wanted else None)
    paths = total(AccessMetric.PATHS)
    assert (paths.weight if paths else 0) == requests
    assert len(logs.dynamodb.items(TABLE)) == sum(len(each.measurements) for each in wanted)


@settings(under_schedules, max_examples=SCHEDULES)
@given(st.lists(STEPS, max_size=40))
def test_totals_are_those_of_the_files_that_are_shown(steps: list[tuple[str, int, Any]]) -> None:
    with patch.object(metrics, "MAX_WRITES", 10):  # so that items take several calls
        check(play(steps))


def test_a_quantile_is_within_one_percent_of_the_request_at_its_rank() -> None:
    logs = Logs()
    for file in range(FILES):
        logs.show(file, 2)
    logs.settle()
    reader = MetricsReader(logs.dynamodb, TABLE)
    latency: Any = reader.total(AccessMetric.LATENCY, START, START + timedelta(hours=1), "shop/")
    lines = [line for file in range(FILES) for line in content(file, 2).decode().splitlines()]
    exact = sorted(float(line.rpartition(" ")[2]) * 1000 for line in lines)
    for q in (0.5, 0.95, 0.99, 1.0):
        assert latency.quantile(q) == pytest.approx(exact[int(q * (len(exact) - 1))], rel=0.01)


def test_what_dynamodb_leaves_undone_is_repeated_and_then_left_to_a_retry() -> None:
    logs = Logs()
    logs.outside.decide = lambda _: Fault.PARTIAL
    with pytest.raises(UnavailableError, match="write metrics"):
        logs.effects.metrics.write("shard", MEASURED[0, 0].measurements)
    assert len(logs.dynamodb.items(TABLE)) > metrics.MAX_WRITES // 5


def overtaken() -> Logs:
    """An invocation has written the first items of a log; then the log is deleted, and its items with it."""
    logs = Logs()
    logs.show(0, 0)
    logs.start(logs.messages.pop())
    while not logs.dynamodb.items(TABLE):
        logs.workers[0][0].step()
    logs.show(0, None)
    logs.look(*logs.messages.pop())
    assert not logs.dynamodb.items(TABLE)
    return logs


def test_items_that_are_written_after_the_log_was_deleted_are_deleted_too() -> None:
    logs = overtaken()
    logs.workers[0][0].step()
    assert logs.dynamodb.items(TABLE)
    logs.settle()
    assert not logs.dynamodb.items(TABLE)


def test_items_of_an_invocation_that_was_killed_are_deleted_when_its_message_comes_again() -> None:
    logs = overtaken()
    logs.workers[0][0].step(Command.KILL_AFTER)
    assert logs.dynamodb.items(TABLE)
    logs.tidy()
    logs.settle()
    assert not logs.dynamodb.items(TABLE)
