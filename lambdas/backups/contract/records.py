"""Records of the status table, and lines of manifests in the vault."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What can be backed up."""

    TABLE = "table"
    BUCKET = "bucket"
    VOLUME = "volume"


class Resource(msgspec.Struct, frozen=True):
    """Something that has the tag."""

    kind: Kind
    arn: str


# --- runs -----------------------------------------------------------------------------------------------------------


class RunState(StrEnum):
    """How far a run is."""

    DISCOVERING = "discovering"
    """Looking for what has the tag; what is found becomes open work."""
    WORKING = "working"
    REPORTING = "reporting"
    """All work is finished."""
    DONE = "done"
    MISSED = "missed"
    """Never begun: a later slot was due as well when that was seen."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One slot of a policy."""

    policy: str
    slot: str
    state: RunState
    begun: datetime
    caught_up: bool = False
    """Whether its schedule did not fire, and it was begun later."""
    finished: datetime | None = None
    good: int = 0
    failed: int = 0
    """Known from `RunState.REPORTING` on."""
    lease_until: datetime | None = None
    failures: int = 0
    """Attempts in a row that recorded nothing, the current one included."""
    problem: str = ""
    """Why the last attempt failed."""
    reason: str = ""
    """Why not all resources could be found: what became of the kinds that were given up."""
    unreadable: tuple[str, ...] = ()
    """Names of buckets that may have the tag for all that is known: it may not be read, and never was."""
    looking_for: Kind | None = Kind.TABLE
    """While discovering."""
    after: str | None = None
    """Name of the last resource of this kind that was looked at."""


class OpenRun(msgspec.Struct, frozen=True, kw_only=True):
    """Says that a run is not done."""

    policy: str
    slot: str


class Discovered(msgspec.Struct, frozen=True, kw_only=True):
    """The newest run of a policy that found all that has its tag."""

    policy: str
    slot: str


# --- work -----------------------------------------------------------------------------------------------------------


class WorkState(StrEnum):
    """How far the work on one resource is. Tables, buckets and volumes go different ways."""

    PENDING = "pending"
    """Nothing is asked for yet."""
    BACKING_UP = "backing_up"
    """Of a table: the on-demand backup. Of a volume: the snapshot is asked for."""
    EXPORTING = "exporting"
    COPYING = "copying"
    """Of a bucket: page by page."""
    LOCKING = "locking"
    """What was written into the vault is given its lock."""
    RETAINING = "retaining"
    """The backup is good. Old ones are deleted."""
    MARKING = "marking"
    """Of a bucket: what its manifests refer to is marked, part by part."""
    SWEEPING = "sweeping"
    """Of a bucket: copies without a mark are deleted, page by page."""
    CLEANING = "cleaning"
    """The backup failed. What there is of it is deleted."""
    GOOD = "good"
    FAILED = "failed"


class Marker(msgspec.Struct, frozen=True):
    """Where the next page of a listing of versions begins."""

    key: str
    version: str


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The work on one resource in one run."""

    policy: str
    slot: str
    kind: Kind
    resource: str
    state: WorkState = WorkState.PENDING
    lease_until: datetime | None = None
    failures: int = 0
    """Attempts in a row that recorded nothing, the current one included."""
    problem: str = ""
    """Why the last attempt failed."""
    reason: str = ""
    """Why the backup failed, or what was left undone after a good one."""
    instant: datetime | None = None
    """As of when the backup is."""
    backup_arn: str | None = None
    export_arn: str | None = None
    export_key: str | None = None
    snapshot_id: str | None = None
    marker: Marker | None = None
    parts: int = 0
    """Of a bucket's manifest that are written."""
    items: int = 0
    """Of a table, or objects of a bucket."""
    size: int = 0
    """Bytes."""
    skipped: int = 0
    """Objects of a bucket that are archived, and cannot be read before somebody restores them."""
    deleted: int = 0
    """Old backups."""
    marked: int = 0
    """Parts of all manifests, in the order of their keys, whose copies have marks."""
    swept: str | None = None
    """Key of the last copy that was looked at for its mark."""
    left: bool = False
    """Whether something of a backup that failed is still there: it is locked, or could not be deleted."""
    finished: datetime | None = None


# --- good backups ---------------------------------------------------------------------------------------------------


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A good backup, and where it is."""

    policy: str
    slot: str
    kind: Kind
    resource: str
    """ARN."""
    instant: datetime
    """As of when it is: of a table the second of its export; of a bucket when its first page was listed."""
    finished: datetime
    locked_until: datetime | None = None
    """Until then the vault may refuse to delete its objects."""
    backup_arn: str | None = None
    """Of a table: its on-demand backup."""
    export_key: str | None = None
    """Of a table: key of the export's ``manifest-summary.json`` in the vault. It names the other manifest and items."""
    manifest_key: str | None = None
    """Of a bucket: key of its `Manifest` in the vault."""
    snapshot_id: str | None = None
    """Of a volume."""
    items: int = 0
    """Of a table as its export has them, or objects of a bucket."""
    size: int = 0
    """Bytes."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A good backup in the partition of its resource, until it is deleted."""

    backup: Backup
    deleting: bool = False
    """Whether it is good no longer: a part of it may be gone, or it failed and a lock keeps what there is of it.

    Who wants to use a backup makes sure that this is false in the same transaction in which it writes that it does."""


class Newest(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a resource."""

    resource: str
    kind: Kind
    policy: str
    found: datetime
    """Slot of the run that found it first under this policy."""
    seen: str
    """Slot of the newest run that found it: a resource that the policy's `Discovered` run did not find has its tag no
    longer."""
    backup: Backup | None = None
    """The newest good one, of whatever policy."""


# --- manifests of buckets -------------------------------------------------------------------------------------------


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """An object of a bucket, and where its copy is; a line of a manifest's part."""

    key: str
    version: str
    """``null`` where the bucket has no versions."""
    size: int
    etag: str
    modified: datetime
    copy: str
    """Key in the vault."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a bucket held; says that all parts are there."""

    bucket: str
    policy: str
    slot: str
    instant: datetime
    parts: int
    objects: int
    size: int
    """Bytes."""


# --- restore checks -------------------------------------------------------------------------------------------------


class CheckRun(msgspec.Struct, frozen=True, kw_only=True):
    """One slot of the restore check: which tables it checks is decided once."""

    slot: str
    begun: datetime
    chosen: int = 0
    """Tables."""
    complete: bool = False
    """Whether all are chosen. Each one is chosen in a transaction that writes this record, too."""


class CheckState(StrEnum):
    """How far the check of one table is."""

    RESTORING = "restoring"
    """The scratch table is not asked for, or not active yet."""
    READING_SCRATCH = "reading_scratch"
    READING_EXPORT = "reading_export"
    CLEANING = "cleaning"
    """The result is known. The scratch table is deleted."""
    REPORTING = "reporting"
    DONE = "done"


class CheckResult(StrEnum):
    """What came of a check."""

    EQUAL = "equal"
    DIFFERENT = "different"
    FAILED = "failed"
    """It could not be made."""


class Tally(msgspec.Struct, frozen=True):
    """Count and order-free digest of some items."""

    items: int = 0
    digest: str = "0" * 32
    """Sum of the items' digests modulo 2^128, in hexadecimal digits."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """The check of one table's newest good backup."""

    slot: str
    backup: Backup
    """Retention leaves it alone while the check is open."""
    scratch_table: str
    begun: datetime
    state: CheckState = CheckState.RESTORING
    lease_until: datetime | None = None
    failures: int = 0
    """In a row."""
    problem: str = ""
    """Why the last attempt failed."""
    restore_seconds: float | None = None
    """From the request for the scratch table until it was seen to be active, which is looked for every minute."""
    scratch: Tally = Tally()
    scratch_after: str | None = None
    """Key of the last item that was read, as DynamoDB JSON."""
    export: Tally = Tally()
    export_files: int = 0
    """Data files that were read."""
    result: CheckResult | None = None
    reason: str = ""
    """Why it is not equal."""
    left: bool = False
    """Whether the scratch table could not be deleted."""
    finished: datetime | None = None
