"""What everything is to be like in the end, by the bucket alone, and whether a world is like that."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lambdas.common.tables.metrics import layout
from lambdas.file_processing.contract import generation_prefix, quarantine_prefix
from lambdas.file_processing.contract.access_logs import MANIFESTS_PREFIX, manifest_key
from lambdas.file_processing.contract.tables import (
    CURRENT,
    EXPIRES_AT,
    PARTITION,
    SORT,
    Status,
    budget_partition,
    file_id,
    prefix_of,
    root_of,
)
from lambdas.file_processing.domain.catalog import Current, Origin, Version
from lambdas.file_processing.domain.totals import Totals, folded
from tests.file_processing.fakes import INBOX, PRODUCTS, QUARANTINE
from tests.file_processing.model import MAX_BYTES
from tests.file_processing.world import METRICS, World

STATUSES = {
    "text": Status.READY,
    "rows": Status.READY,
    "log": Status.READY,
    "archive": Status.READY,
    "image": Status.CATALOGUED,
    "bad": Status.REJECTED,
}


@dataclass(frozen=True)
class Wanted:
    """A file that is to be shown."""

    file_id: str
    name: str
    data: bytes
    version_id: str
    day: str
    prefix: str

    @property
    def kind(self) -> str:
        word = self.data.partition(b":")[0].decode()
        return word if word in STATUSES and len(self.data) <= MAX_BYTES else "unknown"

    @property
    def members(self) -> dict[str, bytes]:
        """Of an archive; none of a damaged one."""
        try:
            return {name: text.encode() for name, text in json.loads(self.data[8:]).items()}
        except ValueError:
            return {}

    @property
    def status(self) -> Status:
        if len(self.data) > MAX_BYTES or (self.kind == "archive" and not self.members):
            return Status.REJECTED
        return STATUSES.get(self.kind, Status.CATALOGUED)


def wanted(world: World, states: dict[str, Current]) -> Iterator[Wanted]:
    """Files of the bucket, and members of its archives."""
    for key in list(world.s3.inbox):
        shown = world.s3.visible(key)
        if shown and not (key.endswith("/") and not shown.data):
            identity, day = file_id(INBOX, key), f"{shown.modified:%Y-%m-%d}"
            yield from _with_members(Wanted(identity, key, shown.data, shown.version_id, day, prefix_of(key)), states)


def _with_members(file: Wanted, states: dict[str, Current]) -> Iterator[Wanted]:
    yield file
    if file.kind == "archive" and file.file_id in states:
        generation = states[file.file_id].generation or ""
        for key, (name, data) in members_of(file, generation).items():
            identity = file_id(PRODUCTS, key)
            member = Wanted(identity, f"{file.name}!/{name}", data, "null", file.day, file.prefix)
            yield from _with_members(member, states)


def members_of(file: Wanted, generation: str) -> dict[str, tuple[str, bytes]]:
    """Name and content of each member, by its key in the products bucket."""
    prefix = generation_prefix(file.file_id, generation)
    return {f"{prefix}members/{at:06}": each for at, each in enumerate(file.members.items(), 1)}


def assert_all_is_as_the_bucket_says(world: World) -> None:
    """Catalog, totals, products, quarantine, index, digests and metrics."""
    assert not world.observability.errors, world.observability.errors[0]
    states = {each.file_id: each for each in world.states()}
    files = {each.file_id: each for each in wanted(world, states)}
    assert_states(world, states, files)
    assert totals_of(world) == recounted(files)
    assert_objects(world, states, files)
    assert_budgets(world, states, files)
    documents = {key: world.document(states[key]) for key in files if files[key].status is not Status.REJECTED}
    assert world.documents == documents
    assert_digests(world, files)


def assert_states(world: World, states: dict[str, Current], files: dict[str, Wanted]) -> None:
    """Every file shows what it is to show, and all others nothing."""
    versions = {(each.file_id, each.version_id): each for each in world.versions()}
    items = {(each[PARTITION]["S"].removeprefix("file#"), each[SORT]["S"]): each for each in world.items("file#")}
    for key, file in files.items():
        assert key in states, f"{file.name} is not in the catalog"
        assert (key, file.version_id) in versions, f"{file.name} has no item for what it shows"
        state, version = states[key], versions.pop((key, file.version_id))
        assert (state.name, state.version_id, state.kind, state.status) == (
            file.name,
            file.version_id,
            file.kind,
            file.status,
        )
        assert (version.status, version.generation, version.bytes) == (file.status, state.generation, len(file.data))
        assert (version.reason_code is not None) == (file.status is Status.REJECTED)
        assert EXPIRES_AT not in items[key, "current"]
        assert EXPIRES_AT not in items[key, f"version#{file.version_id}"]
    for key, state in states.items():
        assert not state.untold, f"nobody was told of {state}"
        if key not in files:
            assert (state.status, state.generation) == (Status.DELETED, None), f"{state.name} is still there"
            assert EXPIRES_AT in items[key, "current"]
    for (key, version_id), version in versions.items():
        assert version.status in {Status.REPLACED, Status.DELETED}
        assert version.products == ()
        assert EXPIRES_AT in items[key, f"version#{version_id}"]


def assert_objects(world: World, states: dict[str, Current], files: dict[str, Wanted]) -> None:
    """Products of what is shown, and no others; every rejected original, whatever else."""
    quarantine: dict[str, bytes] = world.s3.buckets[QUARANTINE]
    products: dict[str, bytes] = {}
    metrics: set[str] = set()
    noted: set[tuple[str, str]] = set()
    for key, file in files.items():
        generation = states[key].generation or ""
        prefix = generation_prefix(key, generation)
        if file.status is Status.REJECTED:
            kept = quarantine_prefix(key, generation)
            assert quarantine.get(f"{kept}original") == file.data
            assert file.name in quarantine.get(f"{kept}reason.json", b"").decode()
        elif file.kind == "text":
            products[f"{prefix}text.txt"] = file.data[5:]
        elif file.kind == "rows":
            products[f"{prefix}valid/rows.csv"] = b"good"
            assert quarantine.get(f"{quarantine_prefix(key, generation)}rows.jsonl.gz") == b"bad"
        elif file.kind == "log":
            count = int(file.data[4:])
            products[manifest_key(key, generation)] = json.dumps(
                [["requests", "", 60 * at] for at in range(count)], separators=(",", ":")
            ).encode()
            metrics |= {f"1970-01-01T00:{at:02}Z#{key}-{generation}" for at in range(count)}
        elif file.kind == "archive":
            members = {place: data for place, (_, data) in members_of(file, generation).items()}
            products |= members
            noted |= {(f"members#{key}#{generation}", file_id(PRODUCTS, place)) for place in members}
    # Manifests of metrics outlive what they are of.
    found = world.s3.buckets[PRODUCTS].items()
    assert {key: data for key, data in found if key in products or not key.startswith(MANIFESTS_PREFIX)} == products
    assert {each[layout.PERIOD_AND_SHARD]["S"] for each in world.dynamodb.items(METRICS)} == metrics
    assert {(each[PARTITION]["S"], each[SORT]["S"]) for each in world.items("members#")} == noted


def assert_budgets(world: World, states: dict[str, Current], files: dict[str, Wanted]) -> None:
    """What came out of each upload was counted once, however deep it lay."""
    counted = {each[PARTITION]["S"]: each for each in world.items("budget#") if each[SORT]["S"] == CURRENT}
    for key, file in files.items():
        if file.kind == "archive" and file.status is Status.READY and not states[key].depth:
            sums = counted[budget_partition(root_of(key, states[key].generation or ""))]
            within = [len(each.data) for each in files.values() if each.name.startswith(f"{file.name}!/")]
            assert (sums["members"]["N"], sums["bytes"]["N"]) == (str(len(within)), str(sum(within)))


def totals_of(world: World) -> dict[tuple[str, str], Totals]:
    """Running totals, by day and prefix."""
    days = {each[PARTITION]["S"].removeprefix("totals#") for each in world.items("totals#")}
    found: dict[tuple[str, str], Totals] = {}
    for day in days:
        items = [
            (each[SORT]["S"], {name: int(value["N"]) for name, value in each.items() if "N" in value})
            for each in world.items(f"totals#{day}")
        ]
        found |= {(day, prefix): totals for prefix, totals in folded(items).items()}
    return found


def recounted(files: dict[str, Wanted]) -> dict[tuple[str, str], Totals]:
    """Totals, counted anew."""
    groups: dict[tuple[str, str], list[Wanted]] = {}
    for file in files.values():
        groups.setdefault((file.day, file.prefix), []).append(file)
    return {
        place: Totals(
            files=len(group),
            bytes=sum(len(each.data) for each in group),
            rejects=sum(each.status is Status.REJECTED for each in group),
            kinds=dict(sorted(Counter(each.kind for each in group).items())),
        )
        for place, group in groups.items()
    }


def assert_digests(world: World, files: dict[str, Wanted]) -> None:
    """One version is the first with its content, and all others say which."""
    firsts: dict[str, Origin] = {}
    for item in world.items("digest#"):
        identity, name, version = (item[each]["S"] for each in ("file_id", "name", "version_id"))
        firsts[item[PARTITION]["S"].removeprefix("digest#")] = Origin(file_id=identity, name=name, version_id=version)
    for version in world.versions():
        if version.sha256 and version.bytes:
            own = Origin(file_id=version.file_id, name=version.name, version_id=version.version_id)
            assert (version.duplicate_of or own) == firsts[version.sha256]
    known: dict[tuple[str, str], Version] = {(each.file_id, each.version_id): each for each in world.versions()}
    for file in files.values():
        unread = len(file.data) > MAX_BYTES
        assert known[file.file_id, file.version_id].sha256 == (None if unread else _sha256(file.data))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
