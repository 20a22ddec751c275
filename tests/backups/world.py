"""The Backup function over an AWS in memory: its real adapters, a clock, and what is to be backed up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import (
    OPEN_RUNS,
    OPEN_WORK,
    RECORD,
    BackupSettings,
    Cadence,
    Lock,
    Policy,
    Retention,
    runs_partition,
    slot_id,
)
from lambdas.backups.contract.records import Backup, Kept, Newest, Run, RunState, Work
from lambdas.backups.ports import Place, Put
from lambdas.backups.runtime.wiring import Clients, advancer
from lambdas.backups.workflow.advancing import Advancer
from lambdas.backups.workflow.outcome import Outcome
from lambdas.common.failures import UnavailableError
from tests.backups.fake_dynamodb import STATUS, FakeTables, Table
from tests.backups.fake_ec2 import FakeEc2, FakeSns
from tests.backups.fake_s3 import Bucket, FakeVersionedS3
from tests.support.fake_aws import Outside
from tests.support.schedule import Killed

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
"""A slot, and a Tuesday."""
BEFORE = START - timedelta(days=1)
DAY = timedelta(days=1)
WEEK = 7 * DAY
MINUTE = timedelta(minutes=1)
DAILY = Policy(
    name="daily",
    cadence=Cadence(every="day", at="03:00"),
    retention=Retention(daily=1, weekly=0, monthly=0),
    max_age_hours=30,
)
WEEKLY = msgspec.structs.replace(DAILY, cadence=Cadence(every="week", on="TUE", at="03:00"))
"""Under the same name: so locks of a day have ended before the next run."""
TAGGED = {"backup": "daily", "other": "tag"}
VOLUMES = "arn:aws:ec2:us-east-1:123456789012:volume/"
ITEMS = "arn:aws:dynamodb:us-east-1:123456789012:table/items"
PHOTOS = "arn:aws:s3:::photos"
VOLUME = f"{VOLUMES}vol-1"
TAGGED_ARNS = {ITEMS, PHOTOS, VOLUME}

Kind = type[msgspec.Struct]


def one_by_one(call: Callable[[Any], Any], items: Any) -> list[Any]:
    """The `Together` of tests: calls in their order."""
    return [call(item) for item in items]


@dataclass
class World:
    """A table, a bucket and a volume that have the tag, beside some that have not."""

    outside: Outside = field(default_factory=Outside)
    policies: tuple[Policy, ...] = (DAILY,)
    lock: Lock | None = None
    now: datetime = START
    steady: bool = True
    """Whether there was a run `BEFORE`."""

    def __post_init__(self) -> None:
        self.s3 = FakeVersionedS3(self.outside, lambda: self.now)
        self.dynamodb = FakeTables(self.outside, self.s3, lambda: self.now)
        self.ec2 = FakeEc2(self.outside, lambda: self.now)
        self.sns = FakeSns(self.outside)
        self.s3.buckets = {
            "vault": Bucket(versioned=True, tags=dict(TAGGED)),
            "photos": Bucket(versioned=True, tags=dict(TAGGED)),
            "others": Bucket(versioned=False),
        }
        self.s3.page = 2
        self.contents: dict[tuple[str, str, str], bytes] = {}
        for key in ("a", "b", "c"):
            self.write(key, f"{key} 1".encode())
        self.dynamodb.sources = {
            "items": Table("items", dict(TAGGED), items=[{"id": {"S": "1"}}]),
            "untagged": Table("untagged", {}),
            "weekly": Table("weekly", {"backup": "weekly"}),
        }
        self.ec2.volumes = {"vol-1": dict(TAGGED), "vol-2": {}}
        if self.steady:
            self._remember_a_run(BEFORE)

    def _remember_a_run(self, slot: datetime) -> None:
        """Of a time at which nothing had the tag."""
        run = Run(policy="daily", slot=slot_id(slot), state=RunState.DONE, begun=slot)
        status = DynamoStatus(self.dynamodb, STATUS)  # type: ignore[arg-type]
        assert status.write(Put(Place(runs_partition("daily"), run.slot), run))
        self.outside.calls.clear()

    def settings(self) -> BackupSettings:
        return BackupSettings(
            service="Backup",
            metrics_namespace="Test",
            status_table_name=STATUS,
            vault_bucket_name="vault",
            reports_topic_arn="topic",
            volume_arn_prefix=VOLUMES,
            policies=self.policies,
            exporter="dynamodb",
            lock=self.lock,
            lease_seconds=360,
        )

    def advancer(self) -> Advancer:
        """As a new execution environment has it."""
        clients: dict[str, Any] = {
            "dynamodb": self.dynamodb,
            "dynamodb_once": self.dynamodb,
            "s3": self.s3,
            "ec2": self.ec2,
            "ec2_once": self.ec2,
            "sns": self.sns,
        }
        return advancer(self.settings(), Clients(**clients), lambda: self.now, one_by_one, lambda _: None)

    def write(self, key: str, content: bytes | None) -> None:
        """Writes an object of the bucket, or deletes it."""
        stored = self.s3.store("photos", key, content)
        if content is not None:
            self.contents["photos", key, stored.version] = content

    # --- what happens -----------------------------------------------------------------------------------------------

    def invoke(self, slot: datetime | None = None, more: Callable[[], bool] = lambda: True) -> Outcome:
        """One invocation: of the schedule of a policy, if there is a slot, else of that of every minute."""
        outcome, function = Outcome(), self.advancer()
        if slot:
            function.beginner.begin(self.policies[0], slot, outcome)
        function.run(more, outcome)
        if outcome.errors:
            raise ExceptionGroup("unexpected", outcome.errors)
        return outcome

    def until_quiet(self, slot: datetime, most: int = 600) -> None:
        """Minutes, until there is a run of this slot, and nothing is open."""
        for _ in range(most):
            with suppress(Killed, UnavailableError):
                self.invoke()
                if slot_id(slot) in self.runs() and not self.open():
                    return
            self.now += MINUTE
        raise AssertionError(f"still open after {most} minutes: {self.open()}")

    def day(self, slot: datetime) -> None:
        """The schedule fires, once, and all work is done."""
        self.now = max(self.now, slot)
        with suppress(Killed, UnavailableError):
            self.invoke(slot)
        self.until_quiet(slot)

    # --- what is there ----------------------------------------------------------------------------------------------

    def records(self, partition: str, kind: type[Any]) -> Iterator[Any]:
        """Records of the partitions of this name, whatever follows it."""
        for item in self.dynamodb.items(STATUS):
            if item["partition"]["S"].split("#")[0] == partition:
                yield msgspec.json.decode(item[RECORD]["S"], type=kind)

    def open(self) -> list[Any]:
        return [item for item in self.dynamodb.items(STATUS) if item["partition"]["S"] in {OPEN_RUNS, OPEN_WORK}]

    def runs(self) -> dict[str, Run]:
        return {run.slot: run for run in self.records("runs", Run)}

    def work(self) -> list[Work]:
        return list(self.records("work", Work))

    def kept(self) -> list[Kept]:
        return list(self.records("backups", Kept))

    def last_work(self, resource: str) -> Work:
        """That of the last slot."""
        return max((each for each in self.work() if each.resource == resource), key=lambda each: each.slot)

    def backup(self, resource: str) -> Backup:
        """The only one that is kept."""
        [kept] = [each.backup for each in self.kept() if each.backup.resource == resource]
        return kept

    def newest(self) -> dict[str, Newest]:
        return {each.resource: each for each in self.records("newest", Newest)}

    def vault(self) -> dict[str, bytes]:
        """Current objects of the vault."""
        bucket = self.s3.buckets["vault"]
        return {key: stored.content or b"" for key in bucket.objects if (stored := bucket.current(key))}
