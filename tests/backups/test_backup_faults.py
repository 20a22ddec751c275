"""The schedules bite: each of these deliberate faults is found by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from msgspec.structs import replace

from lambdas.backups.adapters import exports
from lambdas.backups.adapters.copying import Copier
from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.adapters.vault import S3Vault
from lambdas.backups.contract import Retention
from lambdas.backups.contract.records import Work, WorkState
from lambdas.backups.ports import Delete, Put, Stored
from lambdas.backups.workflow import retaining
from lambdas.backups.workflow.beginning import Beginner
from lambdas.backups.workflow.buckets import BucketRoute
from lambdas.backups.workflow.leases import Leases
from lambdas.backups.workflow.retaining import Retainer
from lambdas.backups.workflow.running import Runner
from lambdas.backups.workflow.tables import Tables
from lambdas.backups.workflow.volumes import Volumes
from lambdas.backups.workflow.working import Worker
from lambdas.common.failures import UnavailableError
from tests.backups.test_exactness import check, schedules
from tests.support.schedules import Patch, expect_to_find

WRITE, STEP, MANIFESTS = DynamoStatus.write, Volumes.step, S3Vault.manifests
COPIED, STORED, DISCOVERED = Copier._copied, S3Vault.write, Runner._discovered


def no_lease(_: Leases, stored: Stored[Any]) -> Stored[Any]:
    """Who comes works."""
    return stored


def unconditional(self: DynamoStatus, *changes: Any) -> bool:
    """Whatever was there is written over."""
    for change in changes:
        now = self.read(change.place, Work) if isinstance(change, Delete) else None
        if isinstance(change, Put):
            self.client.put_item(TableName=self.table_name, Item=self._action(change)["Put"]["Item"])
        elif now:
            WRITE(self, Delete(now.place, now.revision))
    return True


def without_looking(self: Tables, work: Work) -> str:
    """A backup is asked for, whether it is there or not."""
    return self.backups.create(work.resource.rpartition("/")[2], f"{work.policy}-{work.slot}")


def another_snapshot(self: Volumes, work: Work, more: Any) -> Work:
    """A snapshot is asked for, whether it is there or not."""
    if work.state is WorkState.PENDING:
        self.snapshots.create(work.resource.rpartition("/")[2], f"{work.policy}-{work.slot}")
        return replace(work, state=WorkState.BACKING_UP, instant=self.now())
    return STEP(self, work, more)


class AnotherToken:
    """Of each request another one."""

    @staticmethod
    def sha256(_: bytes) -> Any:
        return AnotherToken

    @staticmethod
    def hexdigest() -> str:
        return uuid4().hex


def all_but_nothing(backups: Any, _: Retention, now: Any) -> Any:
    """The last good one, too."""
    del now
    return list(backups)


def only_the_newest_manifest(self: S3Vault, prefix: str, first: int) -> Iterator[Any]:
    """Copies of older runs are forgotten."""
    del first
    yield from list(MANIFESTS(self, prefix, 0))[-2:]


def not_swept(_: BucketRoute, work: Work, more: Any) -> Work:
    """Copies stay, whatever refers to them."""
    del more
    return replace(work, state=WorkState.FAILED if work.reason else WorkState.GOOD)


def forgotten_first(self: Retainer, kept: Any) -> bool:
    """The record of a backup is deleted before the backup."""
    backup = kept.record.backup
    done = self.status.write(Delete(kept.place, kept.revision))
    self.routes[backup.kind].remove(f"{backup.policy}-{backup.slot}", backup.resource)
    return done


def not_cleaned(_: Worker, work: Work) -> Work:
    """What there is of a failed backup stays."""
    return replace(work, state=WorkState.MARKING if ":s3:" in work.resource else WorkState.FAILED)


def failing_is_done(function: Callable[..., Any], *errors: type[Exception]) -> Callable[..., Any]:
    """A failure of AWS is taken for success."""

    def done(*arguments: Any) -> Any:
        with suppress(UnavailableError, *errors):
            function(*arguments)
        return True

    return done


def not_all_found(self: Runner, held: Any, kind: Any) -> Any:
    """What was looked at is remembered before what was found is."""
    self.leases.record(held, replace(held.record, looking_for=None, state="working"))
    return DISCOVERED(self, held, kind)


FAULTS: dict[str, Sequence[Patch]] = {
    "no leases": [(Leases, "claim", no_lease)],
    "no conditions": [(DynamoStatus, "write", unconditional)],
    "backups not looked for": [(Tables, "_asked", without_looking)],
    "snapshots not looked for": [(Volumes, "step", another_snapshot)],
    "another token with each request for an export": [(exports, "hashlib", AnotherToken)],
    "the last good one deleted": [(retaining, "removable", all_but_nothing)],
    "nothing deleted": [(retaining, "removable", lambda *_: [])],
    "copies of older runs swept": [(S3Vault, "manifests", only_the_newest_manifest)],
    "copies not swept": [(BucketRoute, "sweep", not_swept)],
    "records deleted before backups": [(Retainer, "_removed", forgotten_first)],
    "failed backups left behind": [(Worker, "_cleaned", not_cleaned)],
    "missed slots not caught up": [(Beginner, "catch_up", lambda *_: None)],
    "a failed copy taken for made": [(Copier, "_copied", failing_is_done(COPIED, ClientError, BotoCoreError))],
    "a failed part of a manifest taken for written": [(S3Vault, "write", failing_is_done(STORED))],
    "looked before found": [(Runner, "_discovered", not_all_found)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
