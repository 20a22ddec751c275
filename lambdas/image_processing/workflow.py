"""From one S3 event to renditions, quarantine or removal: the order of effects that survives every crash.

Each event writes under a prefix of its own, then one conditional write to the catalog makes it the picture's present
state, then what it replaced is deleted. Of the events of a key, the newest decides: a creation shows the version it
made, a removal shows what the bucket still shows. An event that comes late finds a newer one in the catalog and
deletes what it wrote itself. So any step may be killed, repeated or overtaken, and the end is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from lambdas.image_processing import contract
from lambdas.image_processing.contract import Metric, Reason, Recognition, Source, Status
from lambdas.image_processing.domain import catalog, recognition
from lambdas.image_processing.domain.catalog import Entry
from lambdas.image_processing.domain.events import Change, ObjectEvent
from lambdas.image_processing.domain.manifest import describe
from lambdas.image_processing.domain.rejection import Rejected
from lambdas.image_processing.domain.renditions import Rendered

MAX_CONFLICTS = 8
"""Lost conditional writes before the event is left to a retry; each one means that another event got ahead."""


class VersionGoneError(Exception):
    """The object version of a creation no longer exists; the event of its removal tells what to do."""


class ConflictError(Exception):
    """Other events of the same key kept getting ahead; a retry finds them handled."""


@dataclass(frozen=True)
class NewObject:
    """An object to be written to the renditions bucket."""

    key: str
    data: bytes
    content_type: str


class Uploads(Protocol):
    """The bucket that users write to."""

    def fetch(self, source: Source, max_bytes: int) -> bytes:
        """Content of one version. Raises VersionGoneError, and Rejected for more than ``max_bytes``."""

    def visible_version(self, bucket: str, key: str) -> str | None:
        """Id of the version that a plain GET shows, None if it shows none."""


class Renditions(Protocol):
    """The bucket that readers read from."""

    def put(self, objects: list[NewObject]) -> None:
        """Writes all objects, in any order."""

    def discard(self, prefix: str) -> None:
        """Deletes every object under ``prefix``; none may be there."""


class Quarantine(Protocol):
    """The bucket of rejected originals."""

    def keep(self, prefix: str, reason: Reason) -> None:
        """Copies the original named in ``reason`` and writes the reason beside it. Raises VersionGoneError."""


class Catalog(Protocol):
    """The table with one entry per picture."""

    def get(self, picture_id: str) -> Entry | None:
        """The entry as last written."""

    def commit(self, entry: Entry, expected: Entry | None) -> bool:
        """Writes the entry if the catalog still holds ``expected``; tells whether it did."""

    def forget_stale(self, entry: Entry) -> None:
        """Empties the entry's list of stale prefixes, unless a newer entry has taken it over."""


class Recognizer(Protocol):
    """The service that sees what a picture shows."""

    def look(self, jpeg: bytes) -> Recognition:
        """Labels and moderation labels of a picture."""


@dataclass(frozen=True)
class Workflow:
    """The steps over their ports; ``render`` knows its sizes, formats and limits; no ``recognizer`` means off."""

    uploads: Uploads
    renditions: Renditions
    quarantine: Quarantine
    catalog: Catalog
    render: Callable[[bytes], Rendered]
    recognizer: Recognizer | None
    max_bytes: int
    blocking_confidence: float

    def handle(self, event: ObjectEvent) -> Metric:
        """Brings the picture to the state that ``event`` calls for; what AWS calls raise is raised.

        Raises:
            ConflictError: after `MAX_CONFLICTS` lost conditional writes.
        """
        for _ in range(MAX_CONFLICTS):
            current = self.catalog.get(event.picture_id)
            if current and current.sequencer >= event.sequencer:
                return self._overtaken(event, current)
            following = self._outcome(event, current)
            if following is None:
                self.renditions.discard(event.prefix)
                return Metric.NO_EFFECT
            entry = catalog.succeed(current, following, event)
            if self.catalog.commit(entry, current):
                self._sweep(entry)
                return _metric(entry, current)
        raise ConflictError(f"{MAX_CONFLICTS} lost writes for {event.key!r}: leave the event to a retry")

    def _overtaken(self, event: ObjectEvent, current: Entry) -> Metric:
        """The catalog knows this event or a newer one: finishes its deletions, removes what this one left behind."""
        if current.sequencer == event.sequencer:
            self._sweep(current)
        if event.prefix != current.generation:
            self.renditions.discard(event.prefix)
        return Metric.NO_EFFECT

    def _sweep(self, entry: Entry) -> None:
        if entry.stale:
            for prefix in sorted(entry.stale):
                self.renditions.discard(prefix)
            self.catalog.forget_stale(entry)

    def _outcome(self, event: ObjectEvent, current: Entry | None) -> Entry | None:
        """The entry that ``event`` leads to; None if its version is gone and a newer event must decide."""
        version_id = event.version_id
        if event.change is Change.REMOVED:
            version_id = self.uploads.visible_version(event.bucket, event.key)
            if version_id is None:
                return catalog.deleted(event)
            if current and current.version_id == version_id:
                # An old version went; what is shown stays, but older events must not pass this one any more.
                return replace(current, sequencer=event.sequencer)
        if version_id is None:
            return None
        try:
            return self._process(event, version_id)
        except VersionGoneError:
            return None

    def _process(self, event: ObjectEvent, version_id: str) -> Entry:
        source = event.source(version_id)
        try:
            rendered = self.render(self.uploads.fetch(source, self.max_bytes))
        except Rejected as verdict:
            self.quarantine.keep(event.prefix, Reason(code=verdict.code, message=verdict.message, source=source))
            return catalog.rejected(event, version_id, verdict)
        seen = self._recognize(rendered)
        if recognition.blocks(seen, self.blocking_confidence):
            return catalog.blocked(event, version_id, seen)
        return self._publish(event, source, rendered, seen)

    def _recognize(self, rendered: Rendered) -> Recognition:
        if self.recognizer is None:
            return recognition.OFF
        chosen = recognition.candidate(rendered.renditions)
        return self.recognizer.look(chosen.data) if chosen else recognition.TOO_SMALL

    def _publish(self, event: ObjectEvent, source: Source, rendered: Rendered, seen: Recognition) -> Entry:
        manifest = describe(event.prefix, source, rendered, seen)
        objects = [
            NewObject(each.key, encoded.data, each.content_type)
            for each, encoded in zip(manifest.renditions, rendered.renditions, strict=True)
        ]
        document = NewObject(event.prefix + contract.MANIFEST, msgspec.json.encode(manifest), "application/json")
        self.renditions.put([*objects, document])
        return catalog.ready(event, source.version_id, rendered.facts, seen)


def _metric(entry: Entry, previous: Entry | None) -> Metric:
    if previous and entry.version_id == previous.version_id:
        return Metric.NO_EFFECT
    return {
        Status.READY: Metric.READY,
        Status.REJECTED: Metric.REJECTED,
        Status.BLOCKED: Metric.BLOCKED,
        Status.DELETED: Metric.DELETED,
    }[entry.status]
