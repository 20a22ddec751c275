"""What is done in an invocation's time, and in which order."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from tests.table_etl.compacting import DAYS, Lake, LightMerger, Version, fold, light


def time_for(asked: int) -> Callable[[], float]:
    """So many times there is enough time, then no more."""
    times = iter([900.0] * asked)
    return lambda: next(times, 1.0)


def test_a_chunk_that_takes_too_long_stops_between_days_and_the_next_run_goes_on() -> None:
    lake = Lake(merger=LightMerger(), read=light)
    versions = [Version(0, 1), Version(1, 1)]
    lake.stage((each.staged for each in versions), "a")
    outcome = lake.compact(time_for(2))
    assert [bool(lake.rows(day)) for day in DAYS] == [True, False]
    assert (outcome.merged, outcome.left, outcome.errors) == (0, 1, [])
    first = lake.current(DAYS[0])
    assert lake.compact().merged == 1
    assert lake.current(DAYS[0]) == first
    assert lake.state() == fold(versions)


@pytest.mark.parametrize(("busy", "quiet"), [("things", "others"), ("others", "things")])
def test_a_backlog_of_one_dataset_keeps_no_other_waiting(busy: str, quiet: str) -> None:
    lake = Lake(merger=LightMerger(), read=light, max_chunk_bytes=1)
    for number in range(1, 6):
        lake.stage([Version(0, number).staged], str(number), busy)
    lake.stage([Version(0, 1).staged], "1", quiet)
    outcome = lake.compact(time_for(4))
    assert lake.state(quiet) == lake.state(busy) == fold([Version(0, 1)])
    assert (outcome.merged, outcome.left) == (2, 4)


def test_a_chunk_is_as_large_as_allowed_and_what_is_larger_goes_alone() -> None:
    sizes: list[int] = []

    class Counting(LightMerger):
        def stage(self, flow, files, directory):  # type: ignore[no-untyped-def]
            sizes.append(len(files))
            return super().stage(flow, files, directory)

    lake = Lake(merger=Counting(), read=light)
    for number in range(1, 5):
        lake.stage([Version(0, number).staged], str(number))
    lake.stage((Version(0, number).staged for number in range(1, 400)), "5")
    lake.max_chunk_bytes = sum(len(lake.objects[key]) for key in lake.staged[:3])
    lake.compact()
    assert sizes == [3, 1, 1]


def test_a_chunk_of_small_objects_is_not_so_many_that_reading_them_takes_longer_than_an_invocation() -> None:
    sizes: list[int] = []

    class Counting(LightMerger):
        def stage(self, flow, files, directory):  # type: ignore[no-untyped-def]
            sizes.append(len(files))
            return super().stage(flow, files, directory)

    lake = Lake(merger=Counting(), read=light)
    for number in range(1, 2002):
        lake.stage([Version(0, number).staged], f"{number:04d}")
    lake.compact()
    assert sizes == [2000, 1]


@pytest.mark.parametrize("dataset", ["things", "others"])
def test_a_day_that_does_not_fit_into_the_temporary_directory_keeps_no_other_waiting(dataset: str) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")

    class Full(LightMerger):
        def stage(self, flow, files, directory):  # type: ignore[no-untyped-def]
            if flow.name == dataset:
                raise full
            return super().stage(flow, files, directory)

    lake = Lake(merger=Full(), read=light)
    for each in ("things", "others"):
        lake.stage([Version(0, 1).staged], "1", each)
    outcome = lake.compact()
    assert (outcome.merged, outcome.left, outcome.errors) == (1, 1, [full])
    assert [key.split("/")[1] for key in lake.staged] == [dataset]
