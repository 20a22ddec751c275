"""Calls at the same time: all are made, none is waited for in turn, and the first that fails is told."""

from __future__ import annotations

import threading

import pytest

from lambdas.common.side_by_side import THREADS, side_by_side


def test_results_stand_in_the_order_of_what_was_asked() -> None:
    assert side_by_side(lambda number: number * number, range(100)) == [number * number for number in range(100)]
    assert side_by_side(str, []) == []
    assert side_by_side(str, [1]) == ["1"]


def test_calls_do_not_wait_for_each_other() -> None:
    """Each of them ends only when all have begun."""
    barrier = threading.Barrier(THREADS, timeout=10)
    side_by_side(lambda _: barrier.wait(), range(THREADS))


def test_the_first_error_is_raised_when_all_calls_have_been_made() -> None:
    made = []

    def call(number: int) -> None:
        made.append(number)
        if number in {1, 3}:
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        side_by_side(call, range(20))
    assert sorted(made) == list(range(20))
