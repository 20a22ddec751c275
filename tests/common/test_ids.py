"""Ids are UUIDs that sort by time, and tokens are never made twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from lambdas.common.ids import is_token, made_at, new_id, new_token

NOW = datetime(2026, 11, 21, 12, 0, 0, 123_000, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7() -> None:
    written = [new_id(NOW) for _ in range(2_000)]
    made = [UUID(each) for each in written]
    assert [str(each) for each in made] == written
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    assert len(set(made)) == 2_000


@pytest.mark.parametrize("moment", [NOW, datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)])
def test_an_id_tells_its_millisecond(moment: datetime) -> None:
    assert [made_at(new_id(moment + timedelta(milliseconds=at))) for at in range(1_000)] == [
        moment + timedelta(milliseconds=at) for at in range(1_000)
    ]


def test_ids_sort_by_time() -> None:
    made = [new_id(NOW + timedelta(milliseconds=at)) for at in range(1_000)]
    assert sorted(made) == made


def test_every_bit_of_chance_is_used() -> None:
    """74 of an id: all but the time, the version and the variant."""
    made = [UUID(new_id(NOW)).int for _ in range(1_000)]
    ones, zeros = 0, 0
    for each in made:
        ones, zeros = ones | each, zeros | ~each
    assert (ones & zeros & (2**80 - 1)).bit_count() == 74


def test_tokens_are_never_made_twice_over_many_blocks() -> None:
    made = [new_token() for _ in range(5_000)]
    assert len(set(made)) == 5_000
    assert all(map(is_token, made))
