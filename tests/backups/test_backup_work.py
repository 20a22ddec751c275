"""What fails, and what is left of it."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest

from lambdas.backups.contract import Retention
from lambdas.backups.contract.records import WorkState
from lambdas.backups.workflow.leases import MOST_FAILURES
from tests.backups.checking_backups import assert_whole
from tests.backups.world import DAILY, DAY, ITEMS, MINUTE, PHOTOS, START, VOLUME, World
from tests.support.fake_aws import Fault


def test_a_table_without_point_in_time_recovery_fails_with_what_to_do_and_nothing_is_made() -> None:
    world = World()
    world.dynamodb.sources["items"].recovery = False
    world.day(START)
    assert world.last_work(ITEMS).state is WorkState.FAILED
    assert "point-in-time recovery of items is off" in world.last_work(ITEMS).reason
    assert world.dynamodb.backups == {}
    [(subject, message)] = world.sns.published
    assert subject == "Backup daily-20261124T0300Z: 1 of 3 failed"
    assert "FAILED table items: point-in-time recovery of items is off" in message


def test_of_an_export_that_fails_nothing_is_left_and_the_next_one_is_good() -> None:
    world = World()
    world.dynamodb.export_failure = "Access denied to the bucket"
    world.day(START)
    assert world.last_work(ITEMS).reason == "the export of items failed: S3Error: Access denied to the bucket"
    assert world.dynamodb.backups == {}
    world.dynamodb.export_failure = ""
    world.day(START + DAY)
    assert world.last_work(ITEMS).state is WorkState.GOOD
    assert_whole(world)


def test_of_a_snapshot_that_fails_nothing_is_left() -> None:
    world = World()
    world.ec2.failure = "The key is disabled"
    world.day(START)
    assert world.last_work(VOLUME).reason == ("the snapshot of vol-1 failed: The key is disabled")
    assert world.ec2.snapshots == {}


def test_a_snapshot_that_is_deleted_before_it_is_complete_is_told_of() -> None:
    world = World()
    world.now = START
    world.invoke(START)
    world.ec2.snapshots.clear()
    world.until_quiet(START)
    assert world.last_work(VOLUME).reason == "the snapshot of vol-1 was deleted before it was complete"


def test_a_backup_that_is_deleted_before_it_is_complete_is_told_of() -> None:
    world = World()
    world.now = START
    world.invoke(START)
    world.dynamodb.backups.clear()
    world.until_quiet(START)
    assert "was deleted" in world.last_work(ITEMS).reason


@pytest.mark.parametrize("kind", ["table", "bucket", "volume"])
def test_a_resource_that_is_deleted_during_the_run_fails_with_that_reason(kind: str) -> None:
    world = World()
    world.now = START
    world.invoke(START, more=iter([True] * 4 + [False] * 40).__next__)
    assert len(world.open()) == 4
    match kind:
        case "table":
            del world.dynamodb.sources["items"]
        case "bucket":
            del world.s3.buckets["photos"]
        case _:
            world.ec2.volumes.clear()
    world.until_quiet(START)
    [reason] = [each.reason for each in world.work() if each.reason]
    assert "there is no" in reason


def test_what_aws_does_not_know_yet_a_moment_after_it_was_asked_for_is_waited_for() -> None:
    world = World()
    world.dynamodb.seen_after = 4 * MINUTE
    world.day(START)
    assert world.last_work(ITEMS).state is WorkState.GOOD


def test_what_aws_refuses_again_and_again_is_given_up_and_does_not_stand_in_the_way() -> None:
    world = World()
    world.outside.decide = lambda name: Fault.THROTTLED if name == "CreateBackup" else Fault.NONE
    world.day(START)
    assert world.last_work(ITEMS).state is WorkState.FAILED
    assert world.last_work(ITEMS).reason.startswith(
        "given up after 20 attempts: back up items: An error occurred (Throttling"
    )
    world.outside.decide = lambda _: Fault.NONE
    world.day(START + DAY)
    assert world.last_work(ITEMS).state is WorkState.GOOD


def test_failures_of_different_steps_do_not_add_up() -> None:
    world, at = World(), count()
    for number in range(100):
        world.write(f"k{number}", b"k")
    world.outside.decide = lambda name: Fault.THROTTLED if name == "PutObject" and next(at) % 3 == 0 else Fault.NONE
    world.day(START)
    assert next(at) > 3 * MOST_FAILURES
    assert world.last_work(PHOTOS).state is WorkState.GOOD


def test_an_invocation_that_dies_in_the_same_step_each_time_is_given_up_too() -> None:
    world = World()
    world.outside.decide = lambda name: Fault.KILL_BEFORE if name == "DescribeExport" else Fault.NONE
    world.day(START)
    assert "an invocation ended in the middle of this step each time" in world.last_work(ITEMS).reason
    assert_whole(world)


def test_a_good_backup_stays_good_where_old_ones_cannot_be_deleted() -> None:
    world = World()
    world.day(START)
    world.outside.decide = lambda name: Fault.THROTTLED if name == "DeleteBackup" else Fault.NONE
    world.day(START + DAY)
    assert world.last_work(ITEMS).state is WorkState.GOOD
    assert "but old backups are not all deleted: delete arn:" in world.sns.published[-1][1]
    world.outside.decide = lambda _: Fault.NONE
    world.day(START + 2 * DAY)
    assert_whole(world)
    assert len(world.dynamodb.backups) == 1


def test_an_old_backup_that_cannot_be_deleted_keeps_no_other() -> None:
    world = World()
    world.policies = (msgspec.structs.replace(DAILY, retention=Retention(daily=2, weekly=0, monthly=0)),)
    world.day(START)
    world.day(START + DAY)
    world.ec2.imaged = set(world.ec2.snapshots) - {world.newest()[VOLUME].backup.snapshot_id}  # type: ignore[union-attr]
    world.policies = (DAILY,)
    world.day(START + 2 * DAY)
    left = set(world.ec2.snapshots) - {world.newest()[VOLUME].backup.snapshot_id}  # type: ignore[union-attr]
    assert left == world.ec2.imaged


def test_the_work_of_a_later_slot_waits_for_that_of_an_earlier_one() -> None:
    world = World()
    world.now = START
    world.invoke(START)
    world.invoke(START + MINUTE)
    for _ in range(3):
        world.invoke()
        assert len(world.dynamodb.backups) <= 1
    world.until_quiet(START)
    assert [len(list(world.work())), len(world.dynamodb.backups)] == [6, 1]
