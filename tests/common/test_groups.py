"""Groups are as large as allowed, leave nothing out, and keep the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.common.groups import groups


@pytest.mark.parametrize(
    ("sizes", "most", "grouped"),
    [
        ([], None, []),
        ([4, 6, 1], None, [[4, 6], [1]]),
        ([11, 1, 12], None, [[11], [1], [12]]),
        ([1, 1, 1, 1, 1], 2, [[1, 1], [1, 1], [1]]),
        ([0] * 50, None, [[0] * 50]),
    ],
)
def test_a_group_ends_before_it_is_too_large(sizes: list[int], most: int | None, grouped: list[list[int]]) -> None:
    assert list(groups(sizes, lambda size: size, largest=10, most=most)) == grouped


@given(st.lists(st.integers(0, 15)), st.integers(1, 5))
def test_nothing_is_left_out_and_only_what_is_too_large_alone_is_too_large(sizes: list[int], most: int) -> None:
    found = list(groups(sizes, lambda size: size, largest=10, most=most))
    assert [size for group in found for size in group] == sizes
    assert all(1 <= len(group) <= most and (sum(group) <= 10 or len(group) == 1) for group in found)
