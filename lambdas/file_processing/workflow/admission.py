"""From what happened to an object to the catalog: the order of effects that survives every crash.

Of the events of a file, the newest decides: a creation shows the version that it made, a removal what the bucket still
shows. One transaction makes it the file's state and moves totals along; the state itself says whom to tell, and is
relieved of that when all are told. An event that comes again, or late, finds a state at least as new, and tells what
that has not told yet. So any step may be killed, repeated or overtaken, and the end is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.contract import Metric, quarantine_prefix
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.arrivals import Arrival, Change
from lambdas.file_processing.domain.catalog import (
    SETTLED,
    Admitted,
    Contribution,
    Current,
    Origin,
    Version,
    generation,
    succeed,
)
from lambdas.file_processing.domain.processing import Head, Rejected
from lambdas.file_processing.domain.recognition import Recognized
from lambdas.file_processing.ports import Catalog, Content, GoneError, Index, Lanes, Originals, Quarantine, Seen

MAX_CONFLICTS = 8
"""Lost conditional writes before the event is left to a retry; each one means that another event got ahead."""

UNKNOWN = "unknown"
"""Kind of files that cannot be looked at, as of those in which nothing is recognised."""

MAX_COPIED_BYTES = 5 * 1024**3
"""What S3 copies in one request ("Copying objects", Amazon S3 User Guide). More is not copied to quarantine: the parts
of terabytes would take longer than the function may."""


@dataclass(frozen=True)
class Admission:
    """The steps over their ports."""

    catalog: Catalog
    originals: Originals
    quarantine: Quarantine
    lanes: Lanes
    index: Index
    recognize: Callable[[Head], Recognized]
    max_bytes: int
    now: Callable[[], datetime]

    def admit(self, arrival: Arrival) -> tuple[Metric, ...]:
        """Brings the file to the state that ``arrival`` calls for.

        Raises:
            UnavailableError: AWS does not answer, or other events of the file keep getting ahead.
        """
        for _ in range(MAX_CONFLICTS):
            before = self.catalog.get(arrival.file_id)
            if before and before.sequencer >= arrival.sequencer:
                self._tell(before)
                return (Metric.NO_EFFECT,)
            step = self._step(arrival, before)
            if step is None:
                return (Metric.NO_EFFECT,)
            if self.catalog.admit(step):
                self._tell(step.after)
                return _metrics(step)
        raise UnavailableError(f"{MAX_CONFLICTS} lost writes for {arrival.name!r}: leave the message to a retry")

    def _tell(self, current: Current) -> None:
        """Lanes first: what was shown before is gone by the time that the index asks for what is shown now."""
        if current.untold:
            for each in current.stale:
                self.lanes.look(each.lane, Work(file_id=current.file_id, generation=each.generation))
            if current.index_stale:
                self.index.changed(current.file_id)
            self.catalog.told(current)

    def _step(self, arrival: Arrival, before: Current | None) -> Admitted | None:
        """What ``arrival`` leads to; None if its version is gone and a newer event must decide."""
        version_id = arrival.version_id
        if arrival.change is Change.REMOVED:
            # A member of an archive has no other version.
            version_id = None if arrival.depth else self.originals.visible_version(arrival.bucket, arrival.key)
            # MediaConvert reads what the key shows, which may have been the version that went: its job is done anew.
            if before and before.version_id == version_id and before.status is not Status.TRANSCODING:
                # An old version went; what is shown stays, but older events must not pass this one any more.
                same = msgspec.structs.replace(before, sequencer=arrival.sequencer)
                return Admitted(before=before, after=succeed(before, same))
        if version_id is None:
            return Admitted(before=before, after=succeed(before, _nothing(arrival)))
        try:
            return self._read(arrival, version_id, before)
        except GoneError:
            return None

    def _read(self, arrival: Arrival, version_id: str, before: Current | None) -> Admitted:
        """Recognises what is shown now."""
        nothing = _nothing(arrival)
        shown = msgspec.structs.replace(
            nothing, version_id=version_id, generation=generation(arrival.sequencer, version_id)
        )
        seen = self.originals.look(shown.source, self.max_bytes)
        if not seen.size and arrival.key.endswith("/"):
            # What the S3 console makes for a folder.
            return Admitted(before=before, after=succeed(before, nothing))
        if seen.content is None:
            return self._unread(_showing(shown, arrival, seen, UNKNOWN, Status.REJECTED), before, seen)
        recognized = self.recognize(seen.content.head)
        kind = recognized.kind
        status = Status.PROCESSING if kind.lane else Status.CATALOGUED
        after = msgspec.structs.replace(_showing(shown, arrival, seen, kind.name, status), lane=kind.lane)
        return self._recognized(after, recognized.media_type, seen.content, before)

    def _unread(self, after: Current, before: Current | None, seen: Seen) -> Admitted:
        prefix = quarantine_prefix(after.file_id, after.generation or "")
        stays = seen.archived or seen.size > MAX_COPIED_BYTES
        verdict = self._verdict(seen, " The original stays in the inbox, under its key and version." if stays else "")
        if stays:
            self.quarantine.note(prefix, after, verdict)
        else:
            self.quarantine.keep(prefix, after, verdict)
        version = msgspec.structs.replace(
            self._version(after, "application/octet-stream"),
            reason_code=verdict.code,
            reason_message=verdict.message,
        )
        return Admitted(before=before, after=succeed(before, after), version=version)

    def _verdict(self, seen: Seen, where: str) -> Rejected:
        if seen.archived:
            return Rejected(
                "archived_object",
                f"It is in an archive storage class, where nobody can read it: restore it, and upload it again or copy "
                f"it onto itself in another class.{where}",
            )
        return Rejected(
            "too_many_bytes",
            f"{seen.size} bytes; at most {self.max_bytes} are accepted: split the file, or raise the limit.{where}",
        )

    def _recognized(self, after: Current, media_type: str, content: Content, before: Current | None) -> Admitted:
        version = self._version(after, media_type)
        own = Origin(file_id=version.file_id, name=version.name, version_id=version.version_id)
        # All empty files are equal, which tells nothing.
        first = self.catalog.first(content.sha256) if after.size else own
        other = None if first in (None, own) else first
        return Admitted(
            before=before,
            after=succeed(before, after),
            version=msgspec.structs.replace(version, sha256=content.sha256, duplicate_of=other),
            first=first is None,
        )

    def _version(self, after: Current, media_type: str) -> Version:
        now = self.now().isoformat()
        return Version(
            file_id=after.file_id,
            version_id=after.version_id or "",
            generation=after.generation or "",
            name=after.name,
            kind=after.kind or "",
            media_type=media_type,
            status=after.status,
            bytes=after.size,
            arrived_at=after.arrived_at or "",
            recognized_at=now,
            settled_at=now if after.status in SETTLED else None,
            updated_at=now,
        )


def _nothing(arrival: Arrival) -> Current:
    """The state of a file that shows nothing."""
    return Current(
        file_id=arrival.file_id,
        bucket=arrival.bucket,
        object_key=arrival.key,
        name=arrival.name,
        depth=arrival.depth,
        parent=arrival.parent,
        root=arrival.root,
        sequencer=arrival.sequencer,
        status=Status.DELETED,
    )


def _showing(shown: Current, arrival: Arrival, seen: Seen, kind: str, status: Status) -> Current:
    """The state of a file that shows something."""
    arrived_at = arrival.time or seen.modified.isoformat()
    return msgspec.structs.replace(
        shown,
        status=status,
        kind=kind,
        size=seen.size,
        arrived_at=arrived_at,
        contribution=Contribution(day=arrived_at[:10], prefix=arrival.prefix, bytes=seen.size, kind=kind),
    )


def _metrics(step: Admitted) -> tuple[Metric, ...]:
    if (step.before.generation if step.before else None) == step.after.generation:
        return (Metric.NO_EFFECT,)
    match step.after.status:
        case Status.DELETED:
            return (Metric.REMOVED,)
        case Status.CATALOGUED:
            return (Metric.ARRIVED, Metric.CATALOGUED)
        case Status.REJECTED:
            return (Metric.ARRIVED, Metric.REJECTED)
        case _:
            return (Metric.ARRIVED,)
