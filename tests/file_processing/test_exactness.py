"""Catalog, totals, products, quarantine and index say what the bucket says, whatever happens on the way.

Users upload, overwrite, delete, and delete versions; messages come late, twice and in any order; several invocations
run call by call between each other, and are killed before or after any call, throttled, or left without an answer.
"""

from __future__ import annotations

from hypothesis import given, settings

from tests.file_processing.schedules import Run, Schedule, schedules
from tests.file_processing.truth import assert_all_is_as_the_bucket_says
from tests.support.schedules import SCHEDULES, under_schedules


def check(schedule: Schedule) -> None:
    """Plays a schedule, and looks at what is left behind."""
    run = Run(schedule)
    run.play()
    assert_all_is_as_the_bucket_says(run.world)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_everything_says_what_the_bucket_says(schedule: Schedule) -> None:
    check(schedule)
