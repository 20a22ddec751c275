"""The demo's lines: every fault that is hidden in them is told of once, nothing else is, and all counts are true."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from lambdas.log_analysis.contract import Detection, minute_text
from local.use_cases.log_analysis.lines import LEARNING_MINUTES, Scenario, Sort, generate
from tests.events import logs
from tests.log_analysis.world import FIRST_MINUTE, START, World

SEEDS = (1, 2)
TIME = datetime.fromtimestamp(START / 1000, UTC)


@cache
def scenario(seed: int) -> Scenario:
    return generate(seed, TIME, lines=9_000)


@cache
def analyzed(seed: int) -> World:
    """The world after a delivery for each minute of each stream, in the order of time."""
    world = World(detection=Detection(learning_minutes=LEARNING_MINUTES))
    batches: dict[tuple[int, int, str], list[dict[str, Any]]] = {}
    for number, line in enumerate(scenario(seed).lines):
        batch = batches.setdefault((line.milliseconds // 60_000, line.group, line.stream), [])
        batch.append(logs.log_event(number, line.milliseconds, line.message))
    for (_, group, stream), batch in batches.items():
        world.invoke(logs.event(batch, log_group=f"g{group}", log_stream=stream))
    return world


@pytest.mark.parametrize("seed", SEEDS)
def test_every_fault_is_told_of_once_and_nothing_else_is(seed: int) -> None:
    told = Counter((each["kind"], each["log_group"], each["minute"]) for each in analyzed(seed).sns.published)
    expected = Counter(
        (fault.kind.value, f"g{fault.group}", minute_text(FIRST_MINUTE + fault.first_minute))
        for fault in scenario(seed).faults
    )
    assert told == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_every_error_is_counted_in_its_minute(seed: int) -> None:
    for group in range(3):
        found: Counter[int] = Counter()
        for (_, minute), count in analyzed(seed).counts(f"g{group}").items():
            found[minute] += count
        errors = [each for (of, _), each in scenario(seed).errors().items() if of == group]
        assert found == sum(errors, Counter())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_of_error_is_one_signature(seed: int) -> None:
    signatures = sum(len(analyzed(seed).reader.signatures(f"g{group}")) for group in range(3))
    assert signatures == len(scenario(seed).errors())


@pytest.mark.parametrize("seed", SEEDS)
def test_requests_are_counted(seed: int) -> None:
    lines = [each for each in scenario(seed).lines if each.sort is Sort.REQUEST]
    failed = [each for (_, label), each in scenario(seed).errors().items() if label[-3:] in {"500", "502"}]
    world = analyzed(seed)
    found = [
        requests
        for group in range(3)
        for requests in world.reader.requests(f"g{group}", 0, FIRST_MINUTE + 1_000).values()
    ]
    assert sum(each.number for each in found) == len(lines) + sum(each.total() for each in failed)
    assert sum(each.statuses[5] for each in found) == sum(each.total() for each in failed)


def test_the_same_seed_gives_the_same_lines() -> None:
    assert generate(3, TIME, lines=9_000).lines == generate(3, TIME, lines=9_000).lines


def test_lines_are_about_as_many_as_asked_for() -> None:
    assert len(generate(4, TIME).lines) == pytest.approx(30_000, rel=0.01)


@pytest.mark.parametrize(("lines", "minutes"), [(30_000, 30), (5_000, 75)])
def test_a_scenario_without_room_for_its_faults_is_refused(lines: int, minutes: int) -> None:
    with pytest.raises(ValueError, match="100 lines for each"):
        generate(1, TIME, lines=lines, minutes=minutes)
