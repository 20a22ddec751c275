"""Groupings are judged as the literature does, and drain3 is given what it needs."""

from __future__ import annotations

import pytest

from bench.log_analysis.groupers import MAKE, grouped
from bench.log_analysis.quality import grouping_accuracy, pairwise_f1

TRUTH = ["a", "a", "a", "b", "b", "c"]
SPLIT = [1, 1, 2, 3, 3, 4]
MERGED = [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(
    ("found", "accuracy", "f1"),
    [(TRUTH, 1.0, 1.0), (SPLIT, 3 / 6, 2 * 2 / (2 + 4)), (MERGED, 3 / 6, 2 * 4 / (6 + 4))],
)
def test_split_and_merged_groups_count_as_wrong(found: list[int], accuracy: float, f1: float) -> None:
    assert grouping_accuracy(found, TRUTH) == pytest.approx(accuracy)
    assert pairwise_f1(found, TRUTH) == pytest.approx(f1)


@pytest.mark.parametrize("name", MAKE)
def test_every_implementation_groups_by_log_group(name: str) -> None:
    texts = [f"user {user} left room {room}" for user in ("ann", "bob", "cid", "dan") for room in range(3)]
    rows = [(number % 2, text, "left") for number, text in enumerate(texts * 2)]
    answer = grouped(name, rows)
    assert answer["texts"] == len(rows) - len(rows) // 2
    assert len(set(answer["groups"])) == 2  # type: ignore[call-overload]


def test_a_group_that_became_a_more_general_one_ends_there() -> None:
    rows = [(0, f"login failed for user {name} today", "failed") for name in ("ann", "bob", "cid", "dan")]
    assert grouped("ours", rows)["groups"] == ["0 login failed for user <word> today"] * 4
