"""Killed at any call, or overtaken at any call: nothing is lost, and readers see whole days all along."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.table_etl.contract import pointer_key
from lambdas.table_etl.ports import MergeError
from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Command, Killed, Worker, scheduled
from tests.table_etl.compacting import DAYS, GRACE, Lake, LightMerger, Rows, Version, fold, light

OLD = [Version(0, 1), Version(0, 2), Version(1, 1), Version(2, 3), Version(4, 1)]
NEW = [[Version(0, 3), Version(1, 2), Version(2, 4)], [Version(3, 1), Version(0, 1)], [Version(1, 4), Version(4, 6)]]
"""Staged objects that touch both days, with a deletion, a row that comes back, and an older version."""
ALL = OLD + [each for batch in NEW for each in batch]


class Watched(Outside):
    """Lets a reader look after each call."""

    look: Callable[[], object] = staticmethod(lambda: None)

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        try:
            return super().call(name, effect)
        finally:
            self.look()


def half_compacted(*, real: bool, max_chunk_bytes: int = 10**6) -> Lake:
    """A lake of which a part is compacted, with something old to sweep, and the rest is staged."""
    light_one: dict[str, Any] = {} if real else {"merger": LightMerger(), "read": light}
    lake = Lake(outside=Watched(), max_chunk_bytes=max_chunk_bytes, **light_one)
    for name, versions in (("old-0", OLD[:2]), ("old-1", OLD[2:])):
        lake.stage((each.staged for each in versions), name)
        lake.compact()
        lake.s3.now += 2 * GRACE
    for number, batch in enumerate(NEW):
        lake.stage((each.staged for each in batch), f"new-{number}")
    lake.outside.calls.clear()
    return lake


def fail_at(lake: Lake, number: int, fault: Fault) -> None:
    """Lets one call fail, counted from here."""
    at = count()
    lake.outside.decide = lambda _: fault if next(at) == number else Fault.NONE


def calls(*, real: bool, max_chunk_bytes: int) -> int:
    lake = half_compacted(real=real, max_chunk_bytes=max_chunk_bytes)
    lake.compact()
    return len(lake.outside.calls)


FAULTS = [fault for fault in Fault if fault is not Fault.NONE]


@pytest.mark.parametrize("max_chunk_bytes", [1, 10**6])
@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_at_any_call_another_run_ends_in_the_same_rows(fault: Fault, max_chunk_bytes: int) -> None:
    for number in range(calls(real=False, max_chunk_bytes=max_chunk_bytes)):
        lake = half_compacted(real=False, max_chunk_bytes=max_chunk_bytes)
        fail_at(lake, number, fault)
        with suppress(Killed):
            lake.compact()
        assert lake.compact().errors == []
        assert lake.state() == fold(ALL), f"{fault.value} at call {number}"
        assert lake.staged == []


@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_after_a_kill_at_any_call_the_parquet_is_the_same(fault: Fault) -> None:
    for number in range(calls(real=True, max_chunk_bytes=10**6)):
        lake = half_compacted(real=True)
        fail_at(lake, number, fault)
        with suppress(Killed):
            lake.compact()
        assert lake.compact().errors == []
        assert lake.state() == fold(ALL), f"{fault.value} at call {number}"
        assert lake.staged == []


@pytest.mark.parametrize("fault", [Fault.NONE, *FAULTS])
def test_at_every_moment_a_reader_sees_a_day_as_it_was_or_as_it_will_be(fault: Fault) -> None:
    for number in range(calls(real=False, max_chunk_bytes=10**6)):
        lake = half_compacted(real=False)
        seen: list[tuple[str, Rows]] = []
        lake.outside.look = lambda lake=lake, seen=seen: seen.extend(lake.state().items())  # type: ignore[attr-defined]
        fail_at(lake, number, fault)
        with suppress(Killed):
            lake.compact()
        lake.compact()
        old, new = fold(OLD), fold(ALL)
        for day in DAYS:
            states = [rows for each, rows in seen if each == day]
            flips = [rows for before, rows in zip([old[day], *states], states, strict=False) if rows != before]
            assert flips == [new[day]]


def test_a_query_that_began_before_a_day_was_replaced_can_end() -> None:
    lake = half_compacted(real=False)
    read = {day: lake.current(day) for day in DAYS}
    lake.compact()
    lake.s3.now += GRACE / 2
    lake.compact()
    for day, key in read.items():
        assert lake.current(day) != key
        assert key in lake.objects


@pytest.mark.parametrize(
    ("call", "fault", "waiting"), [("PutObject", Fault.THROTTLED, 3), ("DeleteObjects", Fault.PARTIAL, 2)]
)
def test_a_failing_call_is_told_and_the_staged_objects_wait(call: str, fault: Fault, waiting: int) -> None:
    lake = half_compacted(real=False)
    lake.outside.decide = lambda name: fault if name == call else Fault.NONE
    outcome = lake.compact()
    assert UnavailableError in [type(error) for error in outcome.errors]
    assert (outcome.merged, outcome.left) == (0, 3)
    assert len(lake.staged) == waiting


# --- two compactors -------------------------------------------------------------------------------------------------


class Stepped(Outside):
    """Every call waits for the schedule."""

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        return scheduled(lambda: super(Stepped, self).call(name, effect))


commands = st.tuples(st.integers(0, 1), st.sampled_from([*[Command.RUN] * 12, Command.KILL_BEFORE, Command.KILL_AFTER]))


@settings(max_examples=300, deadline=None)
@given(st.lists(commands, max_size=120), st.sampled_from([1, 10**6]), st.lists(st.integers(0, 60), max_size=3))
def test_two_compactors_in_any_order_lose_nothing(
    schedule: list[tuple[int, Command]], max_chunk_bytes: int, arrivals: list[int]
) -> None:
    lake = half_compacted(real=False, max_chunk_bytes=max_chunk_bytes)
    lake.s3.outside = Stepped()
    everything, versions = list(ALL), newest(lake)
    workers = [Worker(lake.compact), Worker(lake.compact)]
    for at, (who, command) in enumerate(schedule):
        if at in arrivals:
            everything.append(Version(at % 5, at))
            lake.stage([everything[-1].staged], f"late-{at}")
        if workers[who].running:
            workers[who].step(command)
        else:
            workers[who] = Worker(lake.compact)
        before, versions = versions, newest(lake)
        assert all(versions[key] >= version for key, version in before.items())
    for worker in workers:
        worker.finish()
        assert worker.error is None
    assert lake.compact().errors == []
    assert lake.state() == fold(everything)
    assert lake.staged == []


def newest(lake: Lake) -> dict[str, str]:
    """Version of each key, deleted ones included; fails if a pointer names nothing."""
    rows = {key: version for day in DAYS for key, (version, _) in lake.rows(day).items()}
    return rows | {key: version for day in DAYS for key, version in lake.tombstones(day)}


def test_what_another_compactor_merged_between_listing_and_reading_is_no_failure() -> None:
    lake = half_compacted(real=False)

    def overtake(name: str) -> Fault:
        if name == "GetObject":
            lake.outside.decide = lambda _: Fault.NONE
            lake.compact()
        return Fault.NONE

    lake.outside.decide = overtake
    assert lake.compact().errors == []
    assert lake.state() == fold(ALL)


def test_a_compactor_that_is_always_overtaken_gives_up_and_loses_nothing() -> None:
    lake = half_compacted(real=False)

    def overtake(name: str) -> Fault:
        if name == "PutObject":
            for day in DAYS:
                key = pointer_key("things", day)
                lake.objects[key] = lake.objects[key] + b"\n"
        return Fault.NONE

    lake.outside.decide = overtake
    [error] = lake.compact().errors
    assert isinstance(error, UnavailableError)
    assert "other compactor" in str(error)
    lake.outside.decide = lambda _: Fault.NONE
    lake.compact()
    assert lake.state() == fold(ALL)


def test_a_pointer_out_of_the_bucket_is_an_error_that_says_so() -> None:
    lake = half_compacted(real=False)
    lake.objects[pointer_key("things", DAYS[0])] = b"s3://elsewhere/rows.parquet\n"
    [error, *_] = lake.compact().errors
    assert isinstance(error, MergeError)
    assert "s3://elsewhere/rows.parquet" in str(error)
    assert len(lake.staged) == 3
