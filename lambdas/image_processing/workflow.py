"""From one S3 event to renditions, quarantine or removal: the order of effects that survives every crash.

Each event writes under a prefix of its own, with the object version in it; then one conditional write to the catalog
makes it the picture's present state; then what it replaced is deleted. Of the events of a key, the newest decides: a
creation shows the version it made, a removal shows what the bucket still shows. An event that comes late finds a newer
one in the catalog and deletes what it wrote itself. So any step may be killed, repeated or overtaken, and the end is
the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from lambdas.common.tables.pictures.layout import Source, Status
from lambdas.image_processing import contract
from lambdas.image_processing.contract import Metric, Reason, Recognition
from lambdas.image_processing.domain import catalog, recognition
from lambdas.image_processing.domain.catalog import Entry
from lambdas.image_processing.domain.events import Change, ObjectEvent
from lambdas.image_processing.domain.manifest import describe
from lambdas.image_processing.domain.rejection import Rejected
from lambdas.image_processing.domain.renditions import Rendered
from lambdas.image_processing.ports import (
    Catalog,
    NewObject,
    Quarantine,
    Recognizer,
    Renditions,
    Uploads,
    VersionGoneError,
)

MAX_CONFLICTS = 8
"""Lost conditional writes before the event is left to a retry; each one means that another event got ahead."""


class ConflictError(Exception):
    """Other events of the same key kept getting ahead; a retry finds them handled."""


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
                self.renditions.discard(event.prefix, keep=None)
                return Metric.NO_EFFECT
            entry = catalog.succeed(current, following, event)
            if self.catalog.commit(entry, current):
                self._sweep(entry)
                unchanged = (current.version_id if current else None) == entry.version_id
                return Metric.NO_EFFECT if unchanged else _METRICS[entry.status]
        raise ConflictError(f"{MAX_CONFLICTS} lost writes for {event.key!r}: leave the event to a retry")

    def _overtaken(self, event: ObjectEvent, current: Entry) -> Metric:
        """The catalog knows this event or a newer one: finishes its deletions, removes what this one left behind."""
        unfinished = current.sequencer == event.sequencer and bool(current.stale)
        if unfinished:
            self._sweep(current)
        self.renditions.discard(event.prefix, keep=current.generation)
        return _METRICS[current.status] if unfinished else Metric.NO_EFFECT

    def _sweep(self, entry: Entry) -> None:
        if entry.stale:
            for prefix in sorted(entry.stale):
                self.renditions.discard(prefix, keep=entry.generation)
            self.catalog.forget_stale(entry)

    def _outcome(self, event: ObjectEvent, current: Entry | None) -> Entry | None:
        """The entry that ``event`` leads to; None if its version is gone and a newer event must decide."""
        version_id = event.version_id
        if event.change is Change.REMOVED:
            version_id = self.uploads.visible_version(event.bucket, event.key)
            if current and current.version_id == version_id:
                # An old version went; what is shown stays, but older events must not pass this one any more.
                return replace(current, sequencer=event.sequencer)
        if version_id is None:
            return catalog.deleted(event)
        try:
            return self._process(event, version_id)
        except VersionGoneError:
            return None

    def _process(self, event: ObjectEvent, version_id: str) -> Entry:
        source = event.source(version_id)
        try:
            data = self.uploads.fetch(source, self.max_bytes)
            if not data and event.key.endswith("/"):
                return catalog.deleted(event)  # what the S3 console makes for a folder shows no picture
            rendered = self.render(data)
        except Rejected as verdict:
            reason = Reason(code=verdict.code, message=verdict.message, source=source)
            self.quarantine.keep(event.quarantine(version_id), reason)
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
        prefix = event.generation(source.version_id)
        manifest = describe(prefix, source, rendered, seen)
        objects = [
            NewObject(each.key, encoded.data, each.content_type)
            for each, encoded in zip(manifest.renditions, rendered.renditions, strict=True)
        ]
        document = NewObject(prefix + contract.MANIFEST, msgspec.json.encode(manifest), "application/json")
        self.renditions.put([*objects, document])
        return catalog.ready(event, source.version_id, rendered.facts, seen)


_METRICS = {
    Status.READY: Metric.READY,
    Status.REJECTED: Metric.REJECTED,
    Status.BLOCKED: Metric.BLOCKED,
    Status.DELETED: Metric.DELETED,
}
