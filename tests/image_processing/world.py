"""A model of the buckets and the catalog that the workflow works on, with S3's versions and events."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

from lambdas.common.tables.pictures.layout import Facts, ReasonCode, Source
from lambdas.image_processing.contract import Reason, RenditionSpec
from lambdas.image_processing.domain.catalog import Entry
from lambdas.image_processing.domain.events import ObjectEvent, parse
from lambdas.image_processing.domain.rejection import Rejected
from lambdas.image_processing.domain.renditions import Encoded, Rendered
from lambdas.image_processing.ports import NewObject, VersionGoneError
from lambdas.image_processing.workflow import Workflow
from tests.events import s3
from tests.support.schedule import scheduled

BUCKET = "uploads"
BAD = b"bad"
"""Content that the model's renderer rejects."""


@dataclass
class Version:
    """One version of an object; ``data`` is None for a delete marker."""

    id: str
    data: bytes | None


@dataclass
class World:
    """Everything outside the function; the methods up to `workflow` are what users do."""

    versions: dict[str, list[Version]] = field(default_factory=dict)
    renditions: dict[str, bytes] = field(default_factory=dict)
    quarantine: dict[str, tuple[bytes, Reason]] = field(default_factory=dict)
    catalog: dict[str, Entry] = field(default_factory=dict)
    events: list[ObjectEvent] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, key: str, data: bytes) -> None:
        """A user uploads."""
        version = self._add(key, data)
        self._emit("ObjectCreated:Put", key, version)

    def delete(self, key: str) -> None:
        """A user, or a lifecycle rule, deletes: the bucket puts a delete marker on top."""
        marker = self._add(key, None)
        self._emit("ObjectRemoved:DeleteMarkerCreated", key, marker)

    def delete_version(self, key: str, index: int) -> None:
        """Somebody removes one version, or one delete marker, for good."""
        versions = self.versions.get(key, [])
        if versions:
            gone = versions.pop(index % len(versions))
            self._emit("ObjectRemoved:Delete", key, gone)

    def visible(self, key: str) -> Version | None:
        """What a plain GET shows."""
        versions = self.versions.get(key)
        return versions[-1] if versions and versions[-1].data is not None else None

    def _add(self, key: str, data: bytes | None) -> Version:
        version = Version(f"v{next(self._ids)}", data)
        self.versions.setdefault(key, []).append(version)
        return version

    def _emit(self, name: str, key: str, version: Version) -> None:
        # Digits vary in length, as S3's do: right-padding must still order them.
        sequencer = f"{next(self._ids):06X}".rstrip("0") or "0"
        notification = s3.notification(s3.record(name, BUCKET, key, sequencer=sequencer, version_id=version.id))
        self.events += parse(notification)

    def workflow(self) -> Workflow:
        """The workflow under test over this world; every call to a port is a step of the schedule."""
        return Workflow(
            uploads=_Uploads(self),
            renditions=_Renditions(self),
            quarantine=_Quarantine(self),
            catalog=_Catalog(self),
            render=render,
            recognizer=None,
            max_bytes=1000,
            blocking_confidence=80,
        )


def render(data: bytes) -> Rendered:
    """Stands in for the picture code: two renditions that show which upload they came from."""
    if data == BAD:
        raise Rejected(ReasonCode.NOT_AN_IMAGE, "no picture")
    facts = Facts(
        width=1, height=1, bytes=len(data), sha256=data.hex(), format="png", frames=1,
        dominant_color="#000000", perceptual_hash="0" * 16,
    )  # fmt: skip
    spec = RenditionSpec(name="phone", width=1, height=1)
    encoded = tuple(Encoded(spec, name, (1, 1), data + name.encode()) for name in ("jpeg", "webp"))
    return Rendered(facts, encoded, ())


@dataclass
class _Uploads:
    world: World

    def fetch(self, source: Source, max_bytes: int) -> bytes:  # noqa: ARG002
        return scheduled(lambda: self._fetch(source))

    def _fetch(self, source: Source) -> bytes:
        for version in self.world.versions.get(source.key, []):
            if version.id == source.version_id and version.data is not None:
                return version.data
        raise VersionGoneError(source)

    def visible_version(self, bucket: str, key: str) -> str | None:  # noqa: ARG002
        visible = scheduled(lambda: self.world.visible(key))
        return visible.id if visible else None


@dataclass
class _Renditions:
    world: World

    def put(self, objects: list[NewObject]) -> None:
        for item in objects:
            scheduled(lambda item=item: self.world.renditions.update({item.key: item.data}))  # type: ignore[misc]

    def discard(self, prefix: str, keep: str | None) -> None:
        found = scheduled(lambda: [key for key in self.world.renditions if key.startswith(prefix)])
        for key in found:
            if keep and key.startswith(keep):
                continue
            scheduled(lambda key=key: self.world.renditions.pop(key, None))  # type: ignore[misc]


@dataclass
class _Quarantine:
    world: World

    def keep(self, prefix: str, reason: Reason) -> None:
        data = _Uploads(self.world).fetch(reason.source, 0)
        scheduled(lambda: self.world.quarantine.update({prefix: (data, reason)}))


@dataclass
class _Catalog:
    world: World

    def get(self, picture_id: str) -> Entry | None:
        return scheduled(lambda: self.world.catalog.get(picture_id))

    def commit(self, entry: Entry, expected: Entry | None) -> bool:
        return scheduled(lambda: self._commit(entry, expected))

    def _commit(self, entry: Entry, expected: Entry | None) -> bool:
        current = self.world.catalog.get(entry.picture_id)
        if (current and current.sequencer) != (expected and expected.sequencer):
            return False
        self.world.catalog[entry.picture_id] = entry
        return True

    def forget_stale(self, entry: Entry) -> None:
        scheduled(lambda: self._forget(entry))

    def _forget(self, entry: Entry) -> None:
        current = self.world.catalog[entry.picture_id]
        if current.sequencer == entry.sequencer:
            self.world.catalog[entry.picture_id] = replace(current, stale=frozenset())
