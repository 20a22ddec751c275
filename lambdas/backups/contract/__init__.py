"""What backups promise: settings, policies, names, keys, events, metrics; `records` of the status table stand beside.

The Backup function makes backups of what is tagged, and forgets old ones; RestoreCheck proves that they can be
restored.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from lambdas.common.settings import Settings

# --- policies -------------------------------------------------------------------------------------------------------

Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
Weekday = Literal["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]


class Cadence(msgspec.Struct, frozen=True, kw_only=True):
    """When something is due, in UTC; each such moment is a *slot*."""

    every: Literal["hour", "day", "week"]
    at: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:00"
    """Of a day; of an hour only the minutes count."""
    on: Weekday = "SUN"
    """Of a week."""

    @property
    def cron(self) -> str:
        """The same as an expression of EventBridge Scheduler."""
        hour, minute = (int(part) for part in self.at.split(":"))
        match self.every:
            case "hour":
                return f"cron({minute} * * * ? *)"
            case "day":
                return f"cron({minute} {hour} * * ? *)"
            case "week":
                return f"cron({minute} {hour} ? * {self.on} *)"


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """Of how many periods the newest good backup of a resource is kept: grandfather, father, son.

    A period counts only if there is a backup of it. The last good one is kept in any case.
    """

    daily: Count = 7
    weekly: Count = 5
    """Weeks as ISO 8601 has them."""
    monthly: Count = 12
    yearly: Count = 0


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How resources with the tag ``backup=<name>`` are backed up."""

    name: Name
    cadence: Cadence
    retention: Retention = Retention()
    max_age_hours: Positive
    """Of the newest good backup; an alarm tells when one is older."""


TAG = "backup"
"""Tag of what is to be backed up; its value is the name of a policy."""

# --- settings -------------------------------------------------------------------------------------------------------


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """How long nobody may delete what a run wrote into the vault, or found there and refers to."""

    days: Positive
    mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    """Who has ``s3:BypassGovernanceRetention`` may end a GOVERNANCE lock; nobody, not even root, a COMPLIANCE lock."""


@dataclass(frozen=True, kw_only=True)
class BackupSettings(Settings):
    """Environment of the Backup function."""

    status_table_name: str
    vault_bucket_name: str
    reports_topic_arn: str
    volume_arn_prefix: str
    """``arn:aws:ec2:us-east-1:123456789012:volume/``: EC2 tells ids of volumes, not ARNs."""
    policies: tuple[Policy, ...]
    exporter: Literal["dynamodb", "scan"]
    """``dynamodb`` exports a table as of one instant, and needs point-in-time recovery; ``scan`` reads it."""
    lock: Lock | None
    """None where the vault has no object lock."""
    lease_seconds: Positive
    """Longer than the function's timeout: who has held a piece of work for that long is dead."""


RestoreFrom = Literal["point_in_time", "on_demand_backup"]
"""What the check restores. An on-demand backup has what was written up to a minute before it began, and perhaps a part
of what was written in the minute after that ("CreateBackup", DynamoDB API Reference): no export equals that, unless the
table was held still. A point in time is the export's own, to the second."""


@dataclass(frozen=True, kw_only=True)
class RestoreCheckSettings(Settings):
    """Environment of the RestoreCheck function."""

    status_table_name: str
    vault_bucket_name: str
    reports_topic_arn: str
    cadence: Cadence
    restore_from: RestoreFrom
    lease_seconds: Positive
    """As of the Backup function."""


MARGIN_SECONDS = 60
"""Of an invocation, in which no further step is begun."""
CATCH_UP_AFTER_SECONDS = 300
"""That a slot may be due without a run before it is taken for missed."""

# --- events ---------------------------------------------------------------------------------------------------------

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""Placeholder in a schedule's input. Where it comes through literally, the clock says which slot is meant."""


class BackupEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Input of a policy's schedule. Without a policy, as of the schedule of every minute, open work is advanced."""

    policy: str | None = None
    slot: str = SCHEDULED_TIME
    """Scheduled time, ``2026-11-25T03:00:00Z``."""


class RestoreCheckEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Input of the check's schedules. Without a slot, as of the schedule of every minute, open checks are advanced."""

    slot: str | None = None
    """Scheduled time, or `SCHEDULED_TIME`."""


# --- names ----------------------------------------------------------------------------------------------------------

SLOT_FORMAT = "%Y%m%dT%H%MZ"
"""Of a slot in names and keys: ``20261125T0300Z``. Sorts by time; names of backups take no colon."""
RUN_TAG = "backup-run"
"""Tag of snapshots: which run made them."""
SCRATCH_PREFIX = "restore-check-"
"""Of names of scratch tables, which are never backed up."""


def slot_id(slot: datetime) -> str:
    """A slot as it stands in names and keys."""
    return slot.strftime(SLOT_FORMAT)


def run_id(policy: str, slot: str) -> str:
    """Id of a run; also the name of on-demand backups, and the value of `RUN_TAG`."""
    return f"{policy}-{slot}"


def scratch_table(status_table: str, slot: str, table_arn: str) -> str:
    """Name of the table that a check restores into, always the same for the same check and table.

    The status table's name tells stacks apart that check the same table in the same slot.
    """
    digest = hashlib.sha256(f"{status_table} {table_arn}".encode()).hexdigest()[:16]
    return f"{SCRATCH_PREFIX}{slot}-{digest}"


def resource_name(arn: str) -> str:
    """Name of a table or bucket, id of a volume: ``arn:aws:s3:::photos`` becomes ``photos``."""
    return arn.rpartition(":")[2].rpartition("/")[2]


# --- vault ----------------------------------------------------------------------------------------------------------

TABLES_PREFIX = "tables/"
BUCKETS_PREFIX = "buckets/"


def export_prefix(table: str, run: str) -> str:
    """Where a run's export of a table stands; what follows is laid out as DynamoDB does it."""
    return f"{TABLES_PREFIX}{table}/{run}/"


def manifest_prefix(bucket: str, run: str) -> str:
    """Where a run's manifest of a bucket stands."""
    return f"{BUCKETS_PREFIX}{bucket}/manifests/{run}/"


def manifest_part_key(bucket: str, run: str, number: int) -> str:
    """Gzip-compressed lines of `records.Copied`, by the order of the source's keys."""
    return f"{manifest_prefix(bucket, run)}part-{number:05d}.jsonl.gz"


def manifest_key(bucket: str, run: str) -> str:
    """A `records.Manifest`, written last."""
    return f"{manifest_prefix(bucket, run)}manifest.json"


def manifests_prefix(bucket: str) -> str:
    """Where the manifests of all runs of a bucket stand."""
    return f"{BUCKETS_PREFIX}{bucket}/manifests/"


def copies_prefix(bucket: str) -> str:
    """Where the copies of a bucket's objects stand, which its runs share."""
    return f"{BUCKETS_PREFIX}{bucket}/copies/"


def marks_key(bucket: str) -> str:
    """What the manifests of a bucket refer to, while its copies are swept."""
    return f"{BUCKETS_PREFIX}{bucket}/marks"


def copy_key(bucket: str, key: str, version: str) -> str:
    """Key of the copy of one version of an object: a source's key may be too long to have anything before it."""
    return f"{copies_prefix(bucket)}{hashlib.sha256(key.encode()).hexdigest()}/{version}"


# --- metrics --------------------------------------------------------------------------------------------------------


class Metric(StrEnum):
    """Metrics of the functions."""

    BEGUN = "RunsBegun"
    CAUGHT_UP = "RunsCaughtUp"
    """Runs of slots whose schedule did not fire."""
    MISSED = "SlotsMissed"
    """Slots that were passed over for a later one."""
    GOOD = "BackupsGood"
    FAILED = "BackupsFailed"
    """Of a resource; or a run could not look for those of one kind."""
    DELETED = "BackupsDeleted"
    RETRIED = "StepsRetried"
    """Steps that failed for reasons outside, and will be tried again."""
    AGE = "NewestGoodBackupAge"
    """Hours, of the resource of a policy whose newest good backup is the oldest. Dimension: `POLICY_DIMENSION`."""
    EQUAL = "RestoresEqual"
    DIFFERENT = "RestoresDifferent"
    CHECKS_FAILED = "RestoreChecksFailed"
    """Checks that could not be made, or whose scratch table could not be deleted."""
    RESTORE_TIME = "RestoreTime"
    """Milliseconds from the request until the scratch table was active."""


POLICY_DIMENSION = "policy"

# --- status table ---------------------------------------------------------------------------------------------------

PARTITION = "partition"
ENTRY = "entry"
REVISION = "revision"
"""Attribute that counts an item's writes; each is on the condition that none came between."""
RECORD = "record"
"""Attribute with the item's record, as JSON."""
EXPIRES_AT = "expires_at"
"""Attribute of DynamoDB's time to live."""

OPEN_RUNS = "open-runs"
"""Partition of `records.OpenRun`; the entry is `run_entry`."""
OPEN_WORK = "open-work"
"""Partition of `records.Work` that is not finished; the entry is `open_work_entry`."""
POLICIES = "policies"
"""Partition of `records.Discovered`; the entry is the policy's name."""
NEWEST = "newest"
"""Partition of `records.Newest`; the entry is the resource's ARN."""
CHECKING = "checking"
"""Partition of checks (`records.Check`) that are not finished; the entry is `check_entry`."""
CHECKS = "checks"
"""Partition of checks that are finished; the entry is `check_entry`."""
CHECK_RUNS = "check-runs"
"""Partition of `records.CheckRun`; the entry is the slot."""
FINISHED_DAYS = 400
"""That finished runs, work and checks stay in the table."""


def runs_partition(policy: str) -> str:
    """Partition of a policy's runs (`records.Run`), whether finished or not; the entry is the slot."""
    return f"runs#{policy}"


def work_partition(policy: str, slot: str) -> str:
    """Partition of a run's finished work (`records.Work`); the entry is the resource's ARN."""
    return f"work#{policy}#{slot}"


def run_entry(policy: str, slot: str) -> str:
    """Entry of what belongs to one run. By slot first: the newest is the last."""
    return f"{slot}#{policy}"


def open_work_entry(policy: str, slot: str, resource: str) -> str:
    """Entry of a `records.Work` that is not finished."""
    return f"{run_entry(policy, slot)}#{resource}"


def backups_partition(resource: str) -> str:
    """Partition of the good backups of a resource (`records.Kept`) that are there; the entry is `run_entry`."""
    return f"backups#{resource}"


def check_entry(slot: str, table_arn: str) -> str:
    """By slot first: the newest is the last."""
    return f"{slot}#{table_arn}"
