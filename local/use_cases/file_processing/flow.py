"""Files on their way: uploads, changes, and the same events again; and waits until all of it is done with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import msgspec

from lambdas.common.tables.metrics import layout
from lambdas.file_processing.contract.messages import Work
from lambdas.file_processing.contract.tables import PARTITION, SORT
from lambdas.file_processing.domain.catalog import SETTLED, Current, Version
from lambdas.file_processing.kinds import kinds
from local.use_cases.file_processing.samples import File, Samples
from local.use_cases.file_processing.stack import ARRIVALS, FAILURES, INDEX_FAILURES, LANES, Catalog, Deployed
from local.use_cases.waiting import wait_until_done

_AT_ONCE = 4
_FOLDER = "pictures/"


@dataclass
class Flow:
    """What was done to the inbox."""

    deployed: Deployed
    samples: Samples
    versions: dict[str, str] = field(default_factory=dict)
    """The id of the newest version of each file, by key."""

    def upload(self) -> None:
        """The first files at once, and a folder as the S3 console makes one, which is no file."""
        self.deployed.upload(_FOLDER, b"")
        self._put(self.samples.first)
        self._wait(self.samples.first, ())

    def change(self) -> None:
        """A copy comes, a file is replaced, others are deleted."""
        self._put(self.samples.then)
        for key in self.samples.deleted:
            self.deployed.s3.delete_object(Bucket=self.deployed.inbox, Key=key)
        self._wait(self.samples.uploads, self.samples.deleted)

    def repeat(self) -> int:
        """Sends each event and each message to a lane twice more, the newest first; how many."""
        arrivals = [*_notifications(self.deployed.catalog()), *_members(self.deployed)]
        work = _work(self.deployed.catalog())
        for _ in range(2):
            self.deployed.send(ARRIVALS, arrivals)
            for role, bodies in work.items():
                self.deployed.send(role, bodies)
        self._wait(self.samples.uploads, self.samples.deleted)
        return 2 * (len(arrivals) + sum(map(len, work.values())))

    def _put(self, files: Sequence[File]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            ids = pool.map(lambda each: self.deployed.upload(each.name, each.data), files)
            self.versions |= dict(zip((each.name for each in files), ids, strict=True))

    def left(self, names: Sequence[str], deleted: Sequence[str]) -> list[str]:
        """What is not done with. Queues are looked at again after the catalog: members of archives come back to the
        first of them."""
        return self._waiting() or self._unsettled(names, deleted) or self._waiting()

    def _wait(self, uploads: Sequence[File], deleted: Sequence[str]) -> None:
        names = [each.name for each in self.samples.shown(uploads)]
        wait_until_done(lambda: self.left(names, deleted), "not every file is done with, and nothing has moved")

    def _waiting(self) -> list[str]:
        failed = {FAILURES, INDEX_FAILURES}
        counts = self.deployed.waiting()
        return [f"{count} messages in {role}" for role, count in counts.items() if count and role not in failed]

    def _unsettled(self, names: Sequence[str], deleted: Sequence[str]) -> list[str]:
        catalog = self.deployed.catalog()
        missing = [name for name in names if not self._settled(catalog.files.get(name))]
        shown = [name for name in catalog.files if name.split("!/")[0] in deleted]
        return [f"{name} is not done with" for name in missing] + [f"{name} is still there" for name in shown]

    def _settled(self, current: Current | None) -> bool:
        if current is None or current.status not in SETTLED or current.untold:
            return False
        return current.depth > 0 or current.version_id == self.versions[current.name]


def _notifications(catalog: Catalog) -> Iterator[str]:
    """What S3 has told of the inbox, once more."""
    inbox = [*catalog.files.values(), *catalog.gone]
    buckets = {each.file_id: each.bucket for each in inbox if not each.depth}
    for each in inbox:
        if not each.depth and not each.generation:
            yield _notification("ObjectRemoved:DeleteMarkerCreated", each.bucket, each.name, each.sequencer, "marker")
    newest_first = sorted(catalog.versions.values(), key=lambda each: each.generation, reverse=True)
    for version in newest_first:
        if version.file_id in buckets:
            sequencer = version.generation.partition("-")[0]
            bucket = buckets[version.file_id]
            yield _notification("ObjectCreated:Put", bucket, version.name, sequencer, version.version_id)


def _notification(event: str, bucket: str, key: str, sequencer: str, version_id: str) -> str:
    """As in "Event message structure", Amazon S3 User Guide; what nobody reads is left out."""
    stored = {"key": quote_plus(key, safe="/"), "versionId": version_id, "sequencer": sequencer}
    record = {"eventSource": "aws:s3", "eventName": event, "s3": {"bucket": {"name": bucket}, "object": stored}}
    return json.dumps({"Records": [record]})


def _members(deployed: Deployed) -> Iterator[str]:
    """What was told of members of archives."""
    for item in deployed.items(deployed.catalog_table):
        if item[PARTITION]["S"].startswith("members#"):
            yield json.dumps({"member": json.loads(item["member"]["S"])})


def _work(catalog: Catalog) -> Mapping[str, list[str]]:
    """What lanes were told of versions, replaced ones included, by role of the queue."""
    found: dict[str, list[str]] = {}
    for version in catalog.versions.values():
        if role := _lane_of(version):
            work = Work(file_id=version.file_id, generation=version.generation)
            found.setdefault(role, []).append(msgspec.json.encode(work).decode())
    return found


def _lane_of(version: Version) -> str | None:
    lane = kinds()[version.kind].lane
    return LANES[lane] if lane else None


@dataclass(frozen=True)
class Snapshot:
    """Everything that the stack keeps but the inbox, item by item and object by object."""

    kept: Mapping[tuple[str, str], Any]

    @classmethod
    def of(cls, deployed: Deployed) -> Snapshot:
        """As it is now."""
        kept: dict[tuple[str, str], Any] = {}
        for table in (deployed.catalog_table, deployed.metrics_table):
            for item in deployed.items(table):
                kept[table, json.dumps(_key(item))] = item
        for bucket in (deployed.products, deployed.quarantine):
            kept |= {(bucket, key): tag for key, tag in deployed.objects(bucket).items()}
        return cls(kept)

    def differences(self, later: Snapshot) -> list[str]:
        """What has changed since."""
        names = self.kept.keys() | later.kept.keys()
        return [" ".join(each) for each in sorted(names) if self.kept.get(each) != later.kept.get(each)]


def _key(item: Mapping[str, Any]) -> list[Any]:
    names = (PARTITION, SORT, layout.METRIC, layout.PERIOD_AND_SHARD)
    return [item[name]["S"] for name in names if name in item]
