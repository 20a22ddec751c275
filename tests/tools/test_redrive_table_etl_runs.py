"""Whole redrives of a table ETL stack: killed anywhere, dry, and of some reasons or days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.table_etl.sources import START
from tests.tools.etl_yard import EtlYard, narrow
from tools.failed import Summary
from tools.pace import Pace
from tools.redrive import Wanted
from tools.redrive_table_etl import RedriveTableEtl


def redrive(yard: EtlYard, wanted: Wanted | None = None, **options: Any) -> Summary:
    return RedriveTableEtl(yard.etl, wanted or Wanted(), **options).run()


def everywhere() -> EtlYard:
    """Rows too big and rows never good, in quarantine and discarded; then the limits are raised."""
    yard = narrow()
    yard.write("too big", "wrong total", "placed")
    yard.discard("too big", "placed")
    yard.write("wrong total")
    yard.sqs.put("dead", "task 1", "task 2", "task 3", "task 4")
    yard.sqs.put("plan-failures", json.dumps({"requestPayload": {"Records": ["a file"]}}))
    yard.deploy()
    return yard


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_killed_at_any_call_nothing_is_lost_and_another_run_completes_it(fault: Fault) -> None:
    for at in range(1000):
        yard = everywhere()
        calls = iter([Fault.NONE] * at + [fault])
        yard.desk.decide = lambda _, calls=calls: next(calls, Fault.NONE)  # type: ignore[misc]
        killed = False
        try:
            redrive(yard)
        except Killed:
            killed = True
        assert yard.somewhere() == set(yard.states), f"killed at call {at}"
        assert {*yard.sqs.bodies("dead"), *yard.sqs.bodies("tasks")} == {f"task {number}" for number in range(1, 5)}
        assert yard.planned or yard.sqs.bodies("plan-failures")
        yard.calm()
        yard.sqs.show_all()
        redrive(yard)
        assert yard.loaded() == ["placed", "placed", "too big", "too big"], f"killed at call {at}"
        assert not yard.failures
        assert not yard.sqs.bodies("dead")
        assert not yard.sqs.bodies("plan-failures")
        assert {yard.states[line.version] for line in yard.quarantined()} == {"wrong total"}
        if not killed:
            break
    assert at > 20


def test_a_dry_run_finds_the_same_and_changes_nothing() -> None:
    yard = everywhere()
    before = dict(yard.quarantine), dict(yard.failures), yard.loaded(), len(yard.sqs.bodies("dead"))

    dry = redrive(yard, dry_run=True)

    assert (dict(yard.quarantine), dict(yard.failures), yard.loaded(), len(yard.sqs.bodies("dead"))) == before
    assert not yard.functions.sizes
    wet = redrive(yard)
    assert dry.found == wet.found
    assert dry.sent == wet.sent == dry.found


REASONS = {"too_big": 1, "wrong_schema": 2, "discarded": 2, "task_failed": 4, "plan_failed": 1}


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_choose_what_goes_out(reason: str) -> None:
    yard = everywhere()

    summary = redrive(yard, Wanted(reasons=frozenset({reason})))

    assert summary.found == {reason: REASONS[reason]}
    assert summary.sent == summary.found
    assert yard.somewhere() == set(yard.states)


ARRIVED = datetime.fromtimestamp(START, UTC)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(since=ARRIVED - timedelta(hours=1)), True),
        (Wanted(since=ARRIVED + timedelta(days=1)), False),
        (Wanted(until=ARRIVED + timedelta(hours=1)), True),
        (Wanted(until=ARRIVED - timedelta(days=1)), False),
    ],
)
def test_days_choose_what_goes_out(wanted: Wanted, found: bool) -> None:  # noqa: FBT001
    yard = everywhere()

    summary = redrive(yard, wanted)

    assert bool(summary.found) is found
    assert set(summary.found) == (set(REASONS) if found else set())
    assert len([each for each in yard.sqs.queues["dead"] if each.visible]) == (0 if found else 4)


def test_rows_go_out_at_the_rate() -> None:
    taken: list[float] = []

    class Counted(Pace):
        def take(self, count: float) -> None:
            taken.append(count)

    redrive(everywhere(), pace=Counted(1000))

    assert sum(taken) == 2 + 1 + 2


def test_the_number_of_objects_read_is_told() -> None:
    told: list[tuple[str, int, int]] = []

    redrive(everywhere(), tell=lambda *what: told.append(what))

    assert ("quarantine", 2, 2) in told
    assert told[-1] == ("failure objects", 1, 1)
