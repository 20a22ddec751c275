"""What is deleted, and what a check or a lock keeps."""

from __future__ import annotations

from datetime import timedelta
from itertools import count, islice

from msgspec.structs import replace

from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import CHECKING, OPEN_WORK, Lock, check_entry
from lambdas.backups.contract.records import Backup, Check, Work, WorkState
from lambdas.backups.ports import Place, Put
from tests.backups.checking_backups import assert_whole
from tests.backups.fake_dynamodb import STATUS
from tests.backups.world import DAY, ITEMS, MINUTE, PHOTOS, START, World
from tests.support.fake_aws import Fault


def begin_a_check(world: World, backup: Backup) -> None:
    """One that has not ended yet."""
    status = DynamoStatus(world.dynamodb, STATUS)  # type: ignore[arg-type]
    place = Place(CHECKING, check_entry("20261124T0500Z", backup.resource))
    check = Check(slot="20261124T0500Z", backup=backup, scratch_table="scratch", begun=START)
    assert status.write(Put(place, check))


def test_a_backup_that_a_check_uses_is_kept_until_the_check_is_done() -> None:
    world = World()
    world.day(START)
    used = world.backup(ITEMS)
    begin_a_check(world, used)
    world.day(START + DAY)
    assert [(each.backup.slot, each.deleting) for each in world.kept() if each.backup.resource == ITEMS] == [
        ("20261124T0300Z", False),
        ("20261125T0300Z", False),
    ]
    assert used.export_key in world.vault()
    world.dynamodb.tables[STATUS] = {
        key: item for key, item in world.dynamodb.tables[STATUS].items() if key[0] != CHECKING
    }
    world.day(START + 2 * DAY)
    assert world.backup(ITEMS).slot == "20261126T0300Z"
    assert_whole(world)


def test_what_is_locked_stays_until_the_lock_ends() -> None:
    world = World(lock=Lock(days=2))
    for day in range(4):
        world.day(START + day * DAY)
    slots = [each.backup.slot for each in world.kept() if each.backup.resource == ITEMS]
    assert slots == ["20261126T0300Z", "20261127T0300Z"]
    assert_whole(world)


def test_every_copy_is_locked_from_the_last_run_on_that_refers_to_it() -> None:
    world = World(lock=Lock(days=5))
    world.day(START)
    world.day(START + DAY)
    locks = [stored[-1].until for key, stored in world.s3.buckets["vault"].objects.items() if "20261124" not in key]
    assert all(until and until >= START + 6 * DAY for until in locks)


def test_what_a_lock_keeps_of_a_failed_backup_is_deleted_when_it_ends() -> None:
    world = World(lock=Lock(days=2))
    at = count()
    world.outside.decide = lambda name: Fault.THROTTLED if name == "PutObject" and next(at) else Fault.NONE
    world.day(START)
    world.outside.decide = lambda _: Fault.NONE
    assert world.last_work(PHOTOS).state is WorkState.FAILED
    failed = "buckets/photos/manifests/daily-20261124T0300Z/part-00000.jsonl.gz"
    world.day(START + DAY)
    assert failed in world.vault()
    world.day(START + 5 * DAY)
    assert failed not in world.vault()
    assert_whole(world)


def test_a_sweep_that_takes_many_invocations_ends_the_same() -> None:
    """As of millions of copies; the pages here have two."""
    world = World()
    for number in range(9):
        world.write(f"k{number}", b"1")
    world.day(START)
    for number in range(9):
        world.write(f"k{number}", b"2")
    world.now = START + DAY
    states: set[tuple[WorkState, int, str | None]] = set()
    for minute in range(200):
        left = islice([True] * 9, 9)
        world.invoke(world.now if minute == 0 else None, more=lambda left=left: next(left, False))  # type: ignore[misc]
        states |= {(each.state, each.marked, each.swept) for each in world.records(OPEN_WORK, Work)}
        world.now += MINUTE
    assert any(marked for state, marked, _ in states if state is WorkState.MARKING)
    assert any(swept for state, _, swept in states if state is WorkState.SWEEPING)
    assert_whole(world)


def test_where_the_marks_of_a_sweep_are_gone_it_begins_anew() -> None:
    world = World()
    world.day(START)
    world.write("a", b"a 2")
    vault = world.s3.buckets["vault"].objects
    deleted: list[object] = []

    def lose(call: str) -> Fault:
        if call == "GetObject" and not deleted and "buckets/photos/marks" in vault:
            deleted.append(vault.pop("buckets/photos/marks"))
        return Fault.NONE

    world.outside.decide = lose
    world.day(START + DAY)
    assert deleted
    assert_whole(world)


def test_a_policy_that_is_gone_deletes_nothing() -> None:
    world = World()
    world.day(START)
    world.now = START + DAY
    world.invoke(START + DAY)
    world.policies = (replace(world.policies[0], name="other"),)
    world.now += timedelta(hours=1)
    world.until_quiet(START + DAY)
    assert len(world.kept()) == 5, "all but that of the bucket, which was deleted before"
