"""Staged rows become a day's sorted Parquet, in one step for readers.

Everything can be repeated, and killed anywhere: staged objects are deleted only when all of their days are in place,
and a version that is there already is no news. Compactors may run side by side: a pointer is replaced only as it was
read, so that none undoes what another one did.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lambdas.common.failures import UnavailableError
from lambdas.common.groups import groups
from lambdas.table_etl.contract import (
    COMPACT_MARGIN_SECONDS,
    ROWS_FILE,
    TOMBSTONES_FILE,
    pointer_key,
    rows_prefix,
    staged_prefix,
)
from lambdas.table_etl.domain.generations import successor
from lambdas.table_etl.domain.pipeline import Flow
from lambdas.table_etl.ports import (
    DayFiles,
    LakeObject,
    LakeObjects,
    MergeError,
    Merger,
    OvertakenError,
    Pointer,
    Staged,
)
from lambdas.table_etl.workflow.sweeping import sweep

MAX_OBJECTS = 2_000
"""Of a chunk, however small they are: they are read one after the other, at about 20 ms each."""
ATTEMPTS = 5
"""At a day, if other compactors are faster."""

Remaining = Callable[[], float]
"""Seconds that the invocation has left."""


@dataclass
class Outcome:
    """What became of the staged objects."""

    merged: int = 0
    merged_bytes: int = 0
    left: int = 0
    oldest: datetime | None = None
    """When the oldest of those that are left was written."""
    errors: list[Exception] = field(default_factory=list)
    """One for each chunk that could not be merged, and for each dataset that could not be listed or swept."""

    def count(self, chunk: Sequence[LakeObject], *, merged: bool) -> None:
        """Adds the objects of a chunk to those that were merged, or to those that are left."""
        if merged:
            self.merged += len(chunk)
            self.merged_bytes += sum(each.size for each in chunk)
        else:
            self.left += len(chunk)
            self.oldest = min([each.modified for each in chunk] + ([self.oldest] if self.oldest else []))

    @contextmanager
    def noting_errors(self) -> Iterator[None]:
        """Keeps what fails from stopping the rest."""
        try:
            yield
        except (UnavailableError, MergeError, OSError) as error:  # the last one of a full temporary directory
            self.errors.append(error)


@dataclass(frozen=True)
class Compactor:
    """Compacts the datasets of a pipeline."""

    flows: Sequence[Flow[Any]]
    objects: LakeObjects
    merger: Merger
    max_chunk_bytes: int
    grace: timedelta
    now: Callable[[], datetime]

    def run(self, remaining: Remaining) -> Outcome:
        """Merges what is staged, a chunk of each dataset in turn, as long as there is time."""
        outcome = Outcome()
        turns = deque(self._turns(flow, remaining, outcome) for flow in self.flows)
        while turns:
            turn = turns.popleft()
            with outcome.noting_errors():
                if next(turn, False):
                    turns.append(turn)
        return outcome

    def _turns(self, flow: Flow[Any], remaining: Remaining, outcome: Outcome) -> Iterator[bool]:
        """Does a chunk whenever asked to, and sweeps in the end.

        A chunk that cannot be merged is cut in two, until what is wrong with it keeps no other object waiting.
        """
        listed = self.objects.list(staged_prefix(flow.name))
        for chunk in groups(listed, lambda each: each.size, largest=self.max_chunk_bytes, most=MAX_OBJECTS):
            parts = [chunk]
            while parts:
                part, halves, merged = parts.pop(), [], False
                with outcome.noting_errors():
                    try:
                        merged = self._compact(flow, part, remaining)
                    except MergeError:
                        halves = _halves(part)
                        if not halves:
                            raise
                if not halves:
                    outcome.count(part, merged=merged)
                parts += halves
                yield True
        sweep(self.objects, flow.name, self.now() - self.grace)

    def _compact(self, flow: Flow[Any], chunk: Sequence[LakeObject], remaining: Remaining) -> bool:
        """Merges a chunk and deletes it. False if there was not enough time for all of its days."""
        if remaining() < COMPACT_MARGIN_SECONDS:
            return False
        with TemporaryDirectory() as name:
            directory = Path(name)
            numbered = [(each.key, directory / f"{number}.jsonl.gz") for number, each in enumerate(chunk)]
            # What is gone was merged by another compactor.
            files = [path for key, path in numbered if self.objects.download(key, path)]
            if files:
                with self.merger.stage(flow, files, directory) as staged:
                    for day in staged.days():
                        if remaining() < COMPACT_MARGIN_SECONDS:
                            return False
                        self._merge(flow.name, day, staged, directory)
        self.objects.delete(each.key for each in chunk)
        return True

    def _merge(self, dataset: str, day: str, staged: Staged, directory: Path) -> None:
        before, after = _files(directory / "before"), _files(directory / "after")
        for _ in range(ATTEMPTS):
            pointer = self.objects.pointer(pointer_key(dataset, day))
            if pointer and not self._fetch(pointer, before):
                continue  # replaced for so long that it has been removed: there is another one
            if not staged.merge(day, before if pointer else None, after):
                return
            try:
                self._publish(dataset, day, after, pointer)
            except OvertakenError:
                continue
            return
        raise UnavailableError(
            f"{dataset}, {day}: {ATTEMPTS} times the rows were replaced, or missing, while they were being merged; if "
            f"no other compactor runs, look whether {pointer_key(dataset, day)} names an object that exists"
        )

    def _fetch(self, pointer: Pointer, files: DayFiles) -> bool:
        tombstones = pointer.target.removesuffix(ROWS_FILE) + TOMBSTONES_FILE
        return self.objects.download(pointer.target, files.rows) and self.objects.download(tombstones, files.tombstones)

    def _publish(self, dataset: str, day: str, files: DayFiles, replaced: Pointer | None) -> None:
        """Uploads a generation under a name of its own, then lets the pointer name it."""
        current = replaced.target.split("/")[-2] if replaced else None
        prefix = rows_prefix(dataset, day, successor(current, self.now(), _digest(files)))
        self.objects.upload(files.rows, prefix + ROWS_FILE)
        self.objects.upload(files.tombstones, prefix + TOMBSTONES_FILE)
        self.objects.point(pointer_key(dataset, day), prefix + ROWS_FILE, replaced)


def _halves(chunk: list[LakeObject]) -> list[list[LakeObject]]:
    """The second one first; none of a single object."""
    middle = len(chunk) // 2
    return [chunk[middle:], chunk[:middle]] if middle else []


def _files(directory: Path) -> DayFiles:
    directory.mkdir(exist_ok=True)
    return DayFiles(directory / ROWS_FILE, directory / TOMBSTONES_FILE)


def _digest(files: DayFiles) -> str:
    digest = hashlib.sha256()
    for path in (files.rows, files.tombstones):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
