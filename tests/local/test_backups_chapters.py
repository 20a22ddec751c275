"""The demo of backups finds what is not as it should be: the real functions on moto's AWS, spoiled."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from msgspec import structs

from lambdas.backups.adapters.scratch import DynamoScratchTables
from lambdas.backups.contract import SCRATCH_PREFIX, run_id, slot_id
from lambdas.backups.contract.records import WorkState
from lambdas.backups.ports import ScratchPage
from lambdas.backups.workflow import retaining as pruning
from lambdas.backups.workflow.buckets import BucketRoute
from local.use_cases.backups import restoring, retaining, slots, vault
from local.use_cases.backups.samples import Samples
from local.use_cases.backups.visit import Visit
from local.use_cases.chapters import Chapter, told
from tests.local.backups import VAULT, Cloud, deployed, visited

NOW = datetime.now(UTC)
SLOT = NOW.replace(second=0, microsecond=0)
RUN = run_id(slots.POLICY, slot_id(SLOT))

Spoil = Callable[[pytest.MonkeyPatch, Visit, Samples], None]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with deployed(monkeypatch) as cloud:
        yield cloud


def _fired_twice(visit: Visit, samples: Samples) -> Chapter:
    return told("Twice", lambda transcript: slots.fired_twice(visit, samples, transcript, SLOT))


def _pruned(visit: Visit, samples: Samples) -> Chapter:
    return told("Old", lambda transcript: retaining.pruned(visit, samples, transcript, NOW))


def _proven(visit: Visit, samples: Samples) -> Chapter:
    return told("Proven", lambda transcript: restoring.proven(visit, samples, transcript, SLOT))


def test_a_journey_without_faults_has_no_problems(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    visit, samples = visited(cloud)
    backed_up = [_fired_twice(visit, samples), _pruned(visit, samples), _proven(visit, samples)]
    monkeypatch.setattr(restoring, "_tool", _tool(samples.items[samples.types]))
    by_hand = told("By hand", lambda transcript: restoring.by_hand(visit, samples, transcript, NOW))
    assert [problem for chapter in (*backed_up, by_hand) for problem in chapter.problems] == []


def test_function_that_fails_is_told_of(cloud: Cloud) -> None:
    visit, samples = visited(cloud)
    cloud.errors["Backup"] = "out of memory"
    (problem,) = _fired_twice(visit, samples).problems
    assert problem.endswith("out of memory")


# --- a slot that fires twice ------------------------------------------------------------------------------------------


def _afterwards(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Does something as soon as a run is done."""
    finish = Visit.finish

    def finished(visit: Visit, policy: str, slot: datetime) -> None:
        finish(visit, policy, slot)
        act()

    monkeypatch.setattr(Visit, "finish", finished)


def _another_backup(monkeypatch: pytest.MonkeyPatch, visit: Visit, samples: Samples) -> None:
    _afterwards(monkeypatch, lambda: visit.dynamodb.create_backup(TableName=samples.types, BackupName=RUN))


def _another_snapshot(monkeypatch: pytest.MonkeyPatch, visit: Visit, samples: Samples) -> None:
    tags: Any = [{"ResourceType": "snapshot", "Tags": [{"Key": "backup-run", "Value": RUN}]}]
    _afterwards(monkeypatch, lambda: visit.ec2.create_snapshot(VolumeId=samples.volume, TagSpecifications=tags))


def _private_backup(monkeypatch: pytest.MonkeyPatch, visit: Visit, samples: Samples) -> None:
    _afterwards(monkeypatch, lambda: visit.dynamodb.create_backup(TableName=samples.private, BackupName="any"))


def _damaged_copy(monkeypatch: pytest.MonkeyPatch, visit: Visit, samples: Samples) -> None:
    def damage() -> None:
        key = min(vault.copies(visit, samples.pictures))
        visit.s3.put_object(Bucket=VAULT, Key=key, Body=b"damaged")

    _afterwards(monkeypatch, damage)


def _silent_report(monkeypatch: pytest.MonkeyPatch, visit: Visit, samples: Samples) -> None:
    del visit, samples
    monkeypatch.setattr(Visit, "reports", lambda _: [{"Subject": f"Backup {RUN}: all good", "Message": "All is well."}])


def _lost_tag(monkeypatch: pytest.MonkeyPatch, visit: Visit, samples: Samples) -> None:
    del monkeypatch
    visit.s3.delete_bucket_tagging(Bucket=samples.pictures)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_another_backup, "2 on-demand backups of types-"),
        (_another_snapshot, "2 snapshots were made"),
        (_private_backup, "without a tag these were made: ['any']"),
        (_damaged_copy, "the vault does not hold what the bucket does"),
        (_silent_report, "the report does not tell of types-"),
        (_lost_tag, "backed up are "),
    ],
)
def test_slot_that_did_not_make_one_backup_of_each_is_told_of(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, spoil: Spoil, problem: str
) -> None:
    visit, samples = visited(cloud)
    spoil(monkeypatch, visit, samples)
    assert problem in "\n".join(_fired_twice(visit, samples).problems)


# --- old backups ------------------------------------------------------------------------------------------------------


def _keep_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "removable", lambda *_: [])


def _keep_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "removable", lambda backups, *_: sorted(backups, key=lambda each: each.slot)[:-1])


def _sweep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BucketRoute, "sweep", lambda _, work, __: structs.replace(work, state=WorkState.GOOD))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (_keep_all, "of the table these are kept: "),
        (_keep_the_last, "of the table these are kept: "),
        (_sweep_nothing, "copies are left that no manifest refers to"),
    ],
)
def test_retention_that_keeps_or_deletes_others_is_told_of(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[pytest.MonkeyPatch], None], problem: str
) -> None:
    visit, samples = visited(cloud)
    spoil(monkeypatch)
    assert problem in "\n".join(_pruned(visit, samples).problems)


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (datetime(2026, 11, 25, 12, 34, tzinfo=UTC), datetime(2026, 11, 22, 5, 34, tzinfo=UTC)),
        (datetime(2026, 11, 29, 4, 59, tzinfo=UTC), datetime(2026, 11, 22, 5, 59, tzinfo=UTC)),
        (datetime(2026, 11, 29, 6, 0, tzinfo=UTC), datetime(2026, 11, 29, 5, 0, tzinfo=UTC)),
    ],
)
def test_past_slots_are_sundays_that_are_over(now: datetime, newest: datetime) -> None:
    found = retaining.past_slots(now)
    assert (len(found), found[-1]) == (retaining.WEEKS, newest)
    assert {each.isoweekday() for each in found} == {7}


# --- restores ---------------------------------------------------------------------------------------------------------


def _losing(monkeypatch: pytest.MonkeyPatch, samples: Samples) -> None:
    """A restore that loses an item."""
    del samples
    page = DynamoScratchTables.page

    def shortened(tables: DynamoScratchTables, name: str, after: str | None) -> ScratchPage:
        found = page(tables, name, after)
        return ScratchPage(found.items[1:], found.after)

    monkeypatch.setattr(DynamoScratchTables, "page", shortened)


def _littering(monkeypatch: pytest.MonkeyPatch, samples: Samples) -> None:
    """Somebody leaves a scratch table behind."""
    del monkeypatch, samples
    boto3.client("dynamodb").create_table(
        TableName=f"{SCRATCH_PREFIX}{slot_id(SLOT)}-1",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _forgetting(monkeypatch: pytest.MonkeyPatch, samples: Samples) -> None:
    """A table that was backed up is not checked."""
    restored = restoring._finished

    def fewer(visit: Visit, slot: datetime, tables: Any) -> Any:
        return {name: each for name, each in restored(visit, slot, tables).items() if name != samples.empty}

    monkeypatch.setattr(restoring, "_finished", fewer)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [(_losing, "is different"), (_littering, "scratch tables are left"), (_forgetting, "restored are ")],
)
def test_restore_that_is_not_proven_is_told_of(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, spoil: Callable[..., None], problem: str
) -> None:
    visit, samples = visited(cloud)
    _fired_twice(visit, samples)
    spoil(monkeypatch, samples)
    assert problem in "\n".join(_proven(visit, samples).problems)


def _tool(items: Any, *codes: int) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Something like the command: makes the table once, and ends with these codes."""
    left = iter(codes or (0, 1))

    def run(visit: Visit, *arguments: str) -> subprocess.CompletedProcess[str]:
        name, code = arguments[-1], next(left)
        if name not in visit.dynamodb.list_tables()["TableNames"]:
            visit.dynamodb.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
            for item in items:
                visit.dynamodb.put_item(TableName=name, Item=item)
        return subprocess.CompletedProcess(arguments, code, f"ended with {code}", "")

    return run


@pytest.mark.parametrize(
    ("left_out", "codes", "problem"),
    [
        (1, (0, 1), "restored are other items than were backed up"),
        (0, (2, 1), "the command ends with 2: ended with 2"),
        (0, (0, 0), "a table that was there is restored over"),
    ],
)
def test_command_that_restores_other_things_or_over_a_table_is_told_of(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, left_out: int, codes: tuple[int, ...], problem: str
) -> None:
    visit, samples = visited(cloud)
    monkeypatch.setattr(restoring, "_tool", _tool(samples.items[samples.types][left_out:], *codes))
    chapter = told("By hand", lambda transcript: restoring.by_hand(visit, samples, transcript, NOW))
    assert len(chapter.problems) == 1
    assert problem in chapter.problems[0]
