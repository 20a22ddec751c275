"""Killed, throttled or left without an answer at any one call: the backups end in the same state."""

from __future__ import annotations

from functools import cache
from itertools import count

import pytest

from lambdas.backups.contract import Lock
from tests.backups.checking_backups import assert_whole, summary
from tests.backups.world import START, WEEK, WEEKLY, World
from tests.support.fake_aws import Fault

FAULTS = [fault for fault in Fault if fault is not Fault.NONE]


def two_weeks(fault: Fault, number: int) -> World:
    """Two runs, between which the bucket changes, and locks end; the second one makes the first superfluous."""
    world, at = World(policies=(WEEKLY,), lock=Lock(days=1)), count()
    world.outside.decide = lambda _: fault if next(at) == number else Fault.NONE
    world.day(START)
    world.write("a", b"a 2")
    world.write("b", None)
    world.write("d", b"d 1")
    world.day(START + WEEK)
    return world


@cache
def whole() -> World:
    """Without a fault."""
    return two_weeks(Fault.NONE, 0)


@cache
def ended(fault: Fault) -> list[World]:
    """With a fault at the first call, at the second one, and so on."""
    return [two_weeks(fault, number) for number in range(len(whole().outside.calls))]


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_any_call_the_backups_are_the_same(fault: Fault) -> None:
    for number, world in enumerate(ended(fault)):
        assert summary(world) == summary(whole()), f"{fault.value} at call {number}, {world.outside.calls[number]}"


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_at_any_call_nothing_is_missing_orphaned_or_there_twice(fault: Fault) -> None:
    for number, world in enumerate(ended(fault)):
        try:
            assert_whole(world)
        except AssertionError as error:
            raise AssertionError(f"{fault.value} at call {number}, {world.outside.calls[number]}") from error


@pytest.mark.parametrize("fault", FAULTS)
def test_a_run_is_told_of_once_unless_nobody_knows_whether_it_was(fault: Fault) -> None:
    for number, world in enumerate(ended(fault)):
        calls = world.outside.calls
        doubtful = calls[number] == "Publish" and fault in {Fault.KILL_AFTER, Fault.NO_ANSWER}
        unrecorded = calls[number - 1 : number + 1] == ["Publish", "TransactWriteItems"]
        assert len(world.sns.published) <= 2 + (doubtful or unrecorded), f"{fault.value} at call {number}"


def test_a_run_makes_calls_of_every_kind() -> None:
    """Or else nothing would be shown of those that are missing."""
    assert set(whole().outside.calls) == {
        "CopyObject",
        "CreateBackup",
        "CreateSnapshot",
        "DeleteBackup",
        "DeleteObjects",
        "DeleteSnapshot",
        "DescribeBackup",
        "DescribeContinuousBackups",
        "DescribeExport",
        "DescribeSnapshots",
        "DescribeTable",
        "DescribeVolumes",
        "ExportTableToPointInTime",
        "GetBucketTagging",
        "GetItem",
        "GetObject",
        "HeadObject",
        "ListBackups",
        "ListBuckets",
        "ListObjectVersions",
        "ListObjectsV2",
        "ListTables",
        "ListTagsOfResource",
        "PutObject",
        "PutObjectRetention",
        "Publish",
        "Query",
        "TransactWriteItems",
    }
