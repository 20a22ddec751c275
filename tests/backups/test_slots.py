"""When runs are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.backups.contract import SCHEDULED_TIME, Cadence, slot_id
from lambdas.backups.domain.slots import BadSlotError, between, latest, named, parsed

HOURLY, DAILY = Cadence(every="hour", at="00:20"), Cadence(every="day", at="03:00")
WEEKLY = Cadence(every="week", at="04:30", on="SUN")
NOW = datetime(2026, 11, 25, 14, 7, 33, tzinfo=UTC)
"""A Wednesday."""

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
cadences = st.sampled_from([HOURLY, DAILY, WEEKLY])


@pytest.mark.parametrize(
    ("cadence", "slot"),
    [
        (HOURLY, datetime(2026, 11, 25, 13, 20, tzinfo=UTC)),
        (DAILY, datetime(2026, 11, 25, 3, tzinfo=UTC)),
        (WEEKLY, datetime(2026, 11, 22, 4, 30, tzinfo=UTC)),
    ],
)
def test_the_last_slot_is_the_one_that_the_schedule_fired_for(cadence: Cadence, slot: datetime) -> None:
    assert latest(cadence, NOW) == slot


@pytest.mark.parametrize(
    ("cadence", "cron"),
    [(HOURLY, "cron(20 * * * ? *)"), (DAILY, "cron(0 3 * * ? *)"), (WEEKLY, "cron(30 4 ? * SUN *)")],
)
def test_the_schedule_fires_at_the_slots(cadence: Cadence, cron: str) -> None:
    assert cadence.cron == cron


@given(cadences, moments)
def test_a_slot_is_its_own_last_slot(cadence: Cadence, moment: datetime) -> None:
    slot = latest(cadence, moment)
    assert latest(cadence, slot) == slot <= moment


@given(cadences, moments)
def test_a_moment_before_a_slot_belongs_to_the_slot_before(cadence: Cadence, moment: datetime) -> None:
    slot = latest(cadence, moment)
    assert latest(cadence, slot - timedelta(seconds=1)) < slot


@given(cadences, moments, st.integers(0, 5))
def test_between_two_slots_there_are_those_that_were_passed_over(
    cadence: Cadence, moment: datetime, count: int
) -> None:
    last = latest(cadence, moment)
    earlier = [last, *islice(between(cadence, datetime.min.replace(tzinfo=UTC), last), count + 1)]
    assert list(between(cadence, earlier[-1], last)) == earlier[1:-1]


@given(moments)
def test_ids_sort_as_times_do_and_tell_them(moment: datetime) -> None:
    minute = moment.replace(second=0, microsecond=0)
    assert parsed(slot_id(minute)) == minute
    assert slot_id(minute) < slot_id(minute + timedelta(minutes=1))


def test_an_event_with_the_scheduled_time_means_that_slot() -> None:
    assert named(DAILY, "2026-11-24T03:00:00Z", NOW) == datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_an_event_whose_placeholder_came_through_means_the_last_slot() -> None:
    assert named(DAILY, SCHEDULED_TIME, NOW) == datetime(2026, 11, 25, 3, tzinfo=UTC)


def test_an_event_may_ask_for_a_run_in_between() -> None:
    assert named(DAILY, "2026-11-25T15:06:10+01:00", NOW) == datetime(2026, 11, 25, 14, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scheduled", "reason"),
    [
        ("yesterday", "'yesterday' is no time"),
        ("2026-11-25T03:00:00", "does not say of which zone"),
        ("2026-11-25T14:13:00Z", "is still to come"),
        ("2062-01-01T00:00:00Z", "is still to come"),
    ],
)
def test_what_is_no_past_time_is_refused(scheduled: str, reason: str) -> None:
    with pytest.raises(BadSlotError, match=reason):
        named(DAILY, scheduled, NOW)
