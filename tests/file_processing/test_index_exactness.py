"""Whatever is uploaded, replaced and deleted, however often and in which order the index is told, by however many
writers at once and wherever they are killed: in the end the index is the catalog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.common.failures import UnavailableError
from lambdas.file_processing.adapters.index import writer as writers
from lambdas.file_processing.adapters.index.local import LocalCopy
from lambdas.file_processing.adapters.index.objects import IndexObjects, Written
from lambdas.file_processing.contract.tables import Status
from lambdas.file_processing.domain.segments import FEWEST
from lambdas.file_processing.ports import OvertakenError
from lambdas.file_processing.workflow import indexing
from tests.file_processing.searching import World, disk
from tests.support.fake_aws import Fault, Outside
from tests.support.schedule import Command, Worker, scheduled
from tests.support.schedules import SCHEDULES, Patch, expect_to_find, under_schedules

FILES = [f"file{number}.txt" for number in range(4)]
HOURS = 2 * 60 * 60.0
Step = tuple[str, int, Any]

changes = st.tuples(st.just("change"), st.integers(0, 3), st.sampled_from(["put", "put", "put", "remove", "reject"]))
batches = st.sampled_from([1, 1, 2, 4])
commands = st.sampled_from([*[Command.RUN] * 24, Command.KILL_BEFORE, Command.KILL_AFTER])
works = st.tuples(st.just("work"), st.integers(0, 1), st.tuples(batches, st.lists(commands, min_size=1, max_size=8)))
wholes = st.tuples(st.just("whole"), st.integers(0, 1), batches)
others = st.tuples(st.sampled_from(["twice", "throttle", "wait", "search"]), st.integers(0, 1), st.none())
schedules = st.lists(st.one_of(changes, changes, works, works, wholes, others), min_size=10, max_size=30)


class Stepped(Outside):
    """Every call waits for the schedule."""

    throttled = False

    def call(self, name: str, effect: Callable[[bool], Any]) -> Any:
        return scheduled(lambda: super(Stepped, self).call(name, effect))

    def throttle(self, _: str) -> Fault:
        throttled, self.throttled = self.throttled, False
        return Fault.THROTTLED if throttled else Fault.NONE


@dataclass
class Process:
    """A function's environment; what a killed one had on its disk the next one finds."""

    world: World
    folder: str
    writer: indexing.Indexing | None = None
    worker: Worker | None = None
    batch: list[str] = field(default_factory=list)

    def start(self, batch: list[str]) -> None:
        self.batch = batch
        writer = self.writer = self.writer or self.world.new_writer(folder=self.folder)
        self.worker = Worker(lambda: writer.agree(batch))

    def ended(self) -> list[str]:
        """Messages that come again."""
        worker, self.worker = self.worker, None
        assert worker
        if worker.error and not isinstance(worker.error, UnavailableError):
            raise worker.error
        if worker.killed:
            self.writer = None
        return self.batch if worker.killed or worker.error else []


class Run:
    """Plays one schedule."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stepped = Stepped()
        self.stepped.decide = self.stepped.throttle
        world.s3.outside = world.catalog.outside = self.stepped
        self.messages: list[str] = []
        self.processes = [Process(world, "one"), Process(world, "two")]

    def play(self, schedule: list[Step]) -> None:
        for kind, number, what in schedule:
            self.world.wait(1)
            getattr(self, kind)(number, what)
        self.stepped.throttled = False
        for number in range(len(self.processes)):
            self.end(number)
        while self.messages:
            self.whole(0, 4)

    def change(self, number: int, what: str) -> None:
        name = FILES[number]
        if what == "remove":
            self.messages.append(self.world.remove(name))
            return
        status = Status.REJECTED if what == "reject" else Status.READY
        self.messages.append(self.world.put(name, f"all word{self.world.changes % 5}", status=status))

    def start(self, number: int, most: int) -> None:
        process = self.processes[number]
        if process.worker is None and self.messages:
            process.start(self.messages[:most])
            del self.messages[:most]

    def step(self, number: int, command: Command) -> None:
        process = self.processes[number]
        if process.worker and process.worker.running:
            process.worker.step(command)
        if process.worker and not process.worker.running:
            self.messages += process.ended()

    def work(self, number: int, what: tuple[int, list[Command]]) -> None:
        """Some calls of a batch, which is begun unless there is one."""
        most, commands = what
        self.start(number, most)
        for command in commands:
            self.step(number, command)

    def whole(self, number: int, most: int) -> None:
        """A batch to its end: call by call, two commits that concern the same file are rare."""
        self.start(number, most)
        self.end(number)

    def end(self, number: int) -> None:
        while self.processes[number].worker:
            self.step(number, Command.RUN)

    def twice(self, number: int, _: None) -> None:
        self.messages = self.messages[number:] + self.messages[:number] + self.messages[:1]

    def throttle(self, _number: int, _: None) -> None:
        self.stepped.throttled = True

    def wait(self, _number: int, _: None) -> None:
        """No invocation takes hours."""
        if not any(each.worker for each in self.processes):
            self.world.wait(HOURS)

    def search(self, _number: int, _: None) -> None:
        self.stepped.throttled = False
        self.world.names("all")


def check(schedule: list[Step], segments: int = 0) -> None:
    with disk() as root:
        world = World(root)
        for number in range(segments):
            world.index(world.put(FILES[number % len(FILES)], "all"), world.put(f"rest{number}.txt", "rest"))
        Run(world).play(schedule)
        assert_agrees(world)
        world._searcher = None
        assert_agrees(world)


def assert_agrees(world: World) -> None:
    texts = world.texts()
    for word in ("all", *(f"word{number}" for number in range(5))):
        assert sorted(world.names(word)) == sorted(name for name, text in texts.items() if word in text.split())
    for name in FILES:
        assert world.names(f"name:{name}") == [name] * (name in texts)


@settings(under_schedules, max_examples=SCHEDULES)
@given(schedules)
def test_in_the_end_the_index_is_the_catalog(schedule: list[Step]) -> None:
    check(schedule)


@settings(under_schedules, max_examples=SCHEDULES // 5)
@given(schedules)
def test_it_is_where_every_other_commit_merges_all_there_is(schedule: list[Step]) -> None:
    check(schedule, segments=FEWEST - 1)


# --- deliberate faults ----------------------------------------------------------------------------------------------


def unconditional(self: IndexObjects, _: Written | None, new: Any) -> Written:
    self.client.buckets[self.bucket].pop("index/manifest.json", None)  # type: ignore[attr-defined]
    return REPLACE(self, None, new)


def catalog_first(self: indexing.Indexing, file_ids: Any) -> Any:
    files = self._files
    read = {each: files.shown(each) for each in sorted(set(file_ids))}
    self._files = Remembered(read, files)
    try:
        return AGREE(self, file_ids)
    finally:
        self._files = files


@dataclass
class Remembered:
    read: dict[str, Any]
    files: Any

    def shown(self, file_id: str) -> Any:
        return self.read[file_id]

    def text(self, key: str) -> Any:
        return self.files.text(key)


def without_removing(self: writers.IndexWriter, _: Any, added: Any) -> Any:
    return COMMIT(self, [], added)


def given_up(self: writers.IndexWriter, removed: Any, added: Any) -> Any:
    try:
        return COMMIT(self, removed, added)
    except OvertakenError:
        return self.refresh()


def read_once(self: LocalCopy) -> Any:
    return self._snapshot or REFRESH(self)


REPLACE, AGREE = IndexObjects.replace_manifest, indexing.Indexing.agree
COMMIT, REFRESH = writers.IndexWriter.commit, LocalCopy.refresh
FAULTS: dict[str, list[Patch]] = {
    "a manifest that is replaced whatever it has become": [(IndexObjects, "replace_manifest", unconditional)],
    "a catalog that is read before the index": [(indexing.Indexing, "agree", catalog_first)],
    "documents that are added to those before": [(writers.IndexWriter, "commit", without_removing)],
    "a batch that is given up when another writer was faster": [(writers.IndexWriter, "commit", given_up)],
    "a manifest that is read once": [(LocalCopy, "refresh", read_once)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_is_found(fault: str) -> None:
    expect_to_find(FAULTS[fault], schedules, check)
