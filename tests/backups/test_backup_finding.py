"""What a run does where it cannot look at all there is."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from lambdas.backups.contract import Metric
from lambdas.backups.contract.records import WorkState
from tests.backups.fake_s3 import Bucket
from tests.backups.world import DAY, ITEMS, MINUTE, PHOTOS, START, VOLUME, World
from tests.support.fake_aws import Fault


@pytest.mark.parametrize(("call", "others"), [("ListTables", {PHOTOS, VOLUME}), ("ListBuckets", {ITEMS, VOLUME})])
def test_a_kind_that_cannot_be_looked_for_stands_in_the_way_of_no_other(call: str, others: set[str]) -> None:
    world = World()
    world.outside.decide = lambda name: Fault.THROTTLED if name == call else Fault.NONE
    world.day(START)
    assert {work.resource for work in world.work() if work.state is WorkState.GOOD} == others


def test_a_kind_that_cannot_be_looked_for_counts_as_failed() -> None:
    """An alarm depends on it."""
    world, counts = World(), Counter[Metric]()
    world.outside.decide = lambda name: Fault.THROTTLED if name == "DescribeVolumes" else Fault.NONE
    world.now = START
    for _ in range(200):
        try:
            counts += world.invoke().counts
        finally:
            world.now += MINUTE
    assert counts[Metric.FAILED] == 1


def test_while_a_kind_cannot_be_looked_for_its_resources_grow_old() -> None:
    world = World()
    world.day(START)
    world.outside.decide = lambda name: Fault.THROTTLED if name == "DescribeVolumes" else Fault.NONE
    world.day(START + DAY)
    world.now = START + timedelta(hours=30)
    assert world.invoke().ages["daily"] == 30


def test_a_bucket_that_hides_its_tags_hides_no_other() -> None:
    world = World()
    world.s3.buckets["a-secret"] = Bucket(hidden=True)
    world.day(START)
    assert world.last_work(PHOTOS).finished == START, "at the first attempt"
    assert "UNKNOWN whether bucket a-secret has the tag: it may not be read" in world.sns.published[0][1]


def test_a_bucket_that_hides_the_tag_that_it_had_is_backed_up_all_the_same() -> None:
    world = World()
    world.day(START)
    world.s3.buckets["photos"].hidden = True
    world.day(START + DAY)
    assert len([work for work in world.work() if work.resource == PHOTOS]) == 2
    assert "UNKNOWN" not in world.sns.published[-1][1]


def test_a_run_that_is_slower_than_the_next_one_hides_no_resource() -> None:
    """What was seen last decides whether a resource is watched, and checked."""
    world = World()
    world.day(START)
    world.day(START + DAY)
    world.now = START + DAY + timedelta(hours=1)
    world.invoke(START + timedelta(hours=1))
    world.until_quiet(START + timedelta(hours=1))
    assert {each.seen for each in world.newest().values()} == {"20261125T0300Z"}
