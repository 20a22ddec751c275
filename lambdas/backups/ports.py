"""What the workflows need of the outside world; ``adapters`` answers it with AWS, tests with fakes.

Everything here may raise `UnavailableError`: what was asked is done, or not, or in part, and is to be asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from lambdas.backups.contract.records import Backup, Copied, Marker, Resource, Work

T = TypeVar("T", bound=msgspec.Struct)
T_co = TypeVar("T_co", bound=msgspec.Struct, covariant=True)


class RefusedError(Exception):
    """AWS will never do what was asked; says why."""


class UnseenError(RefusedError):
    """AWS knows of no such thing. Of what was asked for within `SEEN_AFTER` it may not know yet."""


SEEN_AFTER = timedelta(hours=1)
"""AWS lists and describes what it was asked for a moment later, mostly: what it does not by then is gone."""


# --- status ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Key of an item of the status table."""

    partition: str
    entry: str


@dataclass(frozen=True)
class Stored(Generic[T_co]):
    """A record as it was read."""

    place: Place
    record: T_co
    revision: int


@dataclass(frozen=True)
class Put:
    """Writes a record over the one that was read; ``over`` is None where there must be none."""

    place: Place
    record: msgspec.Struct
    over: int | None = None
    """The revision that was read."""
    expires: datetime | None = None


@dataclass(frozen=True)
class Delete:
    """Deletes a record that is still as it was read."""

    place: Place
    revision: int


@dataclass(frozen=True)
class Unchanged:
    """Nothing is written, but the record must still be as it was read."""

    place: Place
    revision: int


class Status(Protocol):
    """The status table. All reads are consistent."""

    def read(self, place: Place, kind: type[T]) -> Stored[T] | None:
        """A record; None if there is none."""

    def listed(self, partition: str, kind: type[T], begins: str = "") -> Sequence[Stored[T]]:
        """All records of a partition whose entries begin so, in their order."""

    def last(self, partition: str, kind: type[T]) -> Stored[T] | None:
        """The record of a partition with the greatest entry."""

    def write(self, *changes: Put | Delete | Unchanged) -> bool:
        """All of them in one transaction, at most 100; False, and none is done, if one record is not as it was read."""


MOST_FOUND = 40
"""Of a part: each of them takes two items of a transaction."""

# --- resources ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Looked:
    """A part of all resources of one kind."""

    found: Sequence[Resource]
    """Those that have the tag; neither the vault nor scratch tables."""
    after: str | None
    """Where the next part begins; None after the last one."""
    unreadable: Sequence[Resource] = ()
    """Those of which nobody may read whether they have the tag."""


class Resources(Protocol):
    """What there is of one kind."""

    def look(self, policy: str, after: str | None) -> Looked:
        """The next resources, at most `MOST_FOUND` of them, each once."""


class TableBackups(Protocol):
    """On-demand backups of tables. Names are not unique to DynamoDB: who makes one has looked for it before."""

    def find(self, table: str, name: str) -> Sequence[str]:
        """ARNs of the backups of this name, oldest first."""

    def create(self, table: str, name: str) -> str:
        """Asks for a backup, at most once, and returns its ARN. Raises RefusedError if there is no such table."""

    def available(self, arn: str) -> bool:
        """Whether a backup can be restored. Raises UnseenError if there is none."""

    def delete(self, arn: str) -> None:
        """Deletes a backup, if it is there."""


class MoreTime(Protocol):
    """Tells whether there is time for more."""

    def __call__(self) -> bool: ...


@dataclass(frozen=True)
class Exported:
    """An export that is complete."""

    key: str
    """Of its ``manifest-summary.json``."""
    items: int
    size: int
    """Bytes, as DynamoDB bills them."""


class TableExports(Protocol):
    """Exports of tables into the vault."""

    def check(self, table: str) -> None:
        """Raises RefusedError if a table cannot be exported, and says what to do."""

    def begin(self, table_arn: str, run: str, instant: datetime) -> str:
        """Begins the export of a run, and returns its ARN; again, it is the same export. Raises RefusedError."""

    def advance(self, work: Work, instant: datetime, more: MoreTime) -> Exported | None:
        """Goes on with an export that has begun; None while it is not complete.

        Raises:
            RefusedError: it failed.
            UnseenError: there is no such export.
        """


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of a volume."""

    snapshot_id: str
    started: datetime
    completed: bool
    failed: str
    """Why it never will be; empty unless that is so."""
    size: int
    """Bytes of the volume."""


class Snapshots(Protocol):
    """Snapshots of volumes, told apart by the tag of their run."""

    def find(self, volume_id: str, run: str) -> Sequence[Snapshot]:
        """Snapshots that a run made of a volume, oldest first."""

    def create(self, volume_id: str, run: str) -> None:
        """Asks for a snapshot, at most once. Raises RefusedError if there is no such volume."""

    def delete(self, snapshot_id: str) -> None:
        """Deletes a snapshot, if it is there."""


# --- buckets and vault ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """The current version of an object."""

    key: str
    version: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Page:
    """A page of a bucket's listing."""

    versions: Sequence[Version]
    next: Marker | None
    """None on the last page."""


@dataclass(frozen=True)
class Copies:
    """A page of a bucket that the vault holds."""

    copied: Sequence[Copied]
    """What was deleted meanwhile is left out."""
    skipped: int
    """Objects that are archived."""


class Buckets(Protocol):
    """Buckets that are backed up."""

    def page(self, bucket: str, marker: Marker | None) -> Page:
        """The next current versions, in the order of their keys. Raises RefusedError if there is no such bucket."""

    def copy(self, bucket: str, versions: Sequence[Version], until: datetime | None, more: MoreTime) -> Copies | None:
        """Copies what the vault does not hold yet, and locks all of it; None if the time was too short.

        Once more, it goes on where it was.
        """


class Keep(Protocol):
    """Tells whether an object is to be kept."""

    def __call__(self, key: str) -> bool: ...


class Vault(Protocol):
    """The bucket of all backups."""

    def write(self, key: str, content: bytes, until: datetime | None) -> None:
        """Writes an object, and locks it."""

    def read(self, key: str) -> bytes | None:
        """An object; None if there is none."""

    def manifests(self, prefix: str, first: int) -> Iterator[Sequence[Copied]]:
        """Lines of the parts of all manifests under a prefix: part by part, from a number on, in their keys' order."""

    def lock(self, prefix: str, until: datetime) -> None:
        """Locks all objects of a prefix."""

    def delete(self, prefix: str) -> bool:
        """Deletes all versions of the objects of a prefix; False if locks kept some."""

    def sweep(self, prefix: str, after: str | None, keep: Keep) -> str | None:
        """Of the next objects of a prefix deletes those that are not to be kept, unless locks keep them.

        Returns the key of the last one of them; None if there are no more.
        """


class Reports(Protocol):
    """Where reports go."""

    def publish(self, subject: str, message: str) -> None:
        """Tells whoever has subscribed."""


# --- restore checks -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScratchTable:
    """A table that a backup is restored into."""

    status: str
    """DynamoDB's, such as ``ACTIVE``."""
    created: datetime
    """When the restore was asked for."""


@dataclass(frozen=True)
class ScratchPage:
    """Some items of a scratch table."""

    items: Sequence[Mapping[str, Mapping[str, Any]]]
    """As boto3's client has them."""
    after: str | None
    """Where the next page begins; None after the last one."""


class ScratchTables(Protocol):
    """Tables that backups are restored into, to be read once and deleted."""

    def find(self, name: str) -> ScratchTable | None:
        """A table by its name. One that was asked for a moment ago may be missing."""

    def restore(self, backup: Backup, name: str) -> None:
        """Asks for a backup to be restored, if there is a place for it; again, it is the same table.

        Raises RefusedError.
        """

    def page(self, name: str, after: str | None) -> ScratchPage:
        """The next items. Raises RefusedError if there is no such table."""

    def delete(self, name: str) -> bool:
        """Asks for a table to be deleted; whether it is gone. One that is being made is not deleted."""


class ObjectGoneError(Exception):
    """There is no such object."""


class ExportObjects(Protocol):
    """Objects of exports in the vault. Both raise ObjectGoneError."""

    def content(self, key: str) -> bytes:
        """Of a manifest."""

    def stream(self, key: str) -> AbstractContextManager[Iterator[bytes]]:
        """Content of a data file as stored, piece by piece."""
