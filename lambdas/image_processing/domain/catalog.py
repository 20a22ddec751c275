"""What the catalog holds of a picture, and how one entry follows another."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lambdas.common.tables.pictures.layout import HASH_BANDS, Facts, Status
from lambdas.image_processing.contract import Recognition
from lambdas.image_processing.domain.events import Change, ObjectEvent
from lambdas.image_processing.domain.fingerprint import hash_bands
from lambdas.image_processing.domain.rejection import Rejected


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The catalog's item of one picture: the newest event that was handled, and what came of it."""

    picture_id: str
    bucket: str
    key: str
    sequencer: str
    """Of the newest event handled; a write needs it to be the one that was read."""
    version_id: str | None
    status: Status
    updated_at: str
    generation: str | None = None
    """Prefix under which the renditions stand; None where there are none."""
    stale: frozenset[str] = frozenset()
    """Prefixes of earlier generations that are still to be deleted."""
    facts: Facts | None = None
    recognition: Recognition | None = None
    reason_code: str | None = None
    reason_message: str | None = None

    @property
    def status_day(self) -> str:
        """Partition of the index by status and time."""
        return f"{self.status}#{self.updated_at[:10]}"

    @property
    def hash_bands(self) -> list[str]:
        """Bands of the perceptual hash; empty where there is none."""
        return hash_bands(self.facts.perceptual_hash, HASH_BANDS) if self.facts else []


def ready(event: ObjectEvent, version_id: str, facts: Facts, recognition: Recognition) -> Entry:
    """The picture has renditions."""
    base = _entry(event, version_id, Status.READY)
    return replace(base, generation=event.generation(version_id), facts=facts, recognition=recognition)


def rejected(event: ObjectEvent, version_id: str, verdict: Rejected) -> Entry:
    """The upload is in quarantine."""
    return replace(_entry(event, version_id, Status.REJECTED), reason_code=verdict.code, reason_message=verdict.message)


def blocked(event: ObjectEvent, version_id: str, recognition: Recognition) -> Entry:
    """Moderation found something; no rendition was written."""
    return replace(_entry(event, version_id, Status.BLOCKED), recognition=recognition)


def deleted(event: ObjectEvent) -> Entry:
    """No version of the object is visible any more."""
    return _entry(event, None, Status.DELETED)


def _entry(event: ObjectEvent, version_id: str | None, status: Status) -> Entry:
    return Entry(
        picture_id=event.picture_id,
        bucket=event.bucket,
        key=event.key,
        sequencer=event.sequencer,
        version_id=version_id,
        status=status,
        updated_at=event.time,
    )


def succeed(current: Entry | None, following: Entry, event: ObjectEvent) -> Entry:
    """``following`` as the successor of ``current``; whatever else may stand in the renditions bucket becomes stale.

    That is what ``current`` showed, and what an earlier attempt at ``event`` wrote before it came to another end: only
    a creation that is ready again has no other end.
    """
    same_end = event.change is Change.CREATED and following.status is Status.READY
    prefixes = set() if same_end else {event.prefix}
    if current:
        prefixes |= current.stale | ({current.generation} if current.generation else set())
    return replace(following, stale=frozenset(prefixes - {following.generation}))
