"""A day's rows are the fold of everything staged, however it is split, ordered, repeated and compacted."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lambdas.table_etl.contract import live_version
from tests.table_etl.compacting import DAYS, Lake, LightMerger, Version, fold, light

versions = st.builds(Version, st.integers(0, 3), st.integers(0, 8))
objects = st.lists(versions, min_size=1, max_size=6)
compactions = st.lists(st.lists(objects, max_size=3), min_size=1, max_size=4)
LATE = [[[Version(0, 4)]], [[Version(0, 6)]], [[Version(0, 4), Version(0, 5)]]]
"""A row, its deletion, and then the row again, and an older one that comes late."""


def check(lake: Lake, schedule: list[list[list[Version]]]) -> None:
    seen: list[Version] = []
    for number, compaction in enumerate(schedule):
        for place, each in enumerate(compaction):
            lake.stage((version.staged for version in each), f"{number}-{place}")
            seen += each
        assert lake.compact().errors == []
        assert lake.state() == fold(seen)
        assert lake.staged == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(compactions, st.sampled_from([1, 10**6]))
@example(LATE, 10**6)
def test_rows_are_the_fold_of_what_was_staged(schedule: list[list[list[Version]]], max_chunk_bytes: int) -> None:
    check(Lake(max_chunk_bytes=max_chunk_bytes), schedule)


@settings(max_examples=300, deadline=None)
@given(compactions, st.sampled_from([1, 10**6]))
@example(LATE, 10**6)
def test_rows_are_the_fold_whatever_merges_them(schedule: list[list[list[Version]]], max_chunk_bytes: int) -> None:
    check(Lake(merger=LightMerger(), read=light, max_chunk_bytes=max_chunk_bytes), schedule)


def test_what_is_deleted_is_remembered_with_its_version_and_forgotten_when_it_comes_back() -> None:
    lake = Lake()
    lake.stage([Version(1, 2).staged, Version(1, 3).staged, Version(3, 3).staged], "a")
    lake.compact()
    assert lake.tombstones(DAYS[1]) == {("k1", live_version("3")), ("k3", live_version("3"))}
    lake.stage([Version(1, 4).staged], "b")
    lake.compact()
    assert lake.tombstones(DAYS[1]) == {("k3", live_version("3"))}


def test_each_dataset_has_rows_of_its_own() -> None:
    lake = Lake()
    lake.stage([Version(0, 1).staged], "a", "things")
    lake.stage([Version(0, 2).staged], "a", "others")
    lake.compact()
    assert lake.state("things") == fold([Version(0, 1)])
    assert lake.state("others") == fold([Version(0, 2)])
