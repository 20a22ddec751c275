"""What chance decides: what users do when, which message comes when and how often, and where functions are killed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.file_processing import model
from tests.file_processing.fakes import INDEX
from tests.file_processing.world import World
from tests.support.fake_aws import Fault
from tests.support.schedule import Command, Worker

KEYS = ("docs/b", "docs/b", "docs/b", "a.zip", "a.zip", "docs/folder/")
CONTENTS = (
    model.TEXT,
    model.BAD,
    model.ROWS,
    model.LOG,
    model.LOG,
    model.IMAGE,
    model.TOO_BIG,
    b"",
    model.SMALL_ARCHIVE,
    model.SMALL_ARCHIVE,
    model.ARCHIVE,
    model.BAD_ARCHIVE,
)

uploads = st.tuples(st.just("upload"), st.sampled_from(KEYS), st.integers(0, 1))
deletes = st.tuples(st.just("delete"), st.sampled_from(KEYS), st.none())
version_deletes = st.tuples(st.just("delete version"), st.sampled_from(KEYS), st.sampled_from([-1, -1, 0, 1]))
days = st.tuples(st.just("day"), st.none(), st.none())
acts = st.one_of(uploads, uploads, uploads, deletes, version_deletes, version_deletes, days)


@dataclass(frozen=True)
class Schedule:
    """What users do, and what decides on all the rest."""

    contents: tuple[bytes, bytes]
    """Of uploads: two, so that they often meet."""
    acts: list[tuple[str, Any, Any]]
    seed: int
    """Of the order in which messages come and invocations go on."""
    haste: float
    """Chance that the invocation goes on that has made a call just now: from call by call to one after the other."""
    ticks: int
    """Until everything comes to an end without further faults."""


schedules = st.builds(
    Schedule,
    contents=st.tuples(st.sampled_from(CONTENTS), st.sampled_from(CONTENTS)),
    acts=st.lists(acts, min_size=3, max_size=7),
    seed=st.integers(0, 1_000_000),
    haste=st.sampled_from([0.0, 0.5, 0.9]),
    ticks=st.sampled_from([30, 100, 200]),
)

MOST_WORKERS = 4
"""At a time."""
ENDS = [Command.RUN] * 30 + [Command.KILL_BEFORE, Command.KILL_AFTER]
FAULTS = [Fault.NONE] * 60 + [Fault.THROTTLED, Fault.NO_ANSWER, Fault.PARTIAL]
MOST_DELIVERIES = 1_000
"""A schedule ends by then, or something goes round in circles."""


@dataclass
class Run:
    """A world on which a schedule is played."""

    schedule: Schedule
    world: World = field(default_factory=World)
    workers: list[tuple[Worker, str, str]] = field(default_factory=list)
    """Each with the queue and the message that it was handed; the last one has made a call just now."""
    sent: list[tuple[str, str]] = field(default_factory=list)
    """All that was ever delivered."""

    def play(self) -> None:
        """Tick by tick; then everything comes to an end."""
        chance, acts = random.Random(self.schedule.seed), list(self.schedule.acts)
        for _ in range(self.schedule.ticks):
            what = chance.random()
            if what < 0.08 and acts:
                self._act(*acts.pop(0))
            elif what < 0.25 or not self.workers:
                self._deliver(chance)
            elif what < 0.28 and self.sent:
                self._start(*chance.choice(self.sent))
            elif what < 0.32:
                self.world.index()
            else:
                self._work(chance)
        for act in acts:
            self._act(*act)
        self.settle()

    def _act(self, what: str, key: str, how: Any) -> None:
        s3 = self.world.s3
        match what:
            case "upload":
                s3.upload(key, self.schedule.contents[how])
            case "delete":
                s3.delete(key)
            case "delete version":
                s3.delete_version(key, how)
            case "day":
                s3.now += timedelta(days=1)

    def _pending(self) -> list[tuple[str, int]]:
        return [(name, at) for name, each in self.world.sqs.queues.items() if name != INDEX for at in range(len(each))]

    def _deliver(self, chance: random.Random) -> None:
        """A message from anywhere in any queue: standard queues keep no order."""
        pending = self._pending()
        if pending and len(self.workers) < MOST_WORKERS:
            queue, at = chance.choice(pending)
            self._start(queue, self.world.sqs.queues[queue].pop(at))

    def _start(self, queue: str, body: str) -> None:
        self.sent.append((queue, body))
        self.workers.append((Worker(lambda: self.world.deliver(queue, body)), queue, body))

    def _work(self, chance: random.Random) -> None:
        """One invocation makes its next call, is killed there, or is told that it failed."""
        if chance.random() >= self.schedule.haste:
            self.workers.append(self.workers.pop(chance.randrange(len(self.workers))))
        fault = chance.choice(FAULTS)
        self.world.outside.decide = lambda _: fault
        worker = self.workers[-1][0]
        if worker.running:
            worker.step(chance.choice(ENDS))
        self.world.outside.decide = lambda _: Fault.NONE
        self._look()

    def _look(self) -> None:
        """Whoever was killed or has failed leaves its message in the queue."""
        for each in list(self.workers):
            worker, queue, body = each
            if not worker.running:
                self.workers.remove(each)
                if worker.killed or worker.error:
                    self.world.sqs.queues[queue].append(body)

    def settle(self) -> None:
        """All that are at work come to an end, and all messages are delivered, however many follow."""
        for worker, _, _ in self.workers:
            worker.finish()
        self._look()
        chance = random.Random(self.schedule.seed)
        for _ in range(MOST_DELIVERIES):
            if not self._pending():
                break
            self._deliver(chance)
            self.workers[0][0].finish()
            self._look()
        assert not self._pending(), "messages never end"
        while self.world.sqs.queues[INDEX]:
            self.world.index()
