"""Replaced generations go after their grace, not before; a run that has nothing to do changes nothing."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from lambdas.table_etl.contract import ROWS_FILE, TOMBSTONES_FILE, dataset_prefix
from lambdas.table_etl.domain.generations import removable, successor
from tests.support.fake_aws import Fault
from tests.support.schedule import Killed
from tests.table_etl.compacting import DAYS, GRACE, Lake, LightMerger, Version, fold, light

TICK = timedelta(minutes=15)


def light_lake() -> Lake:
    return Lake(merger=LightMerger(), read=light)


def generations(lake: Lake, day: str = DAYS[0]) -> list[str]:
    """Names of a day's generations that are there, each with both of its files."""
    prefix = f"{dataset_prefix('things')}day={day}/"
    names = sorted({key.split("/")[-2] for key in lake.objects if key.startswith(prefix)})
    files = {key for key in lake.objects if key.startswith(prefix)}
    assert files == {f"{prefix}{name}/{file}" for name in names for file in (ROWS_FILE, TOMBSTONES_FILE)}
    return names


def replaced(lake: Lake, number: int) -> None:
    """A day gets another generation."""
    lake.stage([Version(0, number).staged], str(number))
    lake.compact()


@pytest.mark.parametrize("again", ["nothing", "the same objects"])
def test_another_run_changes_nothing(again: str) -> None:
    lake = Lake()
    batch = [Version(0, 2).staged, Version(1, 3).staged]
    lake.stage(batch, "a")
    lake.compact()
    before = dict(lake.objects)
    lake.s3.now += TICK
    if again == "the same objects":
        lake.stage(batch, "a")
    assert lake.compact().errors == []
    assert lake.objects == before
    assert lake.outside.calls.count("PutObject") == 6  # rows, tombstones and pointer of two days


def test_a_run_with_nothing_to_do_only_lists() -> None:
    lake = light_lake()
    replaced(lake, 1)
    lake.outside.calls.clear()
    lake.s3.now += 2 * GRACE
    lake.compact()
    assert lake.outside.calls == ["ListObjectsV2"] * 4  # staged objects, and generations, of two datasets


def test_a_replaced_generation_stays_for_its_grace_from_when_it_was_replaced() -> None:
    lake = light_lake()
    replaced(lake, 1)
    lake.s3.now += 100 * GRACE
    replaced(lake, 2)
    first, second = generations(lake)
    lake.s3.now += GRACE
    lake.compact()
    assert generations(lake) == [first, second]
    lake.s3.now += TICK
    lake.compact()
    assert generations(lake) == [second]
    assert lake.state() == fold([Version(0, 2)])


def test_a_day_that_changes_all_the_time_keeps_no_more_than_its_grace() -> None:
    lake = light_lake()
    for number in range(1, 30):
        replaced(lake, number)
        lake.s3.now += TICK
    assert len(generations(lake)) == GRACE / TICK + 2
    assert lake.state() == fold([Version(0, 29)])


def test_what_killed_runs_leave_behind_goes_after_its_grace() -> None:
    lake = light_lake()
    replaced(lake, 1)
    lake.stage([Version(0, 2).staged], "b")
    puts = iter(range(10))
    lake.outside.decide = lambda name: (
        Fault.KILL_BEFORE if name == "PutObject" and next(puts) == 2 else Fault.NONE  # before the pointer
    )
    with suppress(Killed):
        lake.compact()
    lake.outside.decide = lambda _: Fault.NONE
    lake.s3.now += GRACE - TICK
    lake.compact()
    first, _, current = generations(lake)
    lake.s3.now += 2 * TICK
    lake.compact()
    assert generations(lake) == [first, current]
    lake.s3.now += GRACE
    lake.compact()
    assert generations(lake) == [current]


def test_an_orphan_does_not_make_the_current_generation_look_replaced_for_long() -> None:
    lake = light_lake()
    replaced(lake, 1)
    lake.stage([Version(0, 2).staged], "b")
    lake.outside.decide = lambda name: Fault.KILL_AFTER if name == "PutObject" else Fault.NONE
    with suppress(Killed):
        lake.compact()
    lake.outside.decide = lambda _: Fault.NONE
    read = lake.current(DAYS[0])
    lake.s3.now += 10 * GRACE
    lake.compact()  # replaces the first generation only now
    assert lake.current(DAYS[0]) != read
    lake.s3.now += GRACE
    lake.compact()
    assert read in lake.objects


@pytest.mark.parametrize("page", [1, 2, 3])
def test_pages_of_a_listing_are_put_together(page: int) -> None:
    lake = light_lake()
    lake.s3.page = page
    for number in range(1, 6):
        lake.stage([Version(number, 1).staged], str(number))
    assert lake.compact().merged == 5
    lake.s3.now += 2 * GRACE
    replaced(lake, 2)
    replaced(lake, 4)
    lake.s3.now += 2 * GRACE
    lake.compact()
    assert len(generations(lake)) == 1


# --- names ----------------------------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_a_generation_made_later_never_takes_the_name_of_one_that_may_be_about_to_be_removed() -> None:
    assert successor(None, NOON, "d") != successor(None, NOON + timedelta(hours=1), "d")


def test_generations_are_counted() -> None:
    first = successor(None, NOON, "d")
    assert (first, successor(first, NOON, "e")) == ("00000001-20261125T120000Z-d", "00000002-20261125T120000Z-e")


def test_a_day_replaced_since_it_was_listed_is_left_alone() -> None:
    old = successor(None, NOON, "d")
    assert removable({old: NOON, "00000002-x": NOON}, successor(old, NOON, "e"), NOON + timedelta(days=9)) == []
