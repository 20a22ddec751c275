"""What the catalog holds of a file, and how one state follows another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from lambdas.file_processing.contract import Lane
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.contract.tables import Status, root_of
from lambdas.file_processing.domain.processing import Fact

SETTLED = frozenset({Status.READY, Status.CATALOGUED, Status.REJECTED, Status.DELETED})
"""Nothing more happens to the file until it changes."""


def generation(sequencer: str, version_id: str) -> str:
    """Name of what one event made of one version: no other event and no other version has the same."""
    return f"{sequencer}-{hashlib.sha256(version_id.encode()).hexdigest()[:16]}"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file's bytes are."""

    bucket: str
    key: str
    version_id: str | None
    """None for members of archives: the products bucket has no versions."""


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What a file adds to the running totals; whether it is rejected, its status tells."""

    day: str
    prefix: str
    bytes: int
    kind: str


class Stale(msgspec.Struct, frozen=True):
    """A generation at which its lane is still to be asked to look."""

    lane: Lane
    generation: str


class Current(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The present state of a file: the newest event that was handled, and what is shown since then."""

    file_id: str
    bucket: str
    object_key: str
    name: str
    """The key, as people see it; of members with the archive's name before it."""
    depth: int = 0
    """Archives that it lies within."""
    parent: str | None = None
    """File id of the archive."""
    root: str | None = None
    """Generation of the archive that was uploaded, see `tables.root_of`; None for what lies in none."""
    sequencer: str
    """Of the newest event, padded: a later one compares greater as a string."""
    revision: int = 0
    """Raised whenever the state is written."""
    status: Status
    version_id: str | None = None
    """None where nothing is shown; so are all that follow."""
    generation: str | None = None
    kind: str | None = None
    lane: Lane | None = None
    size: int = 0
    arrived_at: str | None = None
    """ISO 8601: when S3 took in the version, or the archive; for multipart uploads, when they began."""
    contribution: Contribution | None = None
    stale: tuple[Stale, ...] = ()
    """What lanes are still to be told, about this generation and earlier ones."""
    index_stale: bool = False
    """Whether the index is still to be told."""

    @property
    def source(self) -> Source:
        """Where the bytes of what is shown are."""
        return Source(bucket=self.bucket, key=self.object_key, version_id=None if self.depth else self.version_id)

    @property
    def untold(self) -> bool:
        """Whether somebody is still to be told."""
        return bool(self.stale) or self.index_stale

    @property
    def belongs_to(self) -> str:
        """Generation that was uploaded: the archive's that it lies within, or its own."""
        return self.root or root_of(self.file_id, self.generation or "")

    def shows(self, work: Work) -> bool:
        """Whether this generation is what the file shows."""
        return self.generation == work.generation


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one generation of an archive adds to all that comes out of an upload."""

    members: int
    bytes: int


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The version that had some content first."""

    file_id: str
    name: str
    version_id: str


class ProductItem(msgspec.Struct, frozen=True, kw_only=True):
    """A product as the catalog lists it."""

    name: str
    key: str
    content_type: str
    bytes: int


class Version(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one version of a file."""

    file_id: str
    version_id: str
    generation: str
    name: str
    kind: str
    media_type: str
    status: Status
    bytes: int
    sha256: str | None = None
    """None for what was rejected unread."""
    duplicate_of: Origin | None = None
    arrived_at: str
    recognized_at: str
    settled_at: str | None = None
    updated_at: str
    milliseconds: int | None = None
    """That processing took."""
    facts: str | None = None
    """Metadata as JSON."""
    products: tuple[ProductItem, ...] = ()
    quarantined: tuple[ProductItem, ...] = ()
    """Beside the original, where it was rejected."""
    reason_code: str | None = None
    reason_message: str | None = None
    job: str | None = None
    """Id of the MediaConvert job."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of processing the generation that is shown."""

    status: Status
    """READY, REJECTED or TRANSCODING."""
    expected: Status = Status.PROCESSING
    """Status that it must have until then."""
    facts: Mapping[str, Fact] | None = None
    """None leaves those that there are."""
    products: tuple[ProductItem, ...] = ()
    quarantined: tuple[ProductItem, ...] = ()
    reason_code: str | None = None
    reason_message: str | None = None
    job: str | None = None
    milliseconds: int | None = None


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """One step from state to state, which the catalog takes whole or not at all."""

    before: Current | None
    after: Current
    version: Version | None = None
    """What is shown now, if another version than before, or the same once more."""
    first: bool = False
    """Whether the version is to be noted as the first with its content."""


def succeed(before: Current | None, after: Current) -> Current:
    """``after`` as the successor of ``before``, with all that is to be told then.

    What ``before`` had not told yet is taken over, so that whoever was killed in between need not come back. The index
    is told twice of what takes the place of something: at once, so that nobody finds what was there, and by its lane.
    """
    stale = list(before.stale) if before else []
    old = before.generation if before else None
    changed = old != after.generation
    if changed and before and before.lane and old:
        stale.append(Stale(before.lane, old))
    if changed and after.status is Status.PROCESSING and after.lane and after.generation:
        stale.append(Stale(after.lane, after.generation))
    return msgspec.structs.replace(
        after,
        revision=before.revision + 1 if before else 1,
        stale=tuple(dict.fromkeys(stale)),
        index_stale=(changed and (old is not None or after.status in SETTLED)) or bool(before and before.index_stale),
    )
