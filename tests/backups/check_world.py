"""The real RestoreCheck function over fakes of AWS: tables with backups, their exports in a vault, and a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import FunctionType
from typing import Any

from lambdas.backups import restore_check
from lambdas.backups.adapters.export_objects import S3ExportObjects
from lambdas.backups.adapters.reports import SnsReports
from lambdas.backups.adapters.scratch import DynamoScratchTables
from lambdas.backups.adapters.status import DynamoStatus
from lambdas.backups.contract import (
    CHECK_RUNS,
    CHECKING,
    CHECKS,
    ENTRY,
    NEWEST,
    PARTITION,
    POLICIES,
    Cadence,
    RestoreFrom,
    backups_partition,
    export_prefix,
    resource_name,
    run_entry,
    run_id,
    slot_id,
)
from lambdas.backups.contract.records import Backup, Check, CheckResult, CheckRun, Discovered, Kept, Kind, Newest
from lambdas.backups.ports import Place, Put
from lambdas.backups.workflow.checking import Checker
from lambdas.backups.workflow.choosing import Chooser
from lambdas.backups.workflow.leases import Leases
from lambdas.common.exporter.export import Exporter
from lambdas.common.failures import UnavailableError
from tests.backups.fake_tables import FakeTables
from tests.backups.items import Item
from tests.common.exports import Objects
from tests.support.fake_aws import FakeDynamoDB, Fault, Outside
from tests.support.schedule import Killed, scheduled
from tests.support.silent import Silent

SLOT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""A Sunday."""
MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=16)
TIMEOUT = timedelta(minutes=15)
STATUS = "status"
VAULT = "vault"


class Stepped(Outside):
    """Every call waits for the schedule, if there is one."""

    def call(self, name: str, effect: Any) -> Any:
        return scheduled(lambda: super(Stepped, self).call(name, effect))


@dataclass
class Topic:
    """Reports that were published."""

    outside: Outside
    messages: list[tuple[str, str]] = field(default_factory=list)

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> Any:  # noqa: N803  boto3's names
        assert TopicArn == "reports"
        assert Subject.isascii()
        assert len(Subject) <= 100
        return self.outside.call("Publish", lambda _: self.messages.append((Subject, Message)))


class Context:
    """Of an invocation that has time."""

    aws_request_id = "request"
    remaining = TIMEOUT

    def get_remaining_time_in_millis(self) -> int:
        return int(self.remaining.total_seconds() * 1000)


class CheckWorld:
    """One stack."""

    def __init__(self, restore_from: RestoreFrom = "point_in_time") -> None:
        self.outside = Stepped()
        self.now = SLOT
        dynamodb: Any = FakeDynamoDB(self.outside, {STATUS: (PARTITION, ENTRY)})
        self.tables = FakeTables(self.outside, lambda: self.now)
        self.s3 = Objects(self.outside)
        self.topic = Topic(self.outside)
        self.told: list[Check] = []
        self.status = DynamoStatus(dynamodb, STATUS)
        clients: Any = {"tables": self.tables, "s3": self.s3, "topic": self.topic}
        self.chooser = Chooser(self.status, STATUS, Cadence(every="week", at="03:00"), lambda: self.now)
        self.checker = Checker(
            status=self.status,
            leases=Leases(self.status, LEASE, lambda: self.now),
            scratch=DynamoScratchTables(clients["tables"], restore_from),
            objects=S3ExportObjects(clients["s3"], VAULT),
            reports=SnsReports(clients["topic"], "reports"),
            told=self.told.append,
        )

    # --- what there is ----------------------------------------------------------------------------------------------

    def back_up(self, table: str, items: list[Item], ago: timedelta = timedelta(hours=3)) -> Backup:
        """Makes a table, its on-demand backup and its export, as the Backup function would."""
        with self.looking():
            instant = self.now - ago
            arn = self.tables.make(table, items)
            slot = slot_id(instant)
            backup_arn = self.tables.back_up(arn, instant, slot)
            source: Any = self.tables.source(table)
            s3: Any = self.s3
            exporter = Exporter(
                dynamodb=source,
                s3=s3,
                table=table,
                bucket=VAULT,
                prefix=export_prefix(table, run_id("daily", slot)),
                segments=2,
                max_items=4,
                now=lambda: instant,
            )
            export = exporter.begin()
            export.run()
            backup = Backup(
                policy="daily",
                slot=slot,
                kind=Kind.TABLE,
                resource=arn,
                instant=instant,
                finished=instant,
                backup_arn=backup_arn,
                export_key=f"{export.place.root}manifest-summary.json",
                items=len(items),
            )
            self.record(backup)
            return backup

    def record(self, backup: Backup, *, seen: str | None = None) -> None:
        """In the status table: a good backup, the newest one of its resource."""
        newest = Place(NEWEST, backup.resource)
        policy = Place(POLICIES, backup.policy)
        kept = Place(backups_partition(backup.resource), run_entry(backup.policy, backup.slot))
        known = Newest(
            resource=backup.resource,
            kind=backup.kind,
            policy=backup.policy,
            found=backup.instant,
            seen=seen or backup.slot,
            backup=backup,
        )
        run = Discovered(policy=backup.policy, slot=backup.slot)
        puts = []
        for place, record in ((newest, known), (policy, run), (kept, Kept(backup=backup))):
            stored = self.status.read(place, type(record))
            puts.append(Put(place, record, stored.revision if stored else None))
        assert self.status.write(*puts)

    # --- what happens -----------------------------------------------------------------------------------------------

    def invoke(self, slot: datetime | str | None = None) -> None:
        """One invocation of the real handler, with a runtime of its own, whatever other threads do meanwhile."""
        runtime = restore_check.Runtime(Silent(), self.chooser, self.checker)  # type: ignore[arg-type]
        own = vars(restore_check) | {"runtime": lambda: runtime}
        FunctionType(restore_check.handler.__code__, own)({"slot": str(slot)} if slot else {}, Context())

    def minute(self, slot: datetime | None = None) -> None:
        """As `invoke`; what it raises is no loss, since the next minute follows."""
        with suppress(UnavailableError, Killed):
            self.invoke(slot)
        self.now += MINUTE

    def minutes(self, count: int) -> None:
        """So many minutes."""
        for _ in range(count):
            self.minute()

    def run(self, most: int = 600) -> None:
        """Minutes, until a slot is begun, all is chosen and nothing is open; fails if that are too many."""
        for _ in range(most):
            self.minute()
            with self.looking():
                begun = self.status.last(CHECK_RUNS, CheckRun)
            if begun and begun.record.complete and not self.open():
                return
        raise AssertionError(f"after {most} minutes there are {self.open()} of {begun}")

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Calls in here fail never, and are not counted."""
        decide, calls = self.outside.decide, list(self.outside.calls)
        self.outside.decide = lambda _: Fault.NONE
        try:
            yield
        finally:
            self.outside.decide = decide
            self.outside.calls[:] = calls

    # --- what came of it --------------------------------------------------------------------------------------------

    def open(self) -> list[Check]:
        with self.looking():
            return [stored.record for stored in self.status.listed(CHECKING, Check)]

    def done(self) -> list[Check]:
        with self.looking():
            return [stored.record for stored in self.status.listed(CHECKS, Check)]

    def results(self) -> dict[str, CheckResult | None]:
        """By table; fails if one has been checked twice."""
        found = [resource_name(check.backup.resource) for check in self.done()]
        assert len(found) == len(set(found))
        return {resource_name(check.backup.resource): check.result for check in self.done()}

    def alarms(self) -> Counter[tuple[str, CheckResult | None]]:
        """Metrics of results, by table."""
        return Counter((resource_name(check.backup.resource), check.result) for check in self.told)


def rows(count: int) -> list[Item]:
    """Items with a key and a number."""
    return [{"id": {"S": str(number)}, "n": {"N": str(number)}} for number in range(count)]


def checked(world: CheckWorld) -> None:
    """One slot, until all is done."""
    world.minute(SLOT)
    world.run()
