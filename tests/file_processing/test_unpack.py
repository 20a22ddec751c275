"""Archives from the inbox to the catalog: members are files of their own, for as long as their archive is shown."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lambdas.file_processing.contract.limits import ArchiveLimits
from lambdas.file_processing.contract.messages import LAST_SEQUENCER, Member, Work
from lambdas.file_processing.contract.tables import Status, file_id
from lambdas.file_processing.domain.catalog import Contribution, Current, Share
from lambdas.file_processing.domain.processing import Processed, Unpacked
from lambdas.file_processing.kinds import kinds
from lambdas.file_processing.workflow.unpacking import Unpacking
from tests.file_processing import world as model
from tests.file_processing.fakes import ARRIVALS, INDEX, PRODUCTS, QUARANTINE
from tests.file_processing.samples import sample
from tests.file_processing.samples.archives import tar, zipped
from tests.file_processing.world import World

FILES = {"a/picture.txt": sample("image/png"), "../../b.csv": sample("image/gif"), "c\r\n": b""}
SHOWN = {"in/x.jpg!/a/picture.txt": "image", "in/x.jpg!/b.csv": "image", "in/x.jpg!/c__": "empty"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Kinds are the real ones; only lanes that unpack are ever needed."""
    monkeypatch.setattr(model, "KINDS", kinds())
    monkeypatch.setattr(model, "MAX_BYTES", 10_000_000)
    return World()


def settle(world: World) -> None:
    while pending := [(name, each) for name, each in world.sqs.queues.items() if name != INDEX and each]:
        for name, bodies in pending:
            world.deliver(name, bodies.pop(0))


def shown(world: World) -> dict[str, str | None]:
    return {each.name: each.kind for each in world.states() if each.generation}


def test_members_of_an_archive_are_files_of_their_kinds_whatever_it_is_called(world: World) -> None:
    world.s3.upload("in/x.jpg", zipped(FILES))
    settle(world)
    assert shown(world) == {"in/x.jpg": "archive_zip"} | SHOWN


def test_members_are_counted_with_their_archive(world: World) -> None:
    world.s3.upload("in/x.jpg", zipped(FILES))
    settle(world)
    members = [each for each in world.states() if each.depth]
    assert {(each.depth, each.contribution.prefix) for each in members if each.contribution} == {(1, "in/")}
    [archive] = {each.parent for each in members}
    assert archive == file_id("inbox", "in/x.jpg")


def test_keys_are_numbers_whatever_members_are_called(world: World) -> None:
    world.s3.upload("in/x.jpg", zipped(FILES))
    settle(world)
    names = sorted(key.partition("/members/")[2] for key in world.s3.buckets[PRODUCTS])
    assert names == ["000001", "000002", "000003"]


def test_archives_within_archives_are_opened_as_deep_as_allowed(world: World) -> None:
    within = tar({"c.zip": zipped({"end.png": sample("image/png")})})
    world.s3.upload("a.gz", gzip.compress(zipped({"b.tar": within})))
    settle(world)
    states = {each.name: each for each in world.states()}
    deepest = states.pop("a.gz!/a!/b.tar!/c.zip")
    assert (deepest.kind, deepest.status) == ("archive_zip", Status.REJECTED)
    assert {each.status for each in states.values()} == {Status.READY}
    assert any(key.endswith("/original") for key in world.s3.buckets[QUARANTINE])


@pytest.mark.parametrize("successor", [None, sample("image/png"), zipped({"other": sample("image/gif")})])
def test_members_go_with_their_archive(world: World, successor: bytes | None) -> None:
    world.s3.upload("in/x.jpg", zipped(FILES | {"deep.zip": zipped(FILES)}))
    settle(world)
    assert len(shown(world)) == 8
    if successor is None:
        world.s3.delete("in/x.jpg")
    else:
        world.s3.upload("in/x.jpg", successor)
    settle(world)
    assert not SHOWN.keys() & shown(world).keys()
    assert len(shown(world)) == {None: 0, sample("image/png"): 1}.get(successor, 2)
    assert len(world.s3.buckets[PRODUCTS]) == len(shown(world)) - 1 if successor else True
    assert len(world.items("members#")) == (1 if successor and successor.startswith(b"PK") else 0)


def test_an_archive_beyond_a_limit_shows_no_member(world: World) -> None:
    world.s3.upload("in/x.jpg", zipped({f"{number}": b"" for number in range(1001)}))
    settle(world)
    [state] = world.states()
    assert state.status is Status.REJECTED
    [reason] = [json.loads(data) for key, data in world.s3.buckets[QUARANTINE].items() if key.endswith("reason.json")]
    assert reason["code"] == "too_many_entries"
    assert world.s3.buckets[PRODUCTS] == {}


# --- the order of steps -------------------------------------------------------------------------------------------


@dataclass
class Log:
    """All ports, which remember the order in which they were called."""

    steps: list[tuple[str, Any]] = field(default_factory=list)
    notes: list[Member] = field(default_factory=list)

    def reserve(self, archive: Current, share: Share, most: Share) -> bool:
        self.steps.append(("reserve", archive.generation))
        return share.members <= most.members

    def put(self, key: str, path: Path, content_type: str) -> None:
        assert path.exists()
        assert content_type
        self.steps.append(("put", key))

    def record(self, _: str, __: str, members: Sequence[Member]) -> None:
        self.steps.append(("record", [each.file_id for each in members]))
        self.notes += members

    def recorded(self, _: str, __: str) -> Iterator[Member]:
        return iter(self.notes)

    def announce(self, members: Sequence[Member]) -> None:
        self.steps.append(("announce", [each.file_id for each in members]))

    def forget(self, _: str, __: str, members: Sequence[Member]) -> None:
        self.steps.append(("forget", [each.file_id for each in members]))


ARCHIVE = Current(
    file_id="f" * 32,
    bucket="inbox",
    object_key="in/a.zip",
    name="in/a.zip",
    sequencer="00FF",
    status=Status.PROCESSING,
    version_id="v",
    generation="00AB-0123",
    arrived_at="2026-11-26T12:00:00Z",
    contribution=Contribution(day="2026-11-26", prefix="in/", bytes=1, kind="archive_zip"),
)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log()
    ports: Any = log
    (tmp_path / "1").write_bytes(b"one")
    together: Any = lambda call, items: [call(item) for item in items]  # noqa: E731
    unpacking = Unpacking(ports, ports, ports, "products", together, ArchiveLimits())
    unpacking.publish(ARCHIVE, Processed(members=(Unpacked(tmp_path / "1", "d/one"),)))
    unpacking.retract(Work(file_id=ARCHIVE.file_id, generation="00AB-0123"))
    return log


def test_nobody_hears_of_a_member_before_it_is_noted_nor_after_it_is_forgotten(log: Log) -> None:
    key = f"products/{ARCHIVE.file_id}/00AB-0123/members/000001"
    member = [file_id("products", key)]
    assert log.steps == [
        ("reserve", "00AB-0123"),
        ("put", key),
        ("record", member),
        ("announce", member),
        ("announce", member),
        ("forget", member),
    ]


def test_a_member_is_noted_with_all_that_its_removal_will_need(log: Log) -> None:
    [noted] = log.notes
    assert noted == Member(
        change="created",
        bucket="products",
        key=f"products/{ARCHIVE.file_id}/00AB-0123/members/000001",
        name="in/a.zip!/d/one",
        file_id=file_id("products", f"products/{ARCHIVE.file_id}/00AB-0123/members/000001"),
        sequencer="00AB",
        time="2026-11-26T12:00:00Z",
        depth=1,
        parent=ARCHIVE.file_id,
        prefix="in/",
        root=f"{ARCHIVE.file_id}/00AB-0123",
    )


def test_a_removal_is_later_than_anything(world: World) -> None:
    world.s3.upload("in/x.jpg", zipped({"a": b""}, zipfile.ZIP_STORED))
    settle(world)
    world.s3.delete("in/x.jpg")
    world.deliver(ARRIVALS, world.sqs.queues[ARRIVALS].pop())
    for name, bodies in list(world.sqs.queues.items()):
        if name.endswith("unpack"):
            world.deliver(name, bodies.pop())
    [removal] = [json.loads(body)["member"] for body in world.sqs.queues[ARRIVALS]]
    assert (removal["change"], removal["sequencer"]) == ("removed", LAST_SEQUENCER)
