"""Which backups are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.backups.contract import Retention, slot_id
from lambdas.backups.contract.records import Backup, Kind
from lambdas.backups.domain.retention import removable
from lambdas.backups.domain.slots import parsed

NOW = datetime(2030, 1, 1, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, 3, tzinfo=UTC)


def backup(slot: datetime, *, locked_until: datetime | None = None, policy: str = "daily") -> Backup:
    return Backup(
        policy=policy,
        slot=slot_id(slot),
        kind=Kind.BUCKET,
        resource="arn:aws:s3:::photos",
        instant=slot,
        finished=slot,
        locked_until=locked_until,
    )


def days(numbers: list[int]) -> list[Backup]:
    """Of these days of 2026, counted from 0."""
    return [backup(FIRST + timedelta(days=number)) for number in numbers]


def kept(backups: list[Backup], retention: Retention) -> list[str]:
    gone = removable(backups, retention, NOW)
    return [f"{parsed(each.slot):%m-%d %H}" for each in backups if each not in gone]


def test_of_a_year_there_are_days_weeks_and_months() -> None:
    assert kept(days(list(range(365))), Retention(daily=3, weekly=3, monthly=4)) == [
        "09-30 03",
        "10-31 03",
        "11-30 03",
        "12-20 03",
        "12-27 03",
        "12-29 03",
        "12-30 03",
        "12-31 03",
    ]


def test_of_years_the_last_ones_are_kept() -> None:
    assert kept(days([0, 200, 364, 400, 800]), Retention(daily=0, weekly=0, monthly=0, yearly=2)) == [
        "02-05 03",
        "03-11 03",
    ]


def test_of_a_day_the_newest_is_kept() -> None:
    hours = [backup(FIRST + timedelta(hours=hour)) for hour in range(30)]
    assert kept(hours, Retention(daily=2, weekly=0, monthly=0)) == ["01-01 23", "01-02 08"]


def test_days_without_a_backup_do_not_count() -> None:
    assert kept(days([0, 1, 50, 99]), Retention(daily=3, weekly=0, monthly=0)) == ["01-02 03", "02-20 03", "04-10 03"]


def test_the_same_week_of_two_years_is_two_weeks() -> None:
    assert len(kept(days([7, 7 + 53 * 7]), Retention(daily=0, weekly=2, monthly=0))) == 2


def test_backups_of_a_former_policy_are_deleted_by_that_of_today() -> None:
    old, new = backup(FIRST, policy="weekly"), backup(FIRST + timedelta(days=1))
    assert removable([old, new], Retention(daily=1, weekly=0, monthly=0), NOW) == [old]


@pytest.mark.parametrize(("seconds", "gone"), [(-1, True), (0, True), (1, False)])
def test_a_locked_backup_is_kept_until_its_lock_ends(seconds: int, *, gone: bool) -> None:
    old = backup(FIRST, locked_until=NOW + timedelta(seconds=seconds))
    new = backup(FIRST + timedelta(days=1))
    assert (old in removable([old, new], Retention(daily=1, weekly=0, monthly=0), NOW)) == gone


counts = st.integers(0, 4)
retentions = st.builds(Retention, daily=counts, weekly=counts, monthly=counts, yearly=counts)
hours = st.lists(st.integers(0, 24 * 800), min_size=1, max_size=60, unique=True).map(sorted)


def at(numbers: list[int]) -> list[Backup]:
    return [backup(FIRST + timedelta(hours=number)) for number in numbers]


@given(hours, retentions)
def test_the_last_good_one_is_never_deleted(numbers: list[int], retention: Retention) -> None:
    backups = at(numbers)
    assert backups[-1] not in removable(backups, retention, NOW)


@given(hours, retentions)
def test_the_newest_of_each_kept_day_is_there(numbers: list[int], retention: Retention) -> None:
    backups = at(numbers)
    left = set(kept(backups, retention))
    newest = {parsed(each.slot).date(): f"{parsed(each.slot):%m-%d %H}" for each in backups}
    assert left >= set(list(newest.values())[len(newest) - min(retention.daily, len(newest)) :])


@given(hours, retentions)
def test_no_more_are_kept_than_the_policy_says(numbers: list[int], retention: Retention) -> None:
    most = retention.daily + retention.weekly + retention.monthly + retention.yearly
    assert len(kept(at(numbers), retention)) <= max(1, most)


@given(hours, retentions)
def test_what_is_deleted_day_by_day_is_what_is_deleted_at_the_end(numbers: list[int], retention: Retention) -> None:
    """Nothing that was deleted would have been wanted later."""
    left: list[Backup] = []
    for each in at(numbers):
        left.append(each)
        gone = removable(left, retention, NOW)
        left = [each for each in left if each not in gone]
    all_gone = removable(at(numbers), retention, NOW)
    assert left == [each for each in at(numbers) if each not in all_gone]


@given(hours, retentions, st.sampled_from(["daily", "weekly", "monthly", "yearly"]))
def test_a_policy_that_keeps_more_deletes_nothing_else(numbers: list[int], retention: Retention, period: str) -> None:
    more = Retention(**{**{name: getattr(retention, name) for name in Retention.__struct_fields__}, period: 10})
    assert {each.slot for each in removable(at(numbers), more, NOW)} <= {
        each.slot for each in removable(at(numbers), retention, NOW)
    }
