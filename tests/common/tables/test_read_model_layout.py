"""Every source item has one place in the read model, whatever its key."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.tables.read_model.layout import MAX_PARTITION_BYTES, row_partition

KEYS = st.text(st.characters(codec="utf-8"), max_size=20) | st.builds(
    lambda text, times: text * times, st.sampled_from(["a", "ä", "😀", "ab"]), st.integers(500, 3000)
)


@settings(max_examples=300, deadline=None, print_blob=True)
@given(KEYS, KEYS)
def test_different_items_have_different_places_that_dynamodb_takes(one: str, other: str) -> None:
    assert (row_partition(one) == row_partition(other)) == (one == other)
    assert 1 <= len(row_partition(one).encode()) <= MAX_PARTITION_BYTES


def test_a_key_is_readable_in_its_place_up_to_the_limit() -> None:
    assert row_partition('["customer#c-1","profile"]') == 'source#["customer#c-1","profile"]'
    longest = "ä" * ((MAX_PARTITION_BYTES - len("source#")) // 2)
    assert row_partition(longest).endswith(longest)
    assert len(row_partition(longest + "ä")) == len("source#") + 64


def test_a_place_is_the_same_for_ever() -> None:
    assert row_partition("a" * 3000) == "source#556ac82f23f64d2f41b3fb3b9a171791364021aa95c0af6df9e2b5e1d88c8038"
