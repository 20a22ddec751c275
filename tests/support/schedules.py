"""What tests under random schedules share: how many, how Hypothesis runs them, and how a deliberate fault is found."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.support.event_source import Script

SCHEDULES = int(os.environ.get("SCHEDULES", "500"))

under_schedules = settings(
    deadline=None,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

scripts = st.builds(
    lambda takes, restarts, waits: Script(takes=takes, restarts=restarts, waits=waits),
    takes=st.lists(st.integers(0, 5), max_size=8),
    restarts=st.lists(st.sampled_from([None, None, None, 0, 1, 4]), max_size=8),
    waits=st.lists(st.sampled_from([0.0, 30.0]), max_size=8),
)
"""What AWS leaves to chance of one shard."""

S = TypeVar("S")
Patch = tuple[Any, str, Any]
"""An object, the name of its attribute, and what takes its place."""


def expect_to_find(fault: Sequence[Patch], schedules: st.SearchStrategy[S], check: Callable[[S], None]) -> None:
    """Fails unless one of 2,000 schedules does not pass the check with these faults in the code."""

    @seed(1)
    @settings(under_schedules, max_examples=2_000, phases=[Phase.generate], report_multiple_bugs=False)
    @given(schedules)
    def broken(schedule: S) -> None:
        check(schedule)

    with pytest.MonkeyPatch.context() as patches:
        for target, name, fake in fault:
            patches.setattr(target, name, fake)
        with pytest.raises((AssertionError, ExceptionGroup)):
            broken()
