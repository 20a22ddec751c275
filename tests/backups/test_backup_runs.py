"""Runs: when they begin, what they find, what is told of them, and how old the newest backups are."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import pytest
from msgspec.structs import replace

from lambdas.backups.contract import Metric
from lambdas.backups.contract.records import RunState, WorkState
from lambdas.backups.workflow.running import Runner
from tests.backups.checking_backups import assert_whole
from tests.backups.fake_dynamodb import Table
from tests.backups.fake_s3 import Bucket
from tests.backups.world import DAILY, DAY, ITEMS, MINUTE, START, TAGGED, TAGGED_ARNS, World
from tests.support.fake_aws import Fault


def test_what_has_the_tag_is_backed_up_and_told_of() -> None:
    world = World()
    world.day(START)
    assert_whole(world)
    assert {work.resource for work in world.work()} == TAGGED_ARNS
    [(subject, message)] = world.sns.published
    assert subject == "Backup daily-20261124T0300Z: all 3 good"
    assert message.splitlines() == [
        "Backup daily-20261124T0300Z: all 3 good.",
        "good table items: 100 bytes, items: 1",
        "good volume vol-1: 1,073,741,824 bytes",
        "good bucket photos: 9 bytes, objects: 3",
    ]


def test_work_that_waits_is_looked_at_every_minute() -> None:
    """A backup and an export take two minutes each here."""
    world = World()
    world.day(START)
    assert world.last_work(ITEMS).finished == START + 4 * MINUTE


def test_more_resources_than_fit_into_one_look_are_all_found() -> None:
    world = World()
    for number in range(95):
        world.dynamodb.sources[f"t{number:02}"] = Table(f"t{number:02}", dict(TAGGED))
        world.s3.buckets[f"b{number:02}"] = Bucket(tags=dict(TAGGED))
        world.ec2.volumes[f"vol-x{number:02}"] = dict(TAGGED)
    world.day(START)
    assert len(world.work()) == len({work.resource for work in world.work()}) == 3 * 96


def test_a_slot_that_fires_twice_is_one_run() -> None:
    world = World()
    world.day(START)
    assert world.invoke(START).counts[Metric.BEGUN] == 0
    assert world.open() == []
    assert len(world.work()) == 3


def test_a_slot_whose_schedule_did_not_fire_is_caught_up() -> None:
    world = World()
    world.now = START + 5 * MINUTE
    outcome = world.invoke()
    assert (outcome.counts[Metric.BEGUN], outcome.counts[Metric.CAUGHT_UP]) == (1, 1)
    world.until_quiet(START)
    [(_, message)] = world.sns.published
    assert message.startswith("Backup daily-20261124T0300Z: all 3 good, begun late: its schedule did not fire.")


def test_a_slot_that_has_just_become_due_is_left_to_its_schedule() -> None:
    world = World()
    world.now = START + 4 * MINUTE
    world.invoke()
    assert list(world.runs()) == ["20261123T0300Z"]


def test_of_several_missed_slots_the_last_one_is_caught_up() -> None:
    world = World()
    world.now = START + 3 * DAY + timedelta(hours=5)
    outcome = world.invoke()
    assert outcome.counts[Metric.MISSED] == 3
    world.until_quiet(START + 3 * DAY)
    assert {slot: run.state for slot, run in world.runs().items()} == {
        "20261123T0300Z": RunState.DONE,
        "20261124T0300Z": RunState.MISSED,
        "20261125T0300Z": RunState.MISSED,
        "20261126T0300Z": RunState.MISSED,
        "20261127T0300Z": RunState.DONE,
    }


def test_slots_that_were_missed_before_one_that_fires_are_recorded() -> None:
    world = World()
    world.now = START + 2 * DAY
    assert world.invoke(START + 2 * DAY).counts[Metric.MISSED] == 2


def test_the_first_run_of_all_begins_at_once_and_is_not_late() -> None:
    world = World(steady=False)
    world.now = START + timedelta(hours=10)
    outcome = world.invoke()
    assert (outcome.counts[Metric.BEGUN], outcome.counts[Metric.CAUGHT_UP], outcome.counts[Metric.MISSED]) == (1, 0, 0)


def test_a_run_in_between_takes_the_place_of_one_that_was_missed() -> None:
    world = World()
    world.now = START + timedelta(hours=1)
    world.invoke(world.now)
    world.until_quiet(world.now)
    assert sorted(world.runs()) == ["20261123T0300Z", "20261124T0300Z", "20261124T0400Z"]
    assert world.runs()["20261124T0300Z"].state is RunState.MISSED


def test_an_idle_minute_asks_twice() -> None:
    world = World()
    world.day(START)
    function = world.advancer()
    outcome = world.invoke()
    function.run(lambda: True, outcome)
    world.now += MINUTE
    world.outside.calls.clear()
    function.run(lambda: True, outcome)
    assert world.outside.calls == ["Query", "Query"]


def test_when_time_is_short_nothing_is_begun() -> None:
    world = World()
    world.now = START
    world.invoke(START, more=lambda: False)
    world.outside.calls.clear()
    world.invoke(more=lambda: False)
    assert set(world.outside.calls) == {"Query"}


def test_with_time_for_one_step_at_a_time_it_takes_longer_and_ends_the_same() -> None:
    world = World()
    world.now = START
    world.invoke(START, more=lambda: False)
    for _ in range(60):
        left = islice([True] * 8, 8)
        world.invoke(more=lambda left=left: next(left, False))  # type: ignore[misc]
        world.now += MINUTE
    assert_whole(world)
    assert {work.state for work in world.work()} == {WorkState.GOOD}


def test_a_look_that_keeps_failing_ends_the_run_and_is_told() -> None:
    world = World()
    world.outside.decide = lambda name: Fault.THROTTLED if name == "DescribeVolumes" else Fault.NONE
    world.day(START)
    [(subject, message)] = world.sns.published
    assert subject == "Backup daily-20261124T0300Z: all 2 good, and not all resources were found"
    assert "FAILED to find all resources: list volumes: An error occurred (ThrottlingException)" in message


def test_an_error_that_nobody_expected_holds_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.now = START
    world.invoke(START, more=iter([True] * 4 + [False] * 40).__next__)
    monkeypatch.setattr(Runner, "advance", lambda *_: 1 / 0)
    for _ in range(8):
        with pytest.raises(ExceptionGroup) as raised:
            world.invoke()
        assert [type(error) for error in raised.value.exceptions] == [ZeroDivisionError]
        world.now += MINUTE
    assert {work.state for work in world.work()} == {WorkState.GOOD}


# --- ages -----------------------------------------------------------------------------------------------------------


def age(world: World, hours: float) -> float:
    """Some hours after the first slot."""
    world.now = START + timedelta(hours=hours)
    return world.invoke().ages["daily"]


def test_the_age_is_that_of_the_newest_good_backup() -> None:
    world = World()
    world.day(START)
    assert age(world, 7) == 7


def test_the_age_is_that_of_the_resource_whose_backup_is_the_oldest() -> None:
    world = World()
    world.day(START)
    world.dynamodb.sources["items"].recovery = False
    world.day(START + DAY)
    assert age(world, 30) == 30


def test_a_resource_that_never_had_a_good_backup_is_as_old_as_it_is_known() -> None:
    world = World()
    world.dynamodb.sources["items"].recovery = False
    world.day(START)
    world.day(START + DAY)
    assert age(world, 31) == 31


def test_a_run_of_an_earlier_slot_that_comes_later_changes_no_age() -> None:
    world = World()
    world.day(START)
    world.day(START + DAY)
    world.now += timedelta(hours=1)
    world.invoke(START + timedelta(hours=1))
    world.until_quiet(START + timedelta(hours=1))
    assert age(world, 30) == 6


def test_a_resource_without_the_tag_counts_no_longer() -> None:
    world = World()
    world.day(START)
    world.dynamodb.sources["items"].tags = {}
    world.day(START + DAY)
    assert age(world, 30) == 6


def test_a_policy_that_looks_for_nothing_any_more_grows_old_though_it_found_nothing() -> None:
    world = World()
    world.dynamodb.sources, world.s3.buckets["photos"].tags, world.ec2.volumes = {}, {}, {}
    world.day(START)
    world.outside.decide = lambda name: Fault.THROTTLED if name == "ListTables" else Fault.NONE
    world.now = START + timedelta(hours=40)
    assert world.invoke().ages["daily"] == 40


def test_ages_are_told_every_five_minutes() -> None:
    world = World()
    world.day(START)
    told = []
    for minute in range(10, 20):
        world.now = START + minute * MINUTE
        told.append(list(world.invoke().ages))
    assert told == [["daily"], [], [], [], [], ["daily"], [], [], [], []]


def test_the_age_of_a_policy_that_is_gone_is_not_told() -> None:
    world = World()
    world.day(START)
    world.policies = (replace(DAILY, name="other"),)
    world.now = START + timedelta(hours=1)
    assert set(world.invoke().ages) == {"other"}
