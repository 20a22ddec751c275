"""People search while the index is written, merged and swept: every answer is the index as it was at one moment of the
search, and none fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.file_processing.adapters.index import writer as writers
from lambdas.file_processing.adapters.index.local import LocalCopy
from lambdas.file_processing.adapters.index.searcher import IndexSearcher
from lambdas.file_processing.domain.search import parse
from lambdas.file_processing.ports import GoneError
from tests.file_processing.searching import World, disk
from tests.support.fake_aws import Outside
from tests.support.schedule import Command, Worker, scheduled
from tests.support.schedules import SCHEDULES, Patch, expect_to_find, under_schedules

HOURS = 2 * 60 * 60.0
FILES = [f"file{number}.txt" for number in range(3)]
SEARCHERS = ("one searcher", "another")
SETTLED_BEFORE = 3
commands = st.sampled_from([*[Command.RUN] * 12, Command.KILL_BEFORE, Command.KILL_AFTER])
Step = tuple[str, int, Command]
"""Who makes how many calls, and what becomes of the last one."""
schedules = st.lists(st.tuples(st.sampled_from(["writer", *SEARCHERS]), st.integers(1, 8), commands), max_size=40)


class Stepped(Outside):
    """Every call waits for the schedule."""

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        return scheduled(lambda: super(Stepped, self).call(name, effect))


class Run:
    """One writer, which replaces three files in each batch, and two searchers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.newest = self.written = 0
        for _ in range(SETTLED_BEFORE):
            world.index(*self._batch())
            self.written = self.newest
        world.s3.outside = world.catalog.outside = Stepped()
        self.workers: dict[str, Worker] = {}
        self.copies = {name: IndexSearcher(world.new_copy(name)) for name in SEARCHERS}

    def play(self, schedule: list[Step]) -> None:
        for name, number, command in schedule:
            if name not in self.workers:
                self.workers[name] = Worker(self._searching(name) if name in SEARCHERS else self._writing())
            for each in [Command.RUN] * (number - 1) + [command]:
                if self.workers[name].running:
                    self.workers[name].step(each)
            if not self.workers[name].running:
                self._end(name)
        for name in list(self.workers):
            self.workers[name].finish()
            self._end(name)

    def _batch(self) -> list[str]:
        """Files that change all at once, an hour and more after those before."""
        self.world.wait(HOURS)
        self.newest += 1
        return [self.world.put(name, f"all of batch {self.newest}") for name in FILES]

    def _writing(self) -> Callable[[], object]:
        batch = self._batch()
        return lambda: self.world.index(*batch)

    def _searching(self, name: str) -> Callable[[], object]:
        copy, written = self.copies[name], self.written

        def search() -> None:
            found = copy.search(parse("all"), 10)
            assert sorted(hit.name for hit in found.hits) == FILES
            [text] = {hit.snippet for hit in found.hits}
            assert text in [f"all of batch {number}" for number in range(written, self.newest + 1)]

        return search

    def _end(self, name: str) -> None:
        worker = self.workers.pop(name)
        if worker.error:
            raise AssertionError(f"{name} failed: {worker.error!r}") from worker.error
        if name in SEARCHERS:
            if worker.killed:
                self.copies[name] = IndexSearcher(self.world.new_copy(name))
            return
        if worker.killed:
            self.world.restart_writer()
            self.world.index(*self.world.catalog.states)
        self.written = self.newest


def check(schedule: list[Step]) -> None:
    with disk() as root:
        Run(World(root)).play(schedule)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_every_answer_is_the_index_at_one_moment_of_the_search(schedule: list[Step]) -> None:
    check(schedule)


# --- deliberate faults ----------------------------------------------------------------------------------------------


def unsynchronised(self: LocalCopy, written: Any) -> Any:
    """Opens the files that are there, and says that they are the manifest's."""
    try:
        return TAKE(self, written)
    except GoneError:
        assert self._snapshot
        return replace(self._snapshot, written=written)


def vanished_is_fatal(self: LocalCopy) -> Any:
    known = self._snapshot
    written = self._objects.manifest(known.written if known else None)
    return known if known and known.written == written else self.take(written)


def removed_first(self: writers.IndexWriter, removed: Any, added: Any) -> Any:
    COMMIT(self, removed, [])
    return COMMIT(self, [], added)


TAKE, COMMIT = LocalCopy.take, writers.IndexWriter.commit
FAULTS: dict[str, list[Patch]] = {
    "the snapshot before, where files of the new one are gone": [(LocalCopy, "take", unsynchronised)],
    "files that vanish while they are downloaded": [(LocalCopy, "refresh", vanished_is_fatal)],
    "removing and adding by two commits": [(writers.IndexWriter, "commit", removed_first)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
