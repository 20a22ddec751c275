"""Keys of the shop's table sort by time, and tell the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.tables.shop import layout

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001  Hypothesis adds the zone
IDS = st.text(min_size=1, max_size=5)
EXAMPLES = settings(max_examples=300, deadline=None, print_blob=True)


def test_keys_are_as_documented() -> None:
    at = datetime(2026, 11, 25, 10, 0, 0, 123_999, tzinfo=UTC)
    assert layout.customer_key("c-1") == {"pk": "customer#c-1", "sk": "profile"}
    assert layout.order_key("c-1", at, "o-1") == {"pk": "customer#c-1", "sk": "order#2026-11-25T10:00:00.123Z#o-1"}
    assert layout.return_key("c-1", at, "r-1") == {"pk": "customer#c-1", "sk": "return#2026-11-25T10:00:00.123Z#r-1"}


@EXAMPLES
@given(TIMES, TIMES)
def test_orders_sort_by_the_time_at_which_they_were_placed(one: datetime, other: datetime) -> None:
    first, second = (layout.order_key("c", at, "o")["sk"] for at in (one, other))
    one, other = (at.replace(microsecond=at.microsecond // 1000 * 1000) for at in (one, other))
    assert (first < second) == (one < other)


@EXAMPLES
@given(TIMES, IDS)
def test_the_day_of_a_key_is_that_of_its_time_in_utc_whatever_the_id(at: datetime, identity: str) -> None:
    for key in (layout.order_key("c", at, identity), layout.return_key("c", at, identity)):
        assert layout.day_of(key["sk"]) == at.astimezone(UTC).date()


def test_the_first_and_the_last_moment_have_keys() -> None:
    for at in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert layout.day_of(layout.order_key("c", at, "o")["sk"]) == at.date()


def test_a_day_that_begins_elsewhere_is_told_in_utc() -> None:
    assert layout.day_of("order#2026-11-26T01:30:00+02:00#o-1") == date(2026, 11, 25)


@pytest.mark.parametrize(
    "sort_key", ["profile", "order#", "order##o-1", "order#o-1", "order#2026-11-25#o-1", "order#2026-11-25T10:00:00#o"]
)
def test_a_key_without_a_time_and_zone_has_no_day(sort_key: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|no zone"):
        layout.day_of(sort_key)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"])
def test_a_time_that_utc_does_not_have_makes_no_key(at: str) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        layout.format_time(datetime.fromisoformat(at))
