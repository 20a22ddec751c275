"""A lake in a fake S3: staging, compactors over it, and a reader that goes from pointer to rows as Athena does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import msgspec

from lambdas.table_etl.adapters.lake_objects import S3LakeObjects
from lambdas.table_etl.adapters.merger import DuckMerger
from lambdas.table_etl.contract import (
    NO_ROW,
    ROWS_FILE,
    STAGED_PREFIX,
    TOMBSTONES_FILE,
    UNDATED,
    StagedRow,
    live_version,
    pointer_key,
    staged_key,
)
from lambdas.table_etl.domain.columns import row_json
from lambdas.table_etl.domain.pipeline import Flow
from lambdas.table_etl.domain.steps import validate
from lambdas.table_etl.ports import DayFiles, Merger
from lambdas.table_etl.workflow.compacting import Compactor, Outcome
from tests.support.fake_aws import FakeS3, Outside

ARRIVED = date(2026, 11, 25)
START = datetime(2026, 11, 25, 12, tzinfo=UTC)
GRACE = timedelta(hours=2)
DAYS = ("2026-11-24", "2026-11-25")

Rows = dict[str, tuple[str, Any]]
"""By key, version and row."""


class Thing(msgspec.Struct):
    """A row."""

    place: int
    name: str


def flow(row: type[msgspec.Struct], name: str, *sort: str) -> Flow[Any]:
    """What compaction needs of a flow."""
    return Flow(name=name, steps=validate(row, version=1).sort(*sort), row=row)


THINGS = flow(Thing, "things", "place")
OTHERS = flow(Thing, "others", "place")


def staged(key: str, row: msgspec.Struct | None, number: int = 1, day: str = UNDATED) -> StagedRow:
    """A row as it is staged."""
    return StagedRow(key, live_version(str(number)), day, msgspec.Raw(row_json(row)) if row else NO_ROW)


@dataclass(frozen=True)
class Version:
    """One version of one key: the same key and version always say the same."""

    key: int
    number: int

    @property
    def staged(self) -> StagedRow:
        """Every third number is a deletion."""
        row = Thing(-self.number, f"{self.key}.{self.number}") if self.number % 3 else None
        return staged(f"k{self.key}", row, self.number, DAYS[self.key % len(DAYS)])


def fold(versions: Iterable[Version]) -> dict[str, Rows]:
    """By day, of each key the greatest version, unless it is a deletion."""
    last: dict[int, Version] = {}
    for each in sorted(versions, key=lambda each: each.number):
        last[each.key] = each
    found: dict[str, Rows] = {day: {} for day in DAYS}
    for each in last.values():
        if each.staged.row != NO_ROW:
            found[each.staged.day][each.staged.key] = each.staged.version, json.loads(bytes(each.staged.row))
    return found


@dataclass
class Lake:
    """A bucket, and compactors over it."""

    flows: Sequence[Flow[Any]] = (THINGS, OTHERS)
    outside: Outside = field(default_factory=Outside)
    merger: Merger = field(default_factory=lambda: DuckMerger(256))
    read: Callable[[bytes], list[dict[str, Any]]] = field(default_factory=lambda: parquet)
    max_chunk_bytes: int = 10**6

    def __post_init__(self) -> None:
        self.s3 = FakeS3(self.outside)
        self.s3.now = START
        self.objects = self.s3.buckets["lake"]

    def stage(self, rows: Iterable[StagedRow], name: str, dataset: str = "things") -> None:
        """Writes a staged object as the Load function does."""
        key = staged_key(dataset, ARRIVED, name)
        self.objects[key] = gzip.compress(msgspec.json.Encoder().encode_lines(list(rows)), mtime=0)
        self.s3.modified["lake", key] = self.s3.now

    def compact(self, remaining: Callable[[], float] = lambda: 900.0) -> Outcome:
        """One invocation."""
        objects = S3LakeObjects(self.s3, "lake")  # type: ignore[arg-type]
        compactor = Compactor(self.flows, objects, self.merger, self.max_chunk_bytes, GRACE, lambda: self.s3.now)
        return compactor.run(remaining)

    @property
    def staged(self) -> list[str]:
        """Keys of what waits."""
        return sorted(key for key in self.objects if key.startswith(STAGED_PREFIX))

    @property
    def rest(self) -> dict[str, bytes]:
        """All objects that are no staged ones."""
        return {key: body for key, body in self.objects.items() if not key.startswith(STAGED_PREFIX)}

    def current(self, day: str, dataset: str = "things") -> str | None:
        """Key of the rows that the pointer names."""
        pointer = self.objects.get(pointer_key(dataset, day))
        return pointer.decode().removeprefix("s3://lake/").removesuffix("\n") if pointer else None

    def listed(self, day: str, dataset: str = "things") -> list[dict[str, Any]]:
        """Rows of a day in their order; fails if the pointer names nothing."""
        key = self.current(day, dataset)
        return self.read(self.objects[key]) if key else []

    def rows(self, day: str, dataset: str = "things") -> Rows:
        """Rows of a day by key, each there once."""
        listed = self.listed(day, dataset)
        found = {each.pop("source_key"): (each.pop("source_version"), each) for each in listed}
        assert len(found) == len(listed)
        return found

    def state(self, dataset: str = "things") -> dict[str, Rows]:
        """Rows of all days."""
        return {day: self.rows(day, dataset) for day in DAYS}

    def tombstones(self, day: str) -> set[tuple[str, str]]:
        """Key and version of what is deleted, as the file beside the rows has it."""
        key = self.current(day)
        assert key
        listed = self.read(self.objects[key.removesuffix(ROWS_FILE) + TOMBSTONES_FILE])
        return {(each["source_key"], each["source_version"]) for each in listed}


def parquet(content: bytes) -> list[dict[str, Any]]:
    """Rows of a Parquet file."""
    with TemporaryDirectory() as name, duckdb.connect() as database:
        path = Path(name) / "file.parquet"
        path.write_bytes(content)
        found = database.read_parquet(str(path))
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


# --- a merger for thousands of schedules ----------------------------------------------------------------------------


@dataclass(frozen=True)
class LightStaged:
    """Versions by key."""

    versions: dict[str, StagedRow]

    def days(self) -> Sequence[str]:
        return sorted({each.day for each in self.versions.values()})

    def merge(self, day: str, before: DayFiles | None, after: DayFiles) -> bool:
        rows = light(before.rows.read_bytes()) if before else []
        gone = light(before.tombstones.read_bytes()) if before else []
        present = {each["source_key"]: each for each in [*rows, *gone]}
        newer = {
            each.key: {"source_key": each.key, "source_version": each.version, **(json.loads(bytes(each.row)) or {})}
            for each in self.versions.values()
            if each.day == day and each.version > present.get(each.key, {"source_version": ""})["source_version"]
        }
        if not newer:
            return False
        merged = [*(present | newer).values()]
        after.rows.write_text(json.dumps([each for each in merged if "place" in each]))
        after.tombstones.write_text(json.dumps([each for each in merged if "place" not in each]))
        return True


class LightMerger:
    """The `Merger` with JSON in the place of Parquet."""

    @contextmanager
    def stage(self, flow: Flow[Any], files: Sequence[Path], directory: Path) -> Iterator[LightStaged]:  # noqa: ARG002
        versions: dict[str, StagedRow] = {}
        decoder = msgspec.json.Decoder(StagedRow)
        for path in files:
            for each in decoder.decode_lines(gzip.decompress(path.read_bytes())):
                versions[each.key] = max(each, versions.get(each.key, each), key=lambda each: each.version)
        yield LightStaged(versions)


def light(content: bytes) -> list[dict[str, Any]]:
    """Rows of a file of `LightMerger`."""
    found: list[dict[str, Any]] = json.loads(content)
    return found
