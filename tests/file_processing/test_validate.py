"""Tables from the inbox to the catalog, by the real kinds and the specs that are shipped."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from lambdas.file_processing.contract import Lane, generation_prefix, quarantine_prefix
from lambdas.file_processing.contract.limits import Limits
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.catalog import Current
from lambdas.file_processing.domain.processing import Input
from lambdas.file_processing.domain.rows.specs import SpecError
from lambdas.file_processing.kinds import kinds
from tests.file_processing import world as model
from tests.file_processing.fakes import INDEX, PRODUCTS, QUARANTINE
from tests.file_processing.samples.archives import zipped
from tests.file_processing.tables import parquet_of
from tests.file_processing.world import FailedError, World

ORDERS = b"""id,customer,product,quantity,price,ordered_at
1,C-0001,tea,2,3.50,2026-11-26T10:00:00Z
2,C-0002,tea,0,3.50,2026-11-26T10:00:00Z
3,C-0003,tea,1,1.20,2026-11-26T10:00:00Z
"""
READINGS = b'{"sensor": "ab-1", "at": "2026-11-26T10:00:00Z", "value": 1.50}\n{"sensor": "ab-1", "value": 1}\n'
FILES = {
    "csv": ("orders/a", ORDERS, "valid/rows.csv"),
    "json": ("readings/a", b"[" + READINGS.strip().replace(b"\n", b",\n") + b"]", "valid/rows.jsonl"),
    "json_lines": ("readings/a", READINGS, "valid/rows.jsonl"),
    "parquet": ("orders/a", parquet_of("SELECT unnest([1, 0]) AS id"), "valid/rows.parquet"),
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(model, "KINDS", kinds())
    monkeypatch.setattr(model, "MAX_BYTES", 10_000_000)
    return World()


def settle(world: World) -> None:
    while pending := [(name, each) for name, each in world.sqs.queues.items() if name != INDEX and each]:
        for name, bodies in pending:
            world.deliver(name, bodies.pop(0))


def stored(world: World, bucket: str, prefix: str) -> dict[str, bytes]:
    return {key.removeprefix(prefix): data for key, data in world.s3.buckets[bucket].items() if key.startswith(prefix)}


def place(file: Current) -> tuple[str, str]:
    return file.file_id, file.generation or ""


def test_every_kind_of_the_lane_is_tested_here() -> None:
    assert {name for name, kind in kinds().items() if kind.lane is Lane.VALIDATE} == set(FILES)


@pytest.mark.parametrize("kind", FILES)
def test_a_table_of_each_kind_is_recognised_and_parted_by_the_spec_of_its_prefix(kind: str, world: World) -> None:
    key, data, product = FILES[kind]
    world.s3.upload(key, data)
    settle(world)
    [file] = world.states()
    assert (file.kind, file.status) == (kind, Status.READY)
    assert list(stored(world, PRODUCTS, generation_prefix(*place(file)))) == [product]
    assert list(stored(world, QUARANTINE, quarantine_prefix(*place(file)))) == ["rows.jsonl.gz"]
    [version] = world.versions()
    assert json.loads(version.facts or "{}")["spec"] == key.partition("/")[0]


def test_bad_rows_are_in_quarantine_with_place_and_reason(world: World) -> None:
    world.s3.upload("orders/a.txt", ORDERS)
    settle(world)
    [file] = world.states()
    quarantined = stored(world, QUARANTINE, quarantine_prefix(*place(file)))
    assert json.loads(gzip.decompress(quarantined["rows.jsonl.gz"])) == {
        "row": 2,
        "line": 3,
        "column": "quantity",
        "code": "minimum",
        "message": "'0' is less than 1",
        "raw": "2,C-0002,tea,0,3.50,2026-11-26T10:00:00Z",
    }


def test_members_of_an_archive_have_the_spec_of_the_archives_key(world: World) -> None:
    world.s3.upload("orders/2026.zip", zipped({"may.csv": ORDERS, "june/1.csv": ORDERS}))
    settle(world)
    members = [each for each in world.versions() if each.kind == "csv"]
    assert [json.loads(each.facts or "{}")["spec"] for each in members] == ["orders", "orders"]


def test_a_malformed_spec_has_files_come_again_instead_of_letting_them_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise SpecError("orders.json: a column is there twice")

    monkeypatch.setattr("lambdas.file_processing.domain.rows.csv.shipped", broken)
    world.s3.upload("orders/a", ORDERS)
    with pytest.raises(FailedError):
        settle(world)
    [file] = world.states()
    assert (file.status, stored(world, PRODUCTS, "")) == (Status.PROCESSING, {})


@pytest.mark.parametrize("kind", FILES)
def test_processing_again_gives_the_same_bytes(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, data, _ = FILES[kind]
    path = tmp_path / "content"
    path.write_bytes(data)
    process = kinds()[kind].process
    assert process
    results = []
    for moment, output in enumerate([tmp_path / "one", tmp_path / "two"], 10**9):
        monkeypatch.setattr(gzip.time, "time", lambda moment=moment: moment)  # type: ignore[attr-defined]
        output.mkdir()
        done = process(Input(path=path, name=key, kind=kind, size=len(data)), output, Limits())
        files = [(each.name, each.path.read_bytes()) for each in (*done.products, *done.quarantined)]
        results.append((done.facts, files, done.bad_rows))
    assert results[0] == results[1]
